import { compareAttributes } from '../resources/compare.ts';
import { kindOf } from '../resources/kinds.ts';
import type { DesiredResource, KindContext, RecordedResource } from '../resources/resource.ts';
import { bindsCollide } from './claims.ts';
import { excludeEachOther } from './places.ts';
import type { InstanceChange } from './plan.ts';

export type Removal = Extract<InstanceChange, { action: 'remove' }>;
export type Placement = Extract<InstanceChange, { action: 'install' | 'update' }>;

/** What must let go of a port or an exclusive thing of its host before others take it. */
export interface Release<Giver> {
  readonly giver: Giver;
  readonly takers: readonly Placement[];
}

/** Removals, and updates that give something up, on hosts where a placement takes it over. */
export function findReleases(changes: readonly InstanceChange[]): {
  readonly removals: readonly Release<Removal>[];
  readonly updates: readonly Release<Placement>[];
} {
  const removals: Release<Removal>[] = [];
  const updates: Release<Placement>[] = [];
  let placements: ReadonlyMap<string, readonly Placement[]> | null = null;
  for (const change of changes) {
    const given = givenUp(change);
    if (given === null) continue;
    placements ??= placementsByHost(changes);
    const takers = (placements.get(change.host) ?? []).filter(
      (placement) => placement !== change && takesOver(placement, given),
    );
    if (takers.length === 0) continue;
    if (change.action === 'remove') removals.push({ giver: change, takers });
    else if (change.action !== 'none') updates.push({ giver: change, takers });
  }
  return { removals, updates };
}

function placementsByHost(changes: readonly InstanceChange[]): ReadonlyMap<string, readonly Placement[]> {
  const byHost = new Map<string, Placement[]>();
  for (const change of changes) {
    if (change.action !== 'install' && change.action !== 'update') continue;
    const list = byHost.get(change.host);
    if (list === undefined) byHost.set(change.host, [change]);
    else list.push(change);
  }
  return byHost;
}

interface Given {
  readonly ports: readonly { readonly port: number; readonly bind: string }[];
  /** By record key, what state has of it. */
  readonly things: ReadonlyMap<string, RecordedResource>;
}

/** null: nothing. */
function givenUp(change: InstanceChange): Given | null {
  switch (change.action) {
    case 'install':
    case 'none':
      return null;
    case 'remove': {
      const { endpoints, resources } = change.prior;
      return { ports: endpoints, things: new Map(resources.map((thing) => [thing.key, thing])) };
    }
    case 'update': {
      const kept = change.desired.declaration.endpoints;
      const ports = change.prior.endpoints.filter(
        (was) => !kept.some(({ port, bind }) => port === was.port && bind === was.bind),
      );
      if (ports.length === 0 && change.removals.length === 0) return null;
      return { ports, things: new Map(change.removals.map(({ recorded }) => [recorded.key, recorded])) };
    }
  }
}

function takesOver(placement: Placement, { ports, things }: Given): boolean {
  const { desired, resources } = placement;
  const takesPort = desired.declaration.endpoints.some((endpoint) =>
    ports.some((held) => held.port === endpoint.port && bindsCollide(held.bind, endpoint.bind)),
  );
  if (takesPort || things.size === 0) return takesPort;
  const keys = [...things.keys()];
  return resources.some((change) => {
    if (change.action === 'none') return false;
    const { resource } = change;
    return kindOf(resource)
      .claims(resource)
      .some(({ key, exclusive }) => {
        const given = things.get(key);
        if (exclusive || given === undefined) return keys.some((other) => excludeEachOther(key, other));
        // Equal, it may as well change hands while it stays.
        return !isEqual(resource, given) && !hasAlready(placement, key);
      });
  });
}

function hasAlready(placement: Placement, key: string): boolean {
  return placement.action === 'update' && placement.prior.resources.some((resource) => resource.key === key);
}

function isEqual(resource: DesiredResource, { attributes }: RecordedResource): boolean {
  return compareAttributes(kindOf(resource).attributes(resource, NO_CONTEXT), attributes).length === 0;
}

/** Attributes of what can be shared depend on nothing but the spec. */
const NO_CONTEXT: KindContext = {
  lineage: '',
  instance: '',
  init: 'none',
  layout: { stateDir: '', secretsDir: '', instancesDir: '', confined: false },
  triggersDigest: '',
  hmac: (text) => text,
};
