import { alg, type Graph } from '@dagrejs/graphlib';

/** What became of a node. */
export type NodeOutcome = 'succeeded' | 'failed' | 'skipped';

/**
 * Visits every node once all it needs have been visited, as many at once as the graph allows. A visit is told which of
 * its needs did not succeed and decides itself what that means. Requires an acyclic graph: `checkAcyclic`.
 */
export async function walk(
  graph: Graph,
  visit: (node: string, unmet: readonly string[]) => Promise<NodeOutcome>,
): Promise<ReadonlyMap<string, NodeOutcome>> {
  const outcomes = new Map<string, NodeOutcome>();
  const pending = new Map<string, Promise<NodeOutcome>>();
  for (const node of alg.topsort(graph)) {
    const needs = graph.predecessors(node) ?? [];
    const start = async (): Promise<NodeOutcome> => {
      await Promise.all(needs.flatMap((need) => pending.get(need) ?? []));
      const unmet = needs.filter((need) => outcomes.get(need) !== 'succeeded');
      const outcome = await visit(node, unmet);
      outcomes.set(node, outcome);
      return outcome;
    };
    pending.set(node, start());
  }
  await Promise.all(pending.values());
  return outcomes;
}
