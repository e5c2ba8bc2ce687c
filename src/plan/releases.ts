import { kindOf } from '../resources/kinds.ts';
import { bindsCollide } from './claims.ts';
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
  const byHost = new Map<string, Placement[]>();
  for (const change of changes) {
    if (change.action !== 'install' && change.action !== 'update') continue;
    const list = byHost.get(change.host);
    if (list === undefined) byHost.set(change.host, [change]);
    else list.push(change);
  }
  const removals: Release<Removal>[] = [];
  const updates: Release<Placement>[] = [];
  for (const change of changes) {
    const given = givenUp(change);
    if (given === null) continue;
    const takers = (byHost.get(change.host) ?? []).filter(
      (placement) => placement !== change && takesOver(placement, given),
    );
    if (takers.length === 0) continue;
    if (change.action === 'remove') removals.push({ giver: change, takers });
    else if (change.action !== 'none') updates.push({ giver: change, takers });
  }
  return { removals, updates };
}

interface Given {
  readonly ports: readonly { readonly port: number; readonly bind: string }[];
  readonly keys: ReadonlySet<string>;
}

/** null: nothing. */
function givenUp(change: InstanceChange): Given | null {
  switch (change.action) {
    case 'install':
    case 'none':
      return null;
    case 'remove': {
      const { endpoints, resources } = change.prior;
      return { ports: endpoints, keys: new Set(resources.map((resource) => resource.key)) };
    }
    case 'update': {
      const kept = change.desired.declaration.endpoints;
      const ports = change.prior.endpoints.filter(
        (was) => !kept.some(({ port, bind }) => port === was.port && bind === was.bind),
      );
      if (ports.length === 0 && change.removals.length === 0) return null;
      return { ports, keys: new Set(change.removals.map(({ recorded }) => recorded.key)) };
    }
  }
}

function takesOver({ desired }: Placement, { ports, keys }: Given): boolean {
  const takesPort = desired.declaration.endpoints.some((endpoint) =>
    ports.some((held) => held.port === endpoint.port && bindsCollide(held.bind, endpoint.bind)),
  );
  if (takesPort || keys.size === 0) return takesPort;
  return desired.resources.some((resource) =>
    kindOf(resource)
      .claims(resource)
      .some((claim) => claim.exclusive && keys.has(claim.key)),
  );
}
