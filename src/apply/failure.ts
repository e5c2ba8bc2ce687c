import { unreachable } from '../diagnostics/unreachable.ts';
import { HostError } from '../host/connection.ts';
import type { ScriptOutcome } from '../host/script.ts';
import type { Failure } from './events.ts';
import type { Run } from './run-context.ts';

/** Work on an instance that did not come off; what others see of it is `failure`. */
export class ChangeFailed extends Error {
  override readonly name: string = 'ChangeFailed';
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** Its host could not be reached before anything was begun there. */
export class NotReached extends ChangeFailed {
  override readonly name = 'NotReached';
}

/** Nothing new is started any more. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/** A script that ended otherwise than wanted. */
export class ScriptFailed extends Error {
  constructor(readonly outcome: Exclude<ScriptOutcome, { outcome: 'succeeded' }>) {
    super(outcome.outcome);
  }
}

/** What went wrong with the work on an instance, in words. */
export function describeFailure(
  error: unknown,
  instance: string,
  { abort, remedies, logPathOf }: Pick<Run, 'abort' | 'remedies' | 'logPathOf'>,
): Failure {
  const logPath = logPathOf(instance);
  if (error instanceof ScriptFailed) return { ...wordOutcome(error.outcome, remedies.failed), logPath };
  const bare = { resource: null, lastLines: [], logPath };
  const isOfHost = error instanceof HostError;
  if (abort.aborted && (!isOfHost || error.kind === 'cancelled')) {
    const message = 'given up on request; what was started on the host goes on to its end';
    return { ...bare, message, remedy: remedies.abandoned };
  }
  if (isOfHost) return { ...bare, message: error.message, remedy: error.remedy };
  return { ...bare, message: error instanceof Error ? error.message : String(error), remedy: '' };
}

function wordOutcome(outcome: ScriptFailed['outcome'], remedy: string): Omit<Failure, 'logPath'> {
  switch (outcome.outcome) {
    case 'failed':
      return {
        resource: outcome.step,
        message: outcome.message === '' ? `ended with code ${outcome.code}` : outcome.message,
        remedy,
        lastLines: outcome.lastLines,
      };
    case 'vanished':
      return {
        resource: outcome.step,
        message: 'its script was killed before it ended',
        remedy,
        lastLines: outcome.lastLines,
      };
    case 'fenced':
      return {
        resource: null,
        message: `the host's lock was taken over by ${outcome.holder}`,
        remedy: 'Plan again when the other run is done.',
        lastLines: [],
      };
    default:
      return unreachable(outcome);
  }
}
