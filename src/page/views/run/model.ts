import type { RunAction, RunFailure } from '../../api/run-types.ts';
import type { ProblemBody, Run, RunInstance } from '../../api/types.ts';

/** `untouched`: the run ended before its turn, or in the middle of it. */
export type RowStatus = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'untouched';

/** One instance of a run. */
export interface RunRow {
  readonly instance: string;
  readonly component: string;
  readonly host: string;
  readonly action: RunAction;
  readonly status: RowStatus;
  /** Milliseconds since 1970 by the server's clock; null: it has not begun, or nobody knows when. */
  readonly startedAt: number | null;
  readonly elapsedMs: number | null;
  /** What it is at, why it waits, or why it was skipped. */
  readonly doing: string;
  readonly failure: RowFailure | null;
}

/** Of a run whose events are gone only the message is known. */
export type RowFailure = Pick<RunFailure, 'message'> & Partial<Omit<RunFailure, 'message' | 'logPath'>>;

export type RowCounts = Readonly<Record<RowStatus, number>>;

/** A run as far as the API has told. */
export interface RunModel {
  readonly run: string;
  readonly operation: string | null;
  readonly owner: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly outcome: Run['outcome'];
  /** It can be cancelled here; null: it is over, or another process does it. */
  readonly phase: Run['phase'];
  readonly problem: ProblemBody | null;
  readonly rows: readonly RunRow[];
  readonly rowOf: ReadonlyMap<string, number>;
  readonly counts: RowCounts;
  /** Rows that failed, the first failure first. */
  readonly failures: readonly number[];
  readonly warnings: readonly string[];
  readonly stopping: 'graceful' | 'now' | null;
  /** Number of the last event that was taken in; 0: none. */
  readonly lastEvent: number;
  /** Whether there are events to follow. */
  readonly hasEvents: boolean;
}

/** The beginning of every view of a run, and what it is brought back to after a gap in its events. */
export function modelOf(answer: Run, before: RunModel | null = null): RunModel {
  const isOver = answer.outcome !== 'running';
  const rows = answer.instances.map((instance) => {
    const row = rowOf(instance, isOver);
    const known = before?.rows[before.rowOf.get(instance.instance) ?? -1];
    return known === undefined ? row : merged(row, known, isOver);
  });
  return {
    run: answer.run,
    // One that was killed cannot tell any more.
    operation: answer.operation ?? before?.operation ?? null,
    owner: answer.owner ?? before?.owner ?? null,
    startedAt: timeOf(answer.startedAt),
    finishedAt: timeOf(answer.finishedAt),
    outcome: answer.outcome,
    phase: answer.phase,
    problem: answer.problem,
    ...indexed(rows),
    failures: rows.flatMap(({ status }, at) => (status === 'failed' ? [at] : [])),
    warnings: before?.warnings ?? [],
    stopping: isOver ? null : (before?.stopping ?? null),
    lastEvent: before?.lastEvent ?? 0,
    hasEvents: answer.firstEvent !== null || answer.phase !== null,
  };
}

/** Counts and places of rows. */
export function indexed(rows: readonly RunRow[]): Pick<RunModel, 'rows' | 'rowOf' | 'counts'> {
  const counts = { waiting: 0, running: 0, done: 0, failed: 0, skipped: 0, untouched: 0 };
  for (const { status } of rows) counts[status]++;
  return { rows, counts, rowOf: new Map(rows.map(({ instance }, at) => [instance, at])) };
}

/** `nats@10.0.0.1` */
export function partsOf(instance: string): { readonly component: string; readonly host: string } {
  const at = instance.indexOf('@');
  return at < 0
    ? { component: instance, host: '' }
    : { component: instance.slice(0, at), host: instance.slice(at + 1) };
}

/** Whether nothing more will come of it. */
export function isOver({ outcome }: RunModel): boolean {
  return outcome !== 'running';
}

/** Milliseconds so far, or in all; null: nobody knows. `now` by the server's clock. */
export function elapsedOf({ startedAt, finishedAt }: RunModel, now: number, over: boolean): number | null {
  if (startedAt === null) return null;
  if (over) return finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
  return Math.max(0, now - startedAt);
}

/** In one sentence, for those who do not see it. */
export function wordProgress(model: RunModel): string {
  const { counts, rows } = model;
  if (model.phase === 'preparing') return 'The run is being prepared';
  const settled = counts.done + counts.failed + counts.skipped;
  const parts = [
    `${settled} of ${rows.length} done`,
    ...(counts.running > 0 ? [`${counts.running} running`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ];
  return isOver(model) ? `Run ${OUTCOMES[model.outcome]}: ${parts.join(', ')}` : parts.join(', ');
}

export const OUTCOMES: Readonly<Record<Run['outcome'], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  interrupted: 'was ended before its end',
  broken: 'was killed in the middle',
  running: 'goes on',
  refused: 'did not begin',
};

function rowOf({ instance, action, outcome, elapsedMs, why }: RunInstance, isOver: boolean): RunRow {
  return {
    instance,
    ...partsOf(instance),
    action,
    status: STATUS[outcome] ?? (isOver ? 'untouched' : 'waiting'),
    startedAt: null,
    elapsedMs,
    doing: outcome === 'skipped' ? (why ?? '') : '',
    failure: outcome === 'failed' ? { message: why ?? 'Nobody knows why: its log may tell.' } : null,
  };
}

const STATUS: Readonly<Record<RunInstance['outcome'], RowStatus | null>> = {
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
  untouched: null,
};

/** What events told and the answer does not say: what it is at, and all of a failure. */
function merged(row: RunRow, known: RunRow, isOver: boolean): RunRow {
  if (row.status === 'waiting' && known.status === 'running')
    return { ...row, status: 'running', startedAt: known.startedAt, doing: known.doing };
  return {
    ...row,
    startedAt: known.startedAt,
    failure: row.status === 'failed' ? (known.failure ?? row.failure) : null,
    doing: isOver ? row.doing : row.doing === '' ? known.doing : row.doing,
  };
}

function timeOf(iso: string | null): number | null {
  if (iso === null) return null;
  const time = Date.parse(iso);
  return Number.isNaN(time) ? null : time;
}
