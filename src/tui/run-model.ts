import type { Failure, PlannedWork, RunCounts, RunOutcome } from '../apply/events.ts';

export type RowStatus = 'waiting' | 'working' | 'done' | 'failed' | 'skipped';

/** One instance as the live view shows it. */
export interface InstanceRow {
  readonly instance: string;
  readonly component: string;
  readonly host: string;
  readonly action: PlannedWork['action'];
  readonly status: RowStatus;
  /** Milliseconds since 1970; null until it has started. */
  readonly startedAt: number | null;
  /** Set once it is over. */
  readonly elapsedMs: number | null;
  /** What it is at, why it waits, or why it was skipped. */
  readonly doing: string;
  /** The last lines of its output, safe to print. */
  readonly tail: readonly string[];
  readonly failure: Failure | null;
}

/** Rows of one component stand together: `from` up to, not including, `to`. */
export interface RowGroup {
  readonly component: string;
  readonly from: number;
  readonly to: number;
}

export type RowCounts = Readonly<Record<RowStatus, number>>;

/** A run as far as its events have told. */
export interface RunModel {
  readonly run: string;
  /** null until the run has started. */
  readonly startedAt: number | null;
  readonly rows: readonly InstanceRow[];
  readonly rowOf: ReadonlyMap<string, number>;
  readonly groups: readonly RowGroup[];
  readonly counts: RowCounts;
  /** Rows that failed, the first failure first. */
  readonly failures: readonly number[];
  readonly warnings: readonly string[];
  readonly stopping: 'graceful' | 'now' | null;
  readonly finished: {
    readonly outcome: RunOutcome;
    readonly elapsedMs: number;
    readonly counts: RunCounts;
  } | null;
}

export const EMPTY_RUN: RunModel = {
  run: '',
  startedAt: null,
  rows: [],
  rowOf: new Map(),
  groups: [],
  counts: { waiting: 0, working: 0, done: 0, failed: 0, skipped: 0 },
  failures: [],
  warnings: [],
  stopping: null,
  finished: null,
};
