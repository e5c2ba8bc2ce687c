import { alg } from '@dagrejs/graphlib';
import type { Plan } from './plan.ts';
import { buildRunGraph, type RunNode } from './run-graph.ts';
import type { StageView } from './view.ts';

/**
 * Components that change, in stages as the run will have them: dependencies are placed before their dependants; then
 * dependants are removed before their dependencies. What must release a port or a file stands before what takes it.
 */
export function applyOrder(plan: Plan): readonly StageView[] {
  const { graph, nodes } = buildRunGraph(plan);
  const levels = new Map<string, number>();
  for (const name of alg.topsort(graph)) {
    const before = (graph.predecessors(name) ?? []).map(
      (other) => (levels.get(other) ?? 0) + (isIdle(nodes.get(other)) ? 0 : 1),
    );
    levels.set(name, Math.max(0, ...before));
  }
  const stages = new Map<string, { does: RunNode['does']; level: number; components: Set<string> }>();
  for (const [name, node] of nodes) {
    if (isIdle(node)) continue;
    const level = levels.get(name) ?? 0;
    const key = `${node.does} ${level}`;
    const stage = stages.get(key) ?? { does: node.does, level, components: new Set() };
    stage.components.add(node.component);
    stages.set(key, stage);
  }
  // Removals that nothing waits for are told last.
  return [...stages.values()]
    .sort(
      (a, b) =>
        Number(a.does === 'remove') - Number(b.does === 'remove') ||
        a.level - b.level ||
        Number(a.does === 'place') - Number(b.does === 'place'),
    )
    .map(({ does, components }) => ({
      does: does === 'place' ? 'place' : 'remove',
      components: [...components].sort(),
    }));
}

function isIdle(node: RunNode | undefined): boolean {
  return node === undefined || node.changes.length === 0;
}
