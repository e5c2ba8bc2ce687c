import { runError, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Value } from '../../spec/value.ts';
import { MISSPELT } from '../import-config/engine-components.ts';

/** What was posted, by the names of the spec; all that is not of the right form is in `problems`. */
export interface PostedConfig {
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  /** JSON, without marks. */
  readonly values: ReadonlyMap<string, Value>;
  readonly problems: readonly Diagnostic[];
  readonly notes: readonly string[];
}

/** Far more than a controller works on; each is evaluated before anything is answered. */
const MOST_PLACEMENTS = 10_000;

type Names = { readonly keys: () => Iterable<string> };

/** Reads `{"components": ..., "properties": ...}`, whose names count without regard to case. */
export function readPostedConfig(posted: unknown, components: Names, variables: Names): PostedConfig {
  const problems: Diagnostic[] = [];
  const notes: string[] = [];
  const report = (summary: string, detail: string): void => void problems.push(runError(summary, detail));
  const sections = sectionsOf(posted, report);

  const hosts = new Map<string, readonly string[]>();
  for (const [key, value] of sections.components) {
    const name = nameOf(key, [...components.keys()], notes);
    const place = `components.${key}`;
    if (name === undefined)
      report(
        'Unknown component',
        `${place}: the spec has no component "${key}".${didYouMean(key, components.keys())}`,
      );
    else if (hosts.has(name)) report('Given twice', `${place}: ${name} stands there already.`);
    else hosts.set(name, hostsOf(value, place, report));
  }
  const values = new Map<string, Value>();
  for (const [key, value] of sections.properties) {
    const name = nameOf(key, [...variables.keys()], notes);
    const place = `properties.${key}`;
    if (name === undefined)
      report(
        'Unknown variable',
        `${place}: the spec has no variable "${key}".${didYouMean(key, variables.keys())}`,
      );
    else if (values.has(name)) report('Given twice', `${place}: ${name} stands there already.`);
    else values.set(name, value as Value);
  }
  const placements = [...hosts.values()].reduce((sum, placed) => sum + placed.length, 0);
  if (placements > MOST_PLACEMENTS) {
    report('Too many hosts', `components: ${placements} placements are more than ${MOST_PLACEMENTS}.`);
    hosts.clear();
  }
  return { hosts, values, problems, notes };
}

type Entries = readonly (readonly [string, unknown])[];
type Report = (summary: string, detail: string) => void;
const FORM = '{"components": {NAME: [ADDRESS]}, "properties": {NAME: VALUE}}';

function sectionsOf(
  posted: unknown,
  report: Report,
): { readonly components: Entries; readonly properties: Entries } {
  const found: { components: Entries | null; properties: Entries | null } = {
    components: null,
    properties: null,
  };
  if (!isRecord(posted)) {
    report('Not a configuration', `An object is expected: ${FORM}.`);
    return { components: [], properties: [] };
  }
  for (const [key, value] of Object.entries(posted)) {
    const name = key.toLowerCase();
    if (name !== 'components' && name !== 'properties') {
      const hint = didYouMean(name, ['components', 'properties']);
      report('Unknown name', `${key}: only "components" and "properties" are read.${hint}`);
    } else if (found[name] !== null) report('Given twice', `${key}: ${name} stands there already.`);
    else if (isRecord(value)) found[name] = Object.entries(value);
    else {
      found[name] = [];
      report('Wrong type', `${key}: an object is expected: ${FORM}.`);
    }
  }
  // Without them every component would lose its hosts, which nobody means by leaving them out.
  if (found.components === null)
    report('No components', `components: it says where every component is placed: ${FORM}.`);
  return { components: found.components ?? [], properties: found.properties ?? [] };
}

/** Exactly as the spec has it, else in another case, else as the original's documents misspell it. */
function nameOf(key: string, known: readonly string[], notes: string[]): string | undefined {
  if (known.includes(key)) return key;
  const lower = key.toLowerCase();
  const matching = known.filter((name) => name.toLowerCase() === lower);
  if (matching.length === 1) return matching[0];
  const corrected = Object.hasOwn(MISSPELT, lower) ? MISSPELT[lower] : undefined;
  if (corrected === undefined || !known.includes(corrected)) return undefined;
  notes.push(`Component "${key}" is taken for ${corrected}`);
  return corrected;
}

/** A list of addresses; one text with several of them, or none, will do. */
function hostsOf(value: unknown, place: string, report: Report): readonly string[] {
  if (value === null) return [];
  if (typeof value === 'string') return value.split(/[\s,;]+/).filter((part) => part !== '');
  if (Array.isArray(value) && value.every((host) => typeof host === 'string'))
    return value.map((host) => host.trim());
  report('Wrong type', `${place}: a list of addresses is expected: ["10.0.0.1"].`);
  return [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
