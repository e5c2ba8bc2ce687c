import { apply } from '../apply/apply.ts';
import type { RunResult } from '../apply/conduct.ts';
import type { State } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { Ports } from './ports.ts';
import type { PlanRequest, PreparedPlan } from './prepare-plan.ts';
import type { LoadedProject } from './project.ts';
import { recordVersion } from './history.ts';
import { isDeployment } from './history-quota.ts';
import { recordRun, type RecordedRunRequest } from './recorded-run.ts';
import { sensitiveTexts } from './sensitive-texts.ts';

export interface RunRequest extends RecordedRunRequest {
  /** `--target` and `--exclude` as given, for the history. */
  readonly selection?: Pick<PlanRequest, 'targets' | 'excludes'>;
}

/**
 * Executes a prepared plan under the state's lock: journals it, folds the journal into the state at the end, keeps the
 * run's logs and, when it succeeded, a version of the spec.
 */
export async function runPlan(
  project: LoadedProject,
  store: Store,
  prepared: PreparedPlan,
  request: RunRequest,
  ports: Ports,
): Promise<RunResult & { readonly state: State; readonly logDirectory: string | null }> {
  const { plan, state, recovered, deployments } = prepared;
  if (isAtRest(prepared)) {
    const counts = { succeeded: 0, failed: 0, skipped: 0 };
    return { outcome: 'succeeded', counts, state, logDirectory: null };
  }
  await prepared.fetchArchives(request.stopping);
  const deploymentOf = ({ outcome }: RunResult): number | null =>
    outcome === 'succeeded' && isDeployment(plan) ? deployments + 1 : null;
  return recordRun(
    { store, state, recovered, runs: project.paths.runs, logFileNames: logFileNames(prepared) },
    request,
    ports,
    (recording) =>
      apply(plan, {
        ...recording,
        sessionOf: prepared.sessionOf,
        observations: prepared.observations,
        parallelism: prepared.parallelism,
        hmac: prepared.hmac,
        totals: { deployments: deployments + 1, instances: instancesAfter(prepared) },
        secrets: sensitiveTexts(project.variables.values()),
      }),
    (folded, result) => {
      const { cluster, specVersion } = plan;
      return { ...folded, cluster, specVersion, deployments: deploymentOf(result) ?? deployments };
    },
    async (result, warn) => {
      if (result.outcome !== 'succeeded') return;
      await recordVersion(project, prepared, { ...request, deployment: deploymentOf(result) }, ports).catch(
        (error: unknown) => warn(`this version is not kept in the history: ${String(error)}`),
      );
    },
  );
}

function instancesAfter({ plan, state }: PreparedPlan): number {
  const of = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  return state.instances.size + of('install') - of('remove');
}

/** Neither the hosts nor what state says of them would change: no journal, no new serial, no version. */
function isAtRest({ plan, state, recovered }: PreparedPlan): boolean {
  if (recovered !== null || plan.serial === 0) return false;
  if (plan.changes.some((change) => change.action !== 'none' || change.bookkeeping)) return false;
  if (plan.cluster !== state.cluster || plan.specVersion !== state.specVersion) return false;
  const text = (value: unknown): string => JSON.stringify(value);
  for (const { address, state: host } of plan.hosts.values()) {
    if (text(host) !== text(state.hosts.get(address))) return false;
  }
  for (const { name, after } of plan.components.values()) {
    if (after !== null && text(after) !== text(state.components.get(name))) return false;
  }
  return text([...plan.outputs]) === text([...state.outputs]);
}

function logFileNames(prepared: PreparedPlan): ReadonlyMap<string, string> {
  return new Map(
    prepared.plan.changes.map((change) => {
      const index = change.action === 'remove' ? change.prior.index : change.desired.declaration.index;
      return [change.address, `${change.component}_${index}`];
    }),
  );
}
