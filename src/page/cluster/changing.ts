import type { ClusterReport, Run } from '../api/types.ts';

/**
 * A report in which what the run has yet to finish is `changing` unless it runs: while it is installed or removed it is neither
 * stopped nor failed.
 */
export function markChanging(report: ClusterReport | null, run: Run | null): ClusterReport | null {
  if (report === null || run?.outcome !== 'running') return report;
  const unfinished = new Set(
    run.instances.filter(({ outcome }) => outcome === 'untouched').map(({ instance }) => instance),
  );
  if (unfinished.size === 0) return report;
  return {
    ...report,
    instances: report.instances.map((instance) =>
      instance.condition !== 'running' && unfinished.has(instance.address)
        ? { ...instance, condition: 'changing' }
        : instance,
    ),
  };
}
