import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../src/apply/failure.ts';
import { HostError } from '../../src/host/connection.ts';

describe('what is told of work that failed', () => {
  const abort = new AbortController();
  const told = (error: unknown) => {
    const remedies = { failed: 'failed', abandoned: 'the next apply completes it', unhealthy: 'unhealthy' };
    const { message, remedy } = describeFailure(error, 'a@h', {
      abort: abort.signal,
      remedies,
      logPathOf: () => '',
    });
    return { message, remedy };
  };
  const lost = new HostError('h', 'lost', 'the connection to h broke', 'look at it');

  it('is what happened to its host', () => {
    expect(told(lost)).toEqual({ message: 'the connection to h broke', remedy: 'look at it' });
  });

  it('is what becomes of it where a second Ctrl-C gave it up, unless its host failed before', () => {
    abort.abort();
    const message = 'given up on request; what was started on the host goes on to its end';
    for (const error of [
      new HostError('h', 'cancelled', 'the work on h was given up'),
      abort.signal.reason,
    ]) {
      expect(told(error)).toEqual({ message, remedy: 'the next apply completes it' });
    }
    expect(told(lost)).toEqual({ message: 'the connection to h broke', remedy: 'look at it' });
  });
});
