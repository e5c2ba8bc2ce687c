import type { ClusterReport, Condition } from '../api/types.ts';

/** The worst first: what wants looking at stands on top. */
export const CONDITIONS: readonly Condition[] = [
  'failed',
  'unreachable',
  'degraded',
  'drifted',
  'stopped',
  'changing',
  'running',
];

/** How many instances are in each condition; those that nobody is in are left out. The worst first. */
export function totalsOf(
  report: Pick<ClusterReport, 'instances'>,
): readonly { readonly condition: Condition; readonly count: number }[] {
  return CONDITIONS.map((condition) => ({
    condition,
    count: report.instances.filter((instance) => instance.condition === condition).length,
  })).filter(({ count }) => count > 0);
}
