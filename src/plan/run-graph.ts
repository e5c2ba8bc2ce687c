import { Graph, alg } from '@dagrejs/graphlib';
import type { Plan } from './plan.ts';
import { findReleases, type Placement, type Release, type Removal } from './releases.ts';

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
  /** What had to be taken out of its order, in words. */
  readonly gaps: readonly string[];
  /** What no order can do: an instance needs a thing that another one gives up only after it. */
  readonly deadlocks: readonly Deadlock[];
}

export interface Deadlock {
  readonly giver: Placement;
  readonly taker: Placement;
}

/** What of a plan its order follows from. */
export type Orderable = Pick<Plan, 'components' | 'changes'>;

/**
 * Order: install and update dependencies before dependants; then remove dependants before dependencies. What releases a thing
 * that a placement on the same host takes goes before it; where that contradicts the order, the release wins and the gap is
 * named.
 */
export function buildRunGraph(plan: Orderable): RunGraph {
  const placements = new Map<string, Placement[]>();
  const removals = new Map<string, Removal[]>();
  for (const change of plan.changes) {
    if (change.action === 'remove') push(removals, change.component, change);
    else if (change.action !== 'none') push(placements, change.component, change);
  }
  const releases = findReleases(plan.changes);
  const released = new Set(releases.removals.map(({ giver }) => giver.address));
  const graph = new Graph();
  const nodes = new Map<string, RunNode>();
  for (const name of plan.components.keys()) {
    addNode(graph, nodes, placeNode(name), {
      does: 'place',
      component: name,
      changes: placements.get(name) ?? [],
    });
    const ordered = (removals.get(name) ?? []).filter((removal) => !released.has(removal.address));
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
  // Who depended on something until now lets go of it before it goes.
  for (const { name, dependedOn } of plan.components.values()) {
    for (const dependency of dependedOn) {
      if (!plan.components.has(dependency)) continue;
      graph.setEdge(placeNode(name), removeNode(dependency));
      addIfAcyclic(graph, removeNode(name), removeNode(dependency));
    }
  }
  const deadlocks = addHandovers(graph, releases.updates);
  const gaps = addReleases(graph, nodes, releases.removals, plan);
  return { graph, nodes, gaps, deadlocks };
}

/** An update that gives up a port or a file goes before what takes it. */
function addHandovers(graph: Graph, handovers: readonly Release<Placement>[]): readonly Deadlock[] {
  const deadlocks: Deadlock[] = [];
  for (const { giver, takers } of handovers) {
    for (const taker of takers) {
      if (!addIfAcyclic(graph, placeNode(giver.component), placeNode(taker.component)))
        deadlocks.push({ giver, taker });
    }
  }
  return deadlocks;
}

/** A release keeps its place after its dependants where it can; where that makes a cycle, it goes without waiting. */
function addReleases(
  graph: Graph,
  nodes: Map<string, RunNode>,
  releases: readonly Release<Removal>[],
  plan: Orderable,
): readonly string[] {
  const gaps: string[] = [];
  for (const { giver, takers } of releases) {
    const node = `release ${giver.address}`;
    addNode(graph, nodes, node, { does: 'release', component: giver.component, changes: [giver] });
    for (const taker of takers) graph.setEdge(node, placeNode(taker.component));
    const dependants = [...plan.components.values()].filter(
      ({ dependsOn, dependedOn }) =>
        dependsOn.includes(giver.component) || dependedOn.includes(giver.component),
    );
    const waits = dependants.flatMap((c) => [placeNode(c.name), removeNode(c.name)]);
    for (const wait of waits) graph.setEdge(wait, node);
    if (alg.isAcyclic(graph)) continue;
    for (const wait of waits) graph.removeEdge(wait, node);
    const taker = takers[0];
    gaps.push(
      `${giver.address} is removed before ${taker?.address ?? 'its successor'} takes its place on ${giver.host}: ` +
        `until that is up, ${dependants.map((c) => c.name).join(', ')} may miss it.`,
    );
  }
  return gaps;
}

function addIfAcyclic(graph: Graph, from: string, to: string): boolean {
  if (graph.hasEdge(from, to)) return true;
  graph.setEdge(from, to);
  if (alg.isAcyclic(graph)) return true;
  graph.removeEdge(from, to);
  return false;
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
