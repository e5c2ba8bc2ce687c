import type { Plan } from './plan.ts';
import type { StageView } from './view.ts';

/**
 * Components that change, in stages: dependencies are placed before their dependants; then dependants are removed before
 * their dependencies. What must release a port or a file earlier stands among the warnings.
 */
export function applyOrder(plan: Plan): readonly StageView[] {
  const placed = new Set<string>();
  const removed = new Set<string>();
  for (const { action, component } of plan.changes) {
    if (action === 'remove') removed.add(component);
    else if (action !== 'none') placed.add(component);
  }
  const depth = depths(plan);
  const stages = (of: ReadonlySet<string>): string[][] => {
    const byDepth = new Map<number, string[]>();
    for (const name of [...of].sort()) {
      const at = depth(name);
      byDepth.set(at, [...(byDepth.get(at) ?? []), name]);
    }
    return [...byDepth].sort(([a], [b]) => a - b).map(([, names]) => names);
  };
  return [
    ...stages(placed).map((components): StageView => ({ does: 'place', components })),
    ...stages(removed)
      .reverse()
      .map((components): StageView => ({ does: 'remove', components })),
  ];
}

/** Length of the longest way from a component down to one that depends on nothing. The plan holds no cycle. */
function depths(plan: Plan): (component: string) => number {
  const known = new Map<string, number>();
  const depth = (name: string): number => {
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    known.set(name, 0);
    const own = Math.max(0, ...(plan.components.get(name)?.dependsOn ?? []).map((need) => depth(need) + 1));
    known.set(name, own);
    return own;
  };
  return depth;
}
