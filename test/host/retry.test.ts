import { describe, expect, it } from 'vitest';
import { HostError } from '../../src/host/connection.ts';
import { retry } from '../../src/host/retry.ts';

const lost = new HostError('h', 'lost', 'the connection broke');
const denied = new HostError('h', 'authentication', 'wrong key');

function failing(times: number, error: Error): { calls: number; attempt: () => Promise<string> } {
  const state = {
    calls: 0,
    attempt: async () => {
      state.calls += 1;
      if (state.calls <= times) throw error;
      return `on call ${state.calls}`;
    },
  };
  return state;
}

describe('retry', () => {
  it('tries again while that may help, with growing pauses', async () => {
    const { attempt } = failing(3, lost);
    const delays: number[] = [];
    const result = await retry(attempt, {
      attempts: 5,
      delayMs: 2,
      maxDelayMs: 5,
      onRetry: (_, __, delayMs) => delays.push(delayMs),
    });
    expect(result).toBe('on call 4');
    expect(delays).toEqual([2, 4, 5]);
  });

  it('gives the last error after so many attempts', async () => {
    const state = failing(9, lost);
    await expect(retry(state.attempt, { attempts: 3, delayMs: 1 })).rejects.toBe(lost);
    expect(state.calls).toBe(3);
  });

  it('does not try again what no time will heal', async () => {
    const state = failing(9, denied);
    await expect(retry(state.attempt, { attempts: 3, delayMs: 1 })).rejects.toBe(denied);
    expect(state.calls).toBe(1);
  });

  it('takes jitter off a pause, as a given chance says', async () => {
    const delays: number[] = [];
    await retry(failing(1, lost).attempt, {
      attempts: 2,
      delayMs: 10,
      jitter: 0.5,
      random: () => 0.5,
      onRetry: (_, __, delayMs) => delays.push(delayMs),
    });
    expect(delays).toEqual([7.5]);
  });

  it('stops in a pause when it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const waiting = retry(failing(9, lost).attempt, { attempts: 3, delayMs: 60_000, signal: abort.signal });
    setTimeout(() => abort.abort(reason), 5);
    await expect(waiting).rejects.toBe(reason);
  });
});
