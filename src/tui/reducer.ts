import type { PlannedWork, RunEvent } from '../apply/events.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { wordActivity } from '../terminal/activity-words.ts';
import { sanitize } from '../terminal/sanitize.ts';
import type { InstanceRow, RowGroup, RowStatus, RunModel } from './run-model.ts';

/** Columns of an output line that are kept; no terminal shows more on a line. */
const LINE_LIMIT = 500;
/** Lines of output kept over all instances; log files hold the rest. */
const LINES_IN_ALL = 20_000;

/**
 * The model after a batch of events. Pure: what is given stays as it is. Copies the rows once per batch, so that the
 * cost per event does not grow with the number of instances.
 */
export function reduceRun(model: RunModel, events: readonly RunEvent[]): RunModel {
  if (events.length === 0) return model;
  const draft = new Draft(model);
  for (const event of events) draft.take(event);
  return draft.finish();
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The copy that a batch writes to; lives no longer than the batch. */
class Draft {
  readonly #model: Writable<RunModel>;
  readonly #counts: Record<RowStatus, number>;
  #rows: InstanceRow[];
  readonly #output = new Map<number, string[]>();

  constructor(before: RunModel) {
    this.#model = { ...before };
    this.#rows = [...before.rows];
    this.#counts = { ...before.counts };
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        return this.#start(event.run, event.time, event.instances);
      case 'instance-waiting':
        return this.#change(event.instance, { doing: `waits for ${event.for}` });
      case 'instance-started':
        return this.#change(event.instance, { status: 'working', startedAt: event.time, doing: '' });
      case 'instance-activity':
        return this.#change(event.instance, { doing: sanitize(wordActivity(event.activity, event.detail)) });
      case 'resource-started':
        return this.#change(event.instance, { doing: event.resource });
      case 'resource-finished':
        return;
      case 'output':
        return this.#print(event.instance, event.line);
      case 'instance-succeeded':
        return this.#change(event.instance, { status: 'done', elapsedMs: event.elapsedMs, doing: '' });
      case 'instance-failed': {
        const { elapsedMs, failure } = event;
        this.#change(event.instance, {
          status: 'failed',
          elapsedMs,
          failure,
          doing: sanitize(failure.message),
        });
        const row = this.#model.rowOf.get(event.instance);
        if (row !== undefined) this.#model.failures = [...this.#model.failures, row];
        return;
      }
      case 'instance-skipped':
        return this.#change(event.instance, { status: 'skipped', doing: event.because });
      case 'stopping':
        this.#model.stopping = event.mode;
        return;
      case 'warning':
        this.#model.warnings = [...this.#model.warnings, event.message];
        return;
      case 'run-finished': {
        const { outcome, elapsedMs, counts } = event;
        this.#model.finished = { outcome, elapsedMs, counts };
        return;
      }
      default:
        return unreachable(event);
    }
  }

  finish(): RunModel {
    const limit = tailLimit(this.#rows.length);
    for (const [at, lines] of this.#output) {
      const row = this.#rows[at];
      if (row === undefined) continue;
      const tail = [...row.tail, ...lines.slice(-limit).map((line) => sanitize(line, LINE_LIMIT))];
      this.#rows[at] = { ...row, tail: tail.length > limit ? tail.slice(-limit) : tail };
    }
    return { ...this.#model, rows: this.#rows, counts: this.#counts };
  }

  #start(run: string, time: number, instances: readonly PlannedWork[]): void {
    const { rows, groups } = grouped(instances);
    this.#rows = rows;
    this.#model.run = run;
    this.#model.startedAt = time;
    this.#model.groups = groups;
    this.#model.rowOf = new Map(rows.map((row, at) => [row.instance, at]));
    this.#counts.waiting = rows.length;
  }

  #change(instance: string, change: Partial<InstanceRow>): void {
    const at = this.#model.rowOf.get(instance);
    const row = at === undefined ? undefined : this.#rows[at];
    if (at === undefined || row === undefined) return;
    if (change.status !== undefined && change.status !== row.status) {
      this.#counts[row.status]--;
      this.#counts[change.status]++;
    }
    this.#rows[at] = { ...row, ...change };
  }

  #print(instance: string, line: string): void {
    const at = this.#model.rowOf.get(instance);
    if (at === undefined) return;
    const lines = this.#output.get(at);
    if (lines === undefined) this.#output.set(at, [line]);
    else lines.push(line);
  }
}

/** The more instances, the fewer lines of each, so that memory stays bounded. */
export function tailLimit(instances: number): number {
  return Math.max(20, Math.min(500, Math.floor(LINES_IN_ALL / Math.max(1, instances))));
}

/** Components in the order in which the plan names them first, their instances together. */
function grouped(instances: readonly PlannedWork[]): { rows: InstanceRow[]; groups: RowGroup[] } {
  const byComponent = new Map<string, InstanceRow[]>();
  for (const { instance, component, host, action } of instances) {
    const row: InstanceRow = {
      instance,
      component,
      host,
      action,
      status: 'waiting',
      startedAt: null,
      elapsedMs: null,
      doing: '',
      tail: [],
      failure: null,
    };
    const known = byComponent.get(component);
    if (known === undefined) byComponent.set(component, [row]);
    else known.push(row);
  }
  const rows: InstanceRow[] = [];
  const groups: RowGroup[] = [];
  for (const [component, members] of byComponent) {
    groups.push({ component, from: rows.length, to: rows.length + members.length });
    for (const member of members) rows.push(member);
  }
  return { rows, groups };
}
