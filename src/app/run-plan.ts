import { apply, type ApplyResult } from '../apply/apply.ts';
import type { RunEvent } from '../apply/events.ts';
import { foldJournal, pruneState } from '../state/fold.ts';
import type { State } from '../state/model.ts';
import type { Journal, JournalEntry, Store } from '../state/store.ts';
import path from 'node:path';
import type { Ports } from './ports.ts';
import type { PlanRequest, PreparedPlan } from './prepare-plan.ts';
import type { LoadedProject } from './project.ts';
import { openRunLogs } from './run-logs.ts';
import { recordVersion } from './history.ts';
import { isDeployment } from './history-quota.ts';
import { sensitiveTexts } from './sensitive-texts.ts';

export interface RunRequest {
  readonly run: string;
  /** `apply` or `destroy`, for the run's summary. */
  readonly operation: string;
  /** `--target` and `--exclude` as given, for the history. */
  readonly selection?: Pick<PlanRequest, 'targets' | 'excludes'>;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborted by the first Ctrl-C, and by the second. */
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
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
): Promise<ApplyResult & { readonly state: State; readonly logDirectory: string | null }> {
  const { plan } = prepared;
  let state = prepared.state;
  if (isAtRest(prepared)) {
    const counts = { succeeded: 0, failed: 0, skipped: 0 };
    return { outcome: 'succeeded', counts, state, logDirectory: null };
  }
  await prepared.fetchArchives(request.stopping);
  if (prepared.recovered !== null) {
    // What the journal of the killed run told becomes the state, before a journal of our own begins.
    state = { ...state, serial: state.serial + 1 };
    await store.write(state);
  }
  const startedAt = ports.clock();
  const warn = (message: string): void => request.onEvent({ type: 'warning', time: ports.clock(), message });
  const logs = await openRunLogs(path.join(project.paths.runs, request.run), logFileNames(prepared), warn);
  const entries: JournalEntry[] = [];
  const journal = remembering(await store.journal(request.run, plan.lineage), entries);
  try {
    const result = await apply(plan, {
      run: request.run,
      sessionOf: prepared.sessionOf,
      observations: prepared.observations,
      journal,
      emit(event) {
        logs.onEvent(event);
        request.onEvent(event);
      },
      clock: ports.clock,
      stopping: request.stopping,
      abort: request.abort,
      parallelism: prepared.parallelism,
      hmac: prepared.hmac,
      deployment: prepared.deployments + 1,
      logPathOf: logs.pathOf,
      secrets: sensitiveTexts(project.variables.values()),
    });
    await journal.close();
    const folded = pruneState(foldJournal(state, entries).state);
    const { cluster, specVersion } = plan;
    const deployment = result.outcome === 'succeeded' && isDeployment(plan) ? prepared.deployments + 1 : null;
    const deployments = deployment ?? prepared.deployments;
    const next: State = { ...folded, cluster, specVersion, deployments, serial: state.serial + 1 };
    await store.write(next);
    if (result.outcome === 'succeeded') {
      // What was done is done, and stands in the state.
      await recordVersion(project, prepared, { ...request, deployment }, ports).catch((error: unknown) =>
        warn(`this version is not kept in the history: ${String(error)}`),
      );
    }
    await logs.finish({
      run: request.run,
      operation: request.operation,
      owner: ports.owner,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(ports.clock()).toISOString(),
      outcome: result.outcome,
      counts: result.counts,
    });
    return { ...result, state: next, logDirectory: logs.directory };
  } catch (error) {
    await journal.close().catch(() => undefined);
    await logs.finish(null);
    throw error;
  }
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

/** Keeps what it appends, so that the state at the end needs no reading back. */
function remembering(journal: Journal, entries: JournalEntry[]): Journal {
  return {
    append(entry) {
      entries.push(entry);
      return journal.append(entry);
    },
    close: () => journal.close(),
  };
}

function logFileNames(prepared: PreparedPlan): ReadonlyMap<string, string> {
  return new Map(
    prepared.plan.changes.map((change) => {
      const index = change.action === 'remove' ? change.prior.index : change.desired.declaration.index;
      return [change.address, `${change.component}_${index}`];
    }),
  );
}
