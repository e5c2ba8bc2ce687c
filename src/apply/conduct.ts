import type { HostSession } from '../host/session.ts';
import type { Journal } from '../state/store.ts';
import type { Tally } from './batch.ts';
import type { PlannedWork, RunCounts, RunEvent, RunOutcome } from './events.ts';
import type { Progress } from './run-context.ts';

/** What any run needs from outside. */
export interface RunDependencies {
  readonly run: string;
  /** One session per host of the run; the caller closes them. */
  readonly sessionOf: (host: string) => HostSession;
  readonly journal: Journal;
  readonly emit: (event: RunEvent) => void;
  readonly clock: () => number;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  /** Hosts worked on at the same time. */
  readonly parallelism: number;
  readonly logPathOf: (instance: string) => string;
  /** Sensitive texts that must not be passed on when a host prints them. */
  readonly secrets?: readonly string[];
}

export interface RunResult {
  readonly outcome: RunOutcome;
  readonly counts: RunCounts;
}

/** Begins a run, has `body` do it, and ends it: with its events, and what came of it. */
export async function conductRun(
  work: readonly PlannedWork[],
  { run, clock, emit, stopping, abort }: RunDependencies,
  mask: (progress: Progress) => Progress,
  body: (tell: (progress: Progress) => void, tally: Tally) => Promise<void>,
): Promise<RunResult> {
  const startedAt = clock();
  const tell = (progress: Progress): void => emit({ time: clock(), ...mask(progress) } as RunEvent);
  tell({ type: 'run-started', run, instances: work });
  stopping.addEventListener('abort', () => tell({ type: 'stopping', mode: 'graceful' }), { once: true });
  abort.addEventListener('abort', () => tell({ type: 'stopping', mode: 'now' }), { once: true });
  const tally: Tally = { succeeded: 0, failed: 0, skipped: 0 };
  await body(tell, tally);
  const interrupted = stopping.aborted && tally.skipped > 0;
  const outcome: RunOutcome = interrupted
    ? 'interrupted'
    : tally.failed + tally.skipped > 0
      ? 'failed'
      : 'succeeded';
  tell({ type: 'run-finished', run, outcome, elapsedMs: clock() - startedAt, counts: { ...tally } });
  return { outcome, counts: tally };
}
