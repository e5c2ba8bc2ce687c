import { Graph, alg } from '@dagrejs/graphlib';
import { kindOf } from '../resources/kinds.ts';
import { bindsCollide } from '../plan/claims.ts';
import type { InstanceChange, Plan } from '../plan/plan.ts';

type Removal = Extract<InstanceChange, { action: 'remove' }>;
type Placement = Extract<InstanceChange, { action: 'install' | 'update' }>;

/** What a node of the run graph stands for. Components are barriers: there are no edges between instances. */
export type RunNode =
  /** All installs and updates of a component, healthy. */
  | { readonly does: 'place'; readonly component: string; readonly changes: readonly Placement[] }
  /** All removals of a component that wait for its dependants to let go. */
  | { readonly does: 'remove'; readonly component: string; readonly changes: readonly Removal[] }
  /** One removal that must go first because something else takes its place on the host. */
  | { readonly does: 'release'; readonly component: string; readonly changes: readonly Removal[] };

export interface RunGraph {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<string, RunNode>;
  /** Removals that had to be taken out of their order, in words. */
  readonly gaps: readonly string[];
}

/**
 * Order: install and update dependencies before dependants; then remove dependants before dependencies. A removal that
 * releases what a placement on the same host takes goes before it; where that contradicts the order, the release wins
 * and the gap is named.
 */
export function buildRunGraph(plan: Plan): RunGraph {
  const placements = new Map<string, Placement[]>();
  const removals = new Map<string, Removal[]>();
  for (const change of plan.changes) {
    if (change.action === 'remove') push(removals, change.component, change);
    else if (change.action !== 'none') push(placements, change.component, change);
  }
  const releases = findReleases(plan);
  const graph = new Graph();
  const nodes = new Map<string, RunNode>();
  for (const name of plan.components.keys()) {
    addNode(graph, nodes, placeNode(name), {
      does: 'place',
      component: name,
      changes: placements.get(name) ?? [],
    });
    const ordered = (removals.get(name) ?? []).filter((removal) => !releases.has(removal.address));
    addNode(graph, nodes, removeNode(name), { does: 'remove', component: name, changes: ordered });
  }
  for (const { name, dependsOn } of plan.components.values()) {
    for (const dependency of dependsOn) {
      if (!plan.components.has(dependency)) continue;
      graph.setEdge(placeNode(dependency), placeNode(name));
      graph.setEdge(placeNode(name), removeNode(dependency));
      graph.setEdge(removeNode(name), removeNode(dependency));
    }
  }
  return { graph, nodes, gaps: addReleases(graph, nodes, releases, plan) };
}

/** A release keeps its place after its dependants where it can; where that makes a cycle, it goes without waiting. */
function addReleases(
  graph: Graph,
  nodes: Map<string, RunNode>,
  releases: ReadonlyMap<string, Release>,
  plan: Plan,
): readonly string[] {
  const gaps: string[] = [];
  for (const { removal, takers } of releases.values()) {
    const node = `release ${removal.address}`;
    addNode(graph, nodes, node, { does: 'release', component: removal.component, changes: [removal] });
    for (const taker of takers) graph.setEdge(node, placeNode(taker.component));
    const dependants = [...plan.components.values()].filter((c) => c.dependsOn.includes(removal.component));
    const waits = dependants.flatMap((c) => [placeNode(c.name), removeNode(c.name)]);
    for (const wait of waits) graph.setEdge(wait, node);
    if (alg.isAcyclic(graph)) continue;
    for (const wait of waits) graph.removeEdge(wait, node);
    const taker = takers[0];
    gaps.push(
      `${removal.address} is removed before ${taker?.address ?? 'its successor'} takes its place on ${removal.host}: ` +
        `until that is up, ${dependants.map((c) => c.name).join(', ')} may miss it.`,
    );
  }
  return gaps;
}

interface Release {
  readonly removal: Removal;
  readonly takers: readonly Placement[];
}

/** Removals on hosts where a placement takes over a port or an exclusive thing of theirs. */
function findReleases(plan: Plan): ReadonlyMap<string, Release> {
  const byHost = new Map<string, Placement[]>();
  for (const change of plan.changes) {
    if (change.action === 'install' || change.action === 'update') push(byHost, change.host, change);
  }
  const releases = new Map<string, Release>();
  for (const change of plan.changes) {
    if (change.action !== 'remove') continue;
    const takers = (byHost.get(change.host) ?? []).filter((placement) => takesOver(placement, change));
    if (takers.length > 0) releases.set(change.address, { removal: change, takers });
  }
  return releases;
}

function takesOver(placement: Placement, removal: Removal): boolean {
  const ports = removal.prior.endpoints;
  const takesPort = placement.desired.declaration.endpoints.some((endpoint) =>
    ports.some((held) => held.port === endpoint.port && bindsCollide(held.bind, endpoint.bind)),
  );
  if (takesPort) return true;
  const held = new Set(removal.prior.resources.map((resource) => resource.key));
  return placement.desired.resources.some((resource) =>
    kindOf(resource)
      .claims(resource)
      .some((claim) => claim.exclusive && held.has(claim.key)),
  );
}

function addNode(graph: Graph, nodes: Map<string, RunNode>, name: string, node: RunNode): void {
  graph.setNode(name);
  nodes.set(name, node);
}

const placeNode = (component: string): string => `place ${component}`;
const removeNode = (component: string): string => `remove ${component}`;

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
