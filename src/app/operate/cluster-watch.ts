import type { ClusterReport } from './cluster-report.ts';

/** Where a live view of the cluster takes what it shows from. It asks; nothing is pushed at it. */
export interface ClusterSource {
  /** Between the end of one look and the start of the next. */
  readonly intervalMs: number;
  /**
   * One look at the selected instances; `previous` is the last that came off. Rejects when there can be none at all (a
   * damaged state); a host that does not answer is a row of the report. The view has one look at a time.
   */
  readonly look: (previous: ClusterReport | null, signal: AbortSignal) => Promise<ClusterReport>;
  /** The last lines of an instance's logs and those that come, until the signal; null: it has no logs. */
  readonly logLines: (instance: string, signal: AbortSignal) => AsyncIterable<string> | null;
  /** The run that last changed an instance; null: nothing is kept of it. */
  readonly lastRun: (instance: string) => Promise<LastRun | null>;
}

export interface LastRun {
  readonly run: string;
  /** `apply`, `destroy`, `restart` */
  readonly operation: string;
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** null: it was killed. */
  readonly finishedAt: number | null;
  readonly outcome: 'succeeded' | 'failed' | 'interrupted' | null;
  /** Of this instance; null: nothing is kept. */
  readonly logPath: string | null;
}
