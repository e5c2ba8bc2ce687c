import { setMaxListeners } from 'node:events';
import { throwOnErrors } from '../diagnostics/diagnostic.ts';
import { planView, type PlanView } from '../plan/view.ts';
import type { LockInfo, Store } from '../state/store.ts';
import { refuseStale, type PlanFile } from './plan-file.ts';
import { preparePlan, type PlanRequest, type PreparedPlan } from './prepare-plan.ts';
import type { Ports } from './ports.ts';
import type { LoadedProject } from './project.ts';
import { runPlan } from './run-plan.ts';
import type { RecordedRunRequest } from './recorded-run.ts';

export interface ChangeRequest extends Omit<PlanRequest, 'signal'> {
  /** For locks, runs and history: `apply`, `rollback to 3`. */
  readonly operation: string;
  readonly lockTimeoutMs: number;
  /** Ends the waiting for the lock and the asking of hosts. */
  readonly stopping: AbortSignal;
  readonly onWait?: (holder: LockInfo) => void;
  /** A plan that was shown before: refused when anything has changed since. */
  readonly shown?: Pick<PlanFile, 'view' | 'digest'>;
}

/** A plan that is ready to be carried out, under the state's lock; `close` must be called whatever happens. */
export interface PreparedChange {
  readonly view: PlanView;
  readonly diagnostics: PreparedPlan['diagnostics'];
  /** Throws `DiagnosticsError` when there are errors among the diagnostics. */
  readonly run: (request: Omit<RecordedRunRequest, 'run' | 'operation'>) => ReturnType<typeof runPlan>;
  readonly close: () => Promise<void>;
}

/** Takes the state's lock and plans: what apply, destroy and rollback have in common, wherever they are asked for. */
export async function prepareChange(
  project: LoadedProject,
  store: Store,
  request: ChangeRequest,
  ports: Ports,
): Promise<PreparedChange> {
  const { run, operation, lockTimeoutMs, stopping, onWait, shown } = request;
  const lock = await store.lock(
    { run, operation, owner: ports.owner },
    { timeoutMs: lockTimeoutMs, signal: stopping, ...(onWait === undefined ? {} : { onWait }) },
  );
  let prepared: PreparedPlan | null = null;
  // The first Ctrl-C ends the asking of hosts. In a run it does not: what is in flight is followed to its end.
  const giveUp = new AbortController();
  // Every host listens.
  setMaxListeners(0, giveUp.signal);
  const giveUpAsking = (): void => giveUp.abort(stopping.reason);
  if (stopping.aborted) giveUpAsking();
  else stopping.addEventListener('abort', giveUpAsking, { once: true });
  const close = async (): Promise<void> => {
    stopping.removeEventListener('abort', giveUpAsking);
    await prepared?.close();
    await lock.release();
  };
  try {
    const made = await preparePlan(project, store, { ...request, signal: giveUp.signal }, ports);
    prepared = made;
    const view = planView(made.plan, made.diagnostics);
    if (shown !== undefined) refuseStale(shown, view);
    return {
      view,
      diagnostics: made.diagnostics,
      async run(recorded) {
        throwOnErrors(made.diagnostics);
        const { abort } = recorded;
        stopping.removeEventListener('abort', giveUpAsking);
        abort.addEventListener('abort', () => giveUp.abort(abort.reason), { once: true });
        return runPlan(project, store, made, { ...recorded, run, operation, selection: request }, ports);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
