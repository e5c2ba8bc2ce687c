import { effectiveConfig } from '../../app/override/effective-config.ts';
import { readOverrideText } from '../../app/override/override-file.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import { DiagnosticsError, firstError } from '../../diagnostics/diagnostic.ts';
import { canonicalAddress } from '../../spec/address.ts';
import type { State } from '../../state/model.ts';
import { storedState } from '../api/known.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { Meant } from './engine-body.ts';

/** Clients ask for the status again and again: reading the spec each time would be most of the work. */
const FRESH_MS = 1_000;

/** A component on a host: installed there, or wanted there by the spec. */
export interface Placement {
  readonly component: string;
  readonly host: string;
  readonly isInstalled: boolean;
}

export interface Placements {
  /** null: nothing was deployed yet. */
  readonly state: State | null;
  /** By component, then as they are numbered. */
  readonly all: readonly Placement[];
}

export interface PlacementsReader {
  /** Where components are and shall be. Rejects with `HttpError` 403 while there is no configuration, 500 when it is damaged. */
  readonly read: () => Promise<Placements>;
}

/** Reads the spec once for all who ask within a second, unless something else lies over it meanwhile. */
export function placementsReader(use: ServerUseCases): PlacementsReader {
  let last: {
    readonly atMs: number;
    readonly override: string | null;
    readonly wanted: Promise<readonly Placement[]>;
  } | null = null;
  const wanted = (override: string | null): Promise<readonly Placement[]> => {
    if (last === null || last.override !== override || performance.now() - last.atMs > FRESH_MS)
      last = { atMs: performance.now(), override, wanted: wantedPlacements(use) };
    return last.wanted;
  };
  const read = async (): Promise<Placements> => {
    const state = await storedState(use);
    const installed = [...(state?.instances.values() ?? [])]
      .sort((a, b) => a.index - b.index)
      .map(({ component, host }): Placement => ({ component, host, isInstalled: true }));
    const known = new Set(installed.map(keyOf));
    const override = await readOverrideText(use.directory).catch(() => null);
    const added = await wanted(override).catch((error: unknown) => {
      // What is installed can be told whatever is wrong in the spec.
      if (error instanceof DiagnosticsError && installed.length > 0) return [];
      throw damaged(error);
    });
    const all = [...installed, ...added.filter((placement) => !known.has(keyOf(placement)))];
    const compare = new Intl.Collator('en', { numeric: true }).compare;
    all.sort((a, b) => compare(a.component, b.component));
    if (all.length === 0 && override === null)
      throw new HttpError(
        403,
        'There is no configuration yet',
        'No component is placed anywhere: POST /deployment-engine/config first.',
      );
    return { state, all };
  };
  return { read };
}

/** The placements that are meant. Throws `HttpError` 400 when component and address do not belong together. */
export function selectPlacements({ all }: Placements, meant: Meant): readonly Placement[] {
  if (meant === 'all') return all;
  const { component, ip } = meant;
  const host = canonicalAddress(ip);
  const ofComponent = all.filter((placement) => placement.component === component);
  const found = ofComponent.filter((placement) => placement.host === host);
  if (found.length > 0) return found;
  const names = new Set(all.map((placement) => placement.component));
  const detail =
    ofComponent.length === 0
      ? `No component ${JSON.stringify(component)} is placed anywhere.${didYouMean(component, names)}`
      : `${component} is on ${ofComponent.map((placement) => placement.host).join(', ')}.`;
  throw new HttpError(400, 'Component and IP do not match', detail);
}

/** An error of the spec, where nobody has just posted it: what the controller keeps is damaged. */
export function damaged(error: unknown): unknown {
  if (!(error instanceof DiagnosticsError)) return error;
  const { diagnostics } = error;
  const first = firstError(diagnostics);
  return new HttpError(
    500,
    'The files of this controller cannot be used',
    first === undefined ? undefined : `${first.summary}: ${first.detail}`,
    { diagnostics },
  );
}

async function wantedPlacements({
  directory,
  variables,
  ports,
}: ServerUseCases): Promise<readonly Placement[]> {
  const { components } = await effectiveConfig({ directory, variables, ports });
  return Object.entries(components).flatMap(([component, hosts]) =>
    hosts.map((host): Placement => ({ component, host, isInstalled: false })),
  );
}

function keyOf({ component, host }: Placement): string {
  return `${component}@${host}`;
}
