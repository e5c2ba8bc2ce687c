import type { Connection } from './connection.ts';

/** What a check looks at; addresses are as seen from the host. The same shape as the spec's `CheckTarget`. */
export type CheckTarget =
  | { readonly type: 'tcp'; readonly address: string; readonly port: number }
  /** Healthy is the given status, or any of 2xx and 3xx. */
  | { readonly type: 'http'; readonly url: string; readonly status: number | null }
  /** Healthy is exit code 0. */
  | { readonly type: 'command'; readonly command: string };

export type CheckResult =
  { readonly healthy: true } | { readonly healthy: false; /** In a sentence. */ readonly why: string };

export interface CheckOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One look at the target. Rejects only when the connection to the host itself fails, or the signal aborts. */
export function runCheck(
  _connection: Connection,
  _target: CheckTarget,
  _options: CheckOptions,
): Promise<CheckResult> {
  throw new Error('not written yet');
}

export interface AwaitHealthyOptions {
  /** Longest pause between two looks; the first pauses are short (from 30 ms on). */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Told of every look that failed. */
  readonly onUnhealthy?: (why: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks until the target is healthy or the time is over; then the last reason is the result.
 * `connect` gives the open connection, or a new one after a loss (`session.connection`).
 */
export function awaitHealthy(
  _connect: () => Promise<Connection>,
  _target: CheckTarget,
  _options: AwaitHealthyOptions,
): Promise<CheckResult> {
  throw new Error('not written yet');
}
