import { runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cluster } from '../spec/model.ts';

/** What counts when it succeeds: a run that makes the hosts as a spec wants them and has something to do for it. */
export function isDeployment({ mode, changes }: Plan): boolean {
  return mode === 'apply' && changes.some((change) => change.action !== 'none');
}

/** An error when the plan would be one deployment more than `max_deployments` allows. */
export function quotaProblems(
  cluster: Cluster | null,
  plan: Plan,
  deployments: number,
): readonly Diagnostic[] {
  const quota = cluster?.maxDeployments ?? null;
  if (quota === null || deployments < quota || !isDeployment(plan)) return [];
  return [
    runError(
      'The quota of deployments is used up',
      `max_deployments is ${quota}, and ${deployments} ${deployments === 1 ? 'deployment' : 'deployments'} of this cluster succeeded. Raise it in the cluster block to go on; slipway destroy is always allowed.`,
    ),
  ];
}
