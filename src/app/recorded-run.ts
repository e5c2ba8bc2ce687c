import path from 'node:path';
import type { RunDependencies, RunResult } from '../apply/conduct.ts';
import type { RunEvent } from '../apply/events.ts';
import { foldJournal, pruneState } from '../state/fold.ts';
import type { State } from '../state/model.ts';
import type { Journal, JournalEntry, RecoveredRun, Store } from '../state/store.ts';
import type { OfflinePorts } from './ports.ts';
import { openRunLogs, type RunViewing } from './run-logs.ts';

/** A run to be kept in state and logs. */
export interface RecordedRunRequest {
  readonly run: string;
  /** `apply`, `destroy`, `stop`, ..., for the run's summary. */
  readonly operation: string;
  readonly onEvent: (event: RunEvent) => void;
  /** Aborted by the first Ctrl-C, and by the second. */
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
  /** Given the ways to watch the run's logs, once they are open. Its lines are then kept in one stream as well. */
  readonly onLogs?: (logs: RunViewing) => void;
}

/** What such a run stands on. */
export interface RunGround {
  readonly store: Store;
  readonly state: State;
  /** What a killed run left in the middle; `state` has it folded in. */
  readonly recovered: RecoveredRun | null;
  /** Directory of all runs' logs. */
  readonly runs: string;
  /** Name of the log file of each instance: `nats_0`. */
  readonly logFileNames: ReadonlyMap<string, string>;
}

/** The part of a run's dependencies that its recording brings. */
export type Recording = Omit<RunDependencies, 'sessionOf' | 'parallelism' | 'secrets'>;

export interface RecordedRun extends RunResult {
  readonly state: State;
  readonly logDirectory: string;
}

/**
 * Carries out a run under the state's lock: journals it, folds the journal into the state at the end, keeps its logs.
 * `completed` says what else the state is to tell; `afterwards` comes once that is written, and does not fail the run.
 */
export async function recordRun(
  ground: RunGround,
  request: RecordedRunRequest,
  ports: OfflinePorts,
  execute: (recording: Recording) => Promise<RunResult>,
  completed: (folded: State, result: RunResult) => State = (folded) => folded,
  afterwards: (result: RunResult, warn: (message: string) => void) => Promise<void> = () => Promise.resolve(),
): Promise<RecordedRun> {
  const { store, recovered } = ground;
  let { state } = ground;
  if (recovered !== null) {
    // What the journal of the killed run told becomes the state, before a journal of our own begins.
    state = { ...state, serial: state.serial + 1 };
    await store.write(state);
  }
  const { run, operation, stopping, abort } = request;
  const startedAt = ports.clock();
  const warn = (message: string): void => request.onEvent({ type: 'warning', time: ports.clock(), message });
  const directory = path.join(ground.runs, run);
  const stream = request.onLogs !== undefined;
  const logs = await openRunLogs(directory, ground.logFileNames, warn, { stream });
  request.onLogs?.(logs);
  const entries: JournalEntry[] = [];
  const journal = remembering(await store.journal(run, state.lineage), entries);
  const emit = (event: RunEvent): void => {
    logs.onEvent(event);
    request.onEvent(event);
  };
  try {
    const recording = { run, journal, emit, clock: ports.clock, stopping, abort, logPathOf: logs.pathOf };
    const result = await execute(recording);
    await journal.close();
    const folded = pruneState(foldJournal(state, entries).state);
    const next: State = { ...completed(folded, result), serial: state.serial + 1 };
    await store.write(next);
    // What was done is done, and stands in the state.
    await afterwards(result, warn);
    await logs.finish({
      run,
      operation,
      owner: ports.owner,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(ports.clock()).toISOString(),
      outcome: result.outcome,
      counts: result.counts,
    });
    return { ...result, state: next, logDirectory: logs.directory };
  } catch (error) {
    await journal.close().catch(() => undefined);
    await logs.finish(null);
    throw error;
  }
}

/** Keeps what it appends, so that the state at the end needs no reading back. */
function remembering(journal: Journal, entries: JournalEntry[]): Journal {
  return {
    append(entry) {
      entries.push(entry);
      return journal.append(entry);
    },
    close: () => journal.close(),
  };
}
