import { unreachable } from '../../../diagnostics/unreachable.ts';
import { sanitize } from '../../../terminal/sanitize.ts';
import type { RunEnd, RunEvent } from '../../api/run-types.ts';
import { indexed, type RunModel, type RunRow } from './model.ts';

/** What the stream of a run tells. */
export type RunMessage =
  | { readonly type: 'event'; readonly id: number; readonly event: RunEvent }
  | { readonly type: 'end'; readonly end: RunEnd };

/**
 * The model after a batch of messages. What is given stays as it is; rows are copied once per batch, so that the cost of an event
 * does not grow with the number of instances. Events that were taken in before are left out.
 */
export function reduceRun(model: RunModel, messages: readonly RunMessage[]): RunModel {
  if (messages.length === 0) return model;
  const draft: Draft = { model: { ...model }, rows: [...model.rows] };
  for (const message of messages) {
    if (message.type === 'end') endDraft(draft, message.end);
    else if (message.id > draft.model.lastEvent) {
      draft.model.lastEvent = message.id;
      take(draft, message.event);
    }
  }
  return { ...draft.model, ...indexed(draft.rows) };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The copy that a batch writes to; lives no longer than the batch. */
interface Draft {
  readonly model: Writable<RunModel>;
  rows: RunRow[];
}

function take(draft: Draft, event: RunEvent): void {
  const { model } = draft;
  switch (event.type) {
    case 'run-started':
      return start(draft, event);
    case 'instance-waiting':
      return change(draft, event.instance, { doing: `waits for ${event.for}` });
    case 'instance-started':
      return change(draft, event.instance, { status: 'running', startedAt: event.time, doing: '' });
    case 'instance-activity':
      return change(draft, event.instance, { doing: sanitize(wordActivity(event)) });
    case 'resource-started':
      return change(draft, event.instance, { doing: event.resource });
    // Its log holds both.
    case 'resource-finished':
    case 'output':
      return;
    case 'instance-succeeded':
      return change(draft, event.instance, { status: 'done', elapsedMs: event.elapsedMs, doing: '' });
    case 'instance-failed': {
      const { failure, elapsedMs } = event;
      change(draft, event.instance, { status: 'failed', elapsedMs, failure, doing: '' });
      const at = model.rowOf.get(event.instance);
      if (at !== undefined && !model.failures.includes(at)) model.failures = [...model.failures, at];
      return;
    }
    case 'instance-skipped':
      return change(draft, event.instance, { status: 'skipped', doing: event.because });
    case 'stopping':
      model.stopping = event.mode;
      return;
    case 'warning':
      if (!model.warnings.includes(event.message)) model.warnings = [...model.warnings, event.message];
      return;
    case 'run-finished':
      // The run still writes its state; `end` says when it is over.
      model.finishedAt = event.time;
      return;
    default:
      return unreachable(event);
  }
}

function start(draft: Draft, event: Extract<RunEvent, { type: 'run-started' }>): void {
  const known = new Map(draft.rows.map((row) => [row.instance, row]));
  draft.rows = event.instances.map(
    (planned): RunRow =>
      known.get(planned.instance) ?? {
        ...planned,
        status: 'waiting',
        startedAt: null,
        elapsedMs: null,
        doing: '',
        failure: null,
      },
  );
  draft.model.rowOf = new Map(draft.rows.map(({ instance }, at) => [instance, at]));
  draft.model.failures = draft.rows.flatMap(({ status }, at) => (status === 'failed' ? [at] : []));
  if (draft.model.outcome === 'running') draft.model.phase = 'running';
}

function change({ model, rows }: Draft, instance: string, change: Partial<RunRow>): void {
  const at = model.rowOf.get(instance);
  const row = at === undefined ? undefined : rows[at];
  if (at === undefined || row === undefined) return;
  // A run that is over is told again from its first event: what it came to is known already.
  const status = model.outcome === 'running' ? change.status : (SETTLED.get(change.status) ?? row.status);
  rows[at] = { ...row, ...change, ...(status === undefined ? {} : { status }) };
}

const SETTLED: ReadonlyMap<RunRow['status'] | undefined, RunRow['status']> = new Map([
  ['done', 'done'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
]);

function wordActivity({ activity, detail }: Extract<RunEvent, { type: 'instance-activity' }>): string {
  if (activity === 'running') return detail;
  return detail === '' ? activity : `${activity}: ${detail}`;
}

function endDraft(draft: Draft, { outcome, problem }: RunEnd): void {
  const { model } = draft;
  model.outcome = outcome;
  model.problem = problem;
  model.phase = null;
  model.stopping = null;
  draft.rows = draft.rows.map((row) =>
    row.status === 'waiting' || row.status === 'running'
      ? { ...row, status: 'untouched', doing: row.status === 'running' ? 'it was being worked on' : '' }
      : row,
  );
}
