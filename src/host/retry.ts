import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from './connection.ts';

export interface RetryOptions {
  /** How often `attempt` is called at most; Infinity: until `when` says no. */
  readonly attempts: number;
  /** Pause before the second attempt. */
  readonly delayMs: number;
  /** Each pause is so many times as long as the one before. Default 2. */
  readonly factor?: number;
  /** No pause is longer. Default: no limit. */
  readonly maxDelayMs?: number;
  /** Share of a pause, 0 to 1, that `random` may take off it, so that many hosts do not come back at once. Default 0. */
  readonly jitter?: number;
  /** Gives numbers from 0 to 1; asked only when `jitter` is set. Default `Math.random`. */
  readonly random?: () => number;
  /** Whether this error is worth another attempt. Default `isTransient`. */
  readonly when?: (error: unknown) => boolean;
  /** Told before each pause. `attempt` counts the failed ones from 1. */
  readonly onRetry?: (error: Error, attempt: number, delayMs: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Whether an error says of itself that trying again later may help. */
export function isTransient(error: unknown): boolean {
  return error instanceof HostError && error.transient;
}

/** Calls `attempt` until it succeeds; rejects with its last error, or with the signal's reason once aborted. */
export async function retry<T>(attempt: (number: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, factor = 2, maxDelayMs = Infinity, jitter = 0, random = Math.random, signal } = options;
  const when = options.when ?? isTransient;
  let pauseMs = options.delayMs;
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      signal?.throwIfAborted();
      if (number >= attempts || !when(error)) throw error;
      const delayMs = jitter > 0 ? pauseMs * (1 - jitter * random()) : pauseMs;
      options.onRetry?.(error instanceof Error ? error : new Error(String(error)), number, delayMs);
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
      pauseMs = Math.min(pauseMs * factor, maxDelayMs);
    }
  }
}
