import { createSemaphore } from '../../apply/semaphore.ts';
import { HostError, type Connection, type HostErrorKind } from '../../host/connection.ts';
import type { OpenCluster } from './open-cluster.ts';

/** Why something could not be done on a host, or not to its end. */
export interface HostFailure {
  readonly kind: HostErrorKind | 'settings';
  /** A sentence. */
  readonly message: string;
  /** '' where there is none. */
  readonly remedy: string;
}

/** What came of a host: a value, or the reason why there is none. */
export type HostOutcome<T> = { readonly host: string; readonly elapsedMs: number } & (
  { readonly value: T; readonly failure: null } | { readonly value: null; readonly failure: HostFailure }
);

/** The part of a cluster that leads to its hosts. */
export type HostAccess = Pick<OpenCluster, 'problems' | 'sessionOf'>;

export interface EachHostOptions {
  readonly parallelism: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Does the same on many hosts, so many at a time. A host that is down or is lost meanwhile is an outcome, and the others go
 * on; a fault of ours rejects. Outcomes come in the order of the hosts.
 */
export async function onEachHost<T>(
  cluster: HostAccess,
  hosts: readonly string[],
  { parallelism, signal, clock }: EachHostOptions,
  work: (connection: Connection) => Promise<T>,
  onOutcome: (outcome: HostOutcome<T>) => void = () => undefined,
): Promise<readonly HostOutcome<T>[]> {
  const semaphore = createSemaphore(parallelism);
  const onHost = async (host: string): Promise<HostOutcome<T>> => {
    const startMs = clock();
    try {
      const missing = cluster.problems.find((problem) => problem.host === host);
      if (missing !== undefined) {
        const { summary, detail } = missing.diagnostic;
        const failure = { kind: 'settings', message: summary, remedy: detail } as const;
        return { host, elapsedMs: 0, value: null, failure };
      }
      if (signal.aborted) throw new HostError(host, 'cancelled', 'interrupted before it began');
      const value = await work(await cluster.sessionOf(host).connection());
      return { host, elapsedMs: clock() - startMs, value, failure: null };
    } catch (error) {
      const failure = failureOf(error, signal);
      if (failure === null) throw error;
      return { host, elapsedMs: clock() - startMs, value: null, failure };
    }
  };
  return Promise.all(
    hosts.map((host) =>
      semaphore.run(async () => {
        const outcome = await onHost(host);
        onOutcome(outcome);
        return outcome;
      }),
    ),
  );
}

function failureOf(error: unknown, signal: AbortSignal): HostFailure | null {
  if (error instanceof HostError) {
    const { kind, message, remedy } = error;
    return { kind, message: kind === 'cancelled' ? 'interrupted' : message, remedy };
  }
  if (signal.aborted && error === signal.reason)
    return { kind: 'cancelled', message: 'interrupted', remedy: '' };
  return null;
}
