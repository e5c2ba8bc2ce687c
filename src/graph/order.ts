import { Graph } from '@dagrejs/graphlib';

/** Edges by node: what each needs before it. */
export type Needs = ReadonlyMap<string, Iterable<string>>;

/**
 * Nodes with what they need before them first; among equals in the order of `needs`. Every strongly connected part is
 * reported once by its shortest cycle, as `[a, b, a]`; its nodes and those that need them are left out of `order`.
 */
export function orderByNeeds(needs: Needs): { order: string[]; cycles: string[][] } {
  const graph = toGraph(needs);
  const waiting = new Map<string, number>();
  const ready: string[] = [];
  for (const node of graph.nodes()) {
    const count = graph.predecessors(node)?.length ?? 0;
    waiting.set(node, count);
    if (count === 0) ready.push(node);
  }
  // Kahn's walk: graphlib's own topsort recurses and overflows the stack on long chains.
  for (let i = 0; i < ready.length; i++) {
    for (const next of graph.successors(ready[i]!) ?? []) {
      const left = waiting.get(next)! - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  const left = new Set([...waiting].filter(([, count]) => count > 0).map(([node]) => node));
  return { order: ready, cycles: findCycles(graph, left) };
}

/** An edge leads from what is needed to what needs it. */
function toGraph(needs: Needs): Graph {
  const graph = new Graph();
  for (const node of needs.keys()) graph.setNode(node);
  for (const [node, needed] of needs) for (const other of needed) graph.setEdge(other, node);
  return graph;
}

function findCycles(graph: Graph, left: Set<string>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  for (const node of left) {
    if (done.has(node)) continue;
    const cycle = shortestCycle(graph, node, left);
    if (!cycle || cycle.some((member) => done.has(member))) continue;
    cycles.push(cycle);
    for (const member of cycle) done.add(member);
  }
  return cycles;
}

/** The shortest way from a node over what it needs back to itself. */
function shortestCycle(graph: Graph, start: string, within: Set<string>): string[] | undefined {
  const from = new Map<string, string>();
  const queue = [start];
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!;
    for (const needed of graph.predecessors(node) ?? []) {
      if (needed === start) return [start, ...wayBack(from, node, start)].concat(start);
      if (!within.has(needed) || from.has(needed)) continue;
      from.set(needed, node);
      queue.push(needed);
    }
  }
  return undefined;
}

function wayBack(from: ReadonlyMap<string, string>, node: string, start: string): string[] {
  const way: string[] = [];
  for (let at = node; at !== start; at = from.get(at)!) way.unshift(at);
  return way;
}
