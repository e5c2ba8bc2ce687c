import type { KeptRun } from '../../app/operate/runs.ts';
import type { RunInstance } from '../../app/run-logs.ts';
import type { RunEnd } from '../../app/serve/run-desk.ts';
import type { RunCounts } from '../../apply/events.ts';
import type { RunAnswer, RunsAnswer, RunStarted } from './answers.ts';
import { list, number, object, oneOf, orNull, ref, text, whole, type JsonSchema } from './schema.ts';

const kept = {
  run: text('`20261120T101530-4f2a`'),
  operation: orNull(text(), '`apply`, `destroy`, `rollback to 3`, `start`, `stop`, `restart`'),
  owner: orNull(text(), '`user@machine`'),
  startedAt: orNull(text(), 'ISO 8601'),
  finishedAt: orNull(text(), 'ISO 8601; null: it goes on, or nobody knows.'),
  counts: orNull(ref('RunCounts')),
};
const OUTCOMES = ['succeeded', 'failed', 'interrupted', 'broken', 'running'];

/** Runs, and what they tell while they go on. */
export const RUN_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  RunStarted: object<RunStarted>({ run: text('Id of the run.') }),
  Runs: object<RunsAnswer>({
    current: orNull(text(), 'The run that goes on in this server.'),
    runs: list(ref('RunSummary'), 'The newest first.'),
  }),
  RunSummary: object<KeptRun>({
    ...kept,
    outcome: oneOf(OUTCOMES, '`broken`: it was killed, or failed before its end.'),
  }),
  Run: object<RunAnswer>({
    ...kept,
    outcome: oneOf([...OUTCOMES, 'refused'], '`refused`: it never began, `problem` says why.'),
    phase: orNull(
      oneOf(['preparing', 'running']),
      'It goes on in this server and can be cancelled; null: it does not.',
    ),
    firstEvent: orNull(whole(), 'Number of the oldest event that is kept; null: none are.'),
    problem: orNull(ref('Problem'), 'Why it broke off, or never began.'),
    instances: list(ref('RunInstance')),
  }),
  RunInstance: object<RunInstance>({
    instance: text(),
    action: oneOf(['install', 'update', 'remove', 'start', 'stop', 'restart']),
    outcome: oneOf(
      ['succeeded', 'failed', 'skipped', 'untouched'],
      '`untouched`: its turn has not come, or it is being worked on.',
    ),
    elapsedMs: orNull(number()),
    why: orNull(text(), 'Why it failed or was skipped.'),
    log: text('Name of its log.'),
  }),
  RunCounts: object<RunCounts>({ succeeded: whole(), failed: whole(), skipped: whole() }),
  RunEvent: {
    description: 'The data of an event; more fields by type, as `slipway apply --json` prints them.',
    type: 'object',
    properties: {
      type: oneOf([
        'run-started',
        'instance-waiting',
        'instance-started',
        'instance-activity',
        'resource-started',
        'resource-finished',
        'output',
        'instance-succeeded',
        'instance-failed',
        'instance-skipped',
        'stopping',
        'warning',
        'run-finished',
      ]),
      time: whole('Milliseconds since 1970.'),
      instance: text(),
    },
    required: ['type', 'time'],
  },
  RunEnd: object<RunEnd>(
    {
      run: text(),
      outcome: oneOf(['succeeded', 'failed', 'interrupted', 'refused']),
      counts: ref('RunCounts'),
      problem: orNull(ref('Problem'), 'What broke it off.'),
    },
    'The data of the event `end`, the last one of a stream.',
  ),
};
