import { runPower } from '../../apply/power.ts';
import { HostError } from '../../host/connection.ts';
import type { HostSession } from '../../host/session.ts';
import { planPower, type PowerPlan } from '../../plan/power-plan.ts';
import type { PowerAction } from '../../resources/service-power.ts';
import { openStore } from '../locate-state.ts';
import type { Ports } from '../ports.ts';
import { recordRun, type RecordedRun, type RecordedRunRequest } from '../recorded-run.ts';
import { selectInstances } from '../state-commands.ts';
import { openCluster, type ClusterRequest, type OpenCluster } from './open-cluster.ts';
import type { LockInfo } from '../../state/store.ts';

export interface PowerRequest extends ClusterRequest {
  readonly action: PowerAction;
  /** `nats`, `nats@10.0.0.1`, `@10.0.0.1`; none: the whole cluster. */
  readonly selectors: readonly string[];
  readonly lockTimeoutMs: number;
  /** Ends the waiting for the lock. */
  readonly stopping: AbortSignal;
  readonly onWait?: (holder: LockInfo) => void;
}

/** A start, stop or restart that is ready to go, under the state's lock; `close` must be called whatever happens. */
export interface PreparedPower {
  readonly plan: PowerPlan;
  readonly run: (request: RecordedRunRequest, parallelism: number) => Promise<RecordedRun>;
  readonly close: () => Promise<void>;
}

/**
 * Takes the state's lock and plans. Connects to nothing yet. Throws `DiagnosticsError` when there is no state or a selector
 * names nothing, `StateError` when the state is locked or damaged.
 */
export async function preparePower(
  directory: string,
  request: PowerRequest,
  ports: Ports,
): Promise<PreparedPower> {
  const { run, action, selectors, lockTimeoutMs, stopping, onWait } = request;
  const store = await openStore(directory, ports);
  const lock = await store.lock(
    { run, operation: action, owner: ports.owner },
    { timeoutMs: lockTimeoutMs, signal: stopping, ...(onWait === undefined ? {} : { onWait }) },
  );
  let cluster: OpenCluster | null = null;
  const close = async (): Promise<void> => {
    await cluster?.close();
    await lock.release();
  };
  try {
    const opened = await openCluster(directory, request, ports);
    cluster = opened;
    const { state, recovered, paths } = opened;
    const plan = planPower(state, action, selectInstances(state, selectors));
    const logFileNames = new Map(
      [...state.instances.values()].map(({ address, component, index }) => [
        address,
        `${component}_${index}`,
      ]),
    );
    return {
      plan,
      run: (recorded, parallelism) =>
        recordRun({ store, state, recovered, runs: paths.runs, logFileNames }, recorded, ports, (recording) =>
          runPower(plan, {
            ...recording,
            sessionOf: sessionsOf(opened),
            parallelism,
            secrets: opened.secrets,
          }),
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A host that lacks a setting fails for itself, like one that is down. */
function sessionsOf({ problems, sessionOf }: OpenCluster): (host: string) => HostSession {
  return (host) => {
    const problem = problems.find((known) => known.host === host);
    if (problem === undefined) return sessionOf(host);
    const { summary, detail } = problem.diagnostic;
    const refuse = () => Promise.reject(new HostError(host, 'authentication', `${summary}.`, detail));
    const close = () => Promise.resolve();
    return { host, connection: refuse, probe: refuse, run: refuse, adopt: refuse, close };
  };
}
