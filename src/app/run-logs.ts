import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { createLogBuffer, type LinePiece } from '../apply/log-buffer.ts';
import type { PlannedWork, RunEvent } from '../apply/events.ts';
import { createLogWriter } from './log-writer.ts';

/** Written at the end of a run, for `runs` and for those who look later. */
export interface RunSummary {
  readonly run: string;
  readonly operation: string;
  readonly owner: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly outcome: 'succeeded' | 'failed' | 'interrupted';
  readonly counts: { readonly succeeded: number; readonly failed: number; readonly skipped: number };
  /** What became of each; absent in runs of older versions. */
  readonly instances?: readonly RunInstance[];
}

export interface RunInstance {
  readonly instance: string;
  readonly action: PlannedWork['action'];
  /** `untouched`: the run ended before its turn, or in the middle of it. */
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'untouched';
  /** null: it was not worked on to its end. */
  readonly elapsedMs: number | null;
  /** Why it failed or was skipped, in a sentence. */
  readonly why: string | null;
  /** Name of its log file. */
  readonly log: string;
}

/** Ways to watch a run; each begins with the last 1000 lines and goes on until the run's end. */
export interface RunViewing {
  /** Lines of an instance's log, or of the controller's (null). */
  readonly follow: (instance: string | null, signal?: AbortSignal) => AsyncGenerator<string, void, undefined>;
  /** All lines in one stream, those of an instance with its address before them; none where no stream is kept. */
  readonly all: LineReader;
}

/** Lines that are read piece by piece. */
export interface LineReader {
  /** Offset of the last 1000 of them. */
  readonly lastLines: () => Promise<number>;
  /** Those from an offset on, as soon as there are any; null after the run's last one, or after an abort. */
  readonly read: (from: number, signal?: AbortSignal) => Promise<LinePiece | null>;
}

/** The log files of one run: `local.log` for the controller, `COMPONENT_INDEX.log` per instance. */
export interface RunLogs extends RunViewing {
  readonly directory: string;
  /** Path of an instance's log. */
  readonly pathOf: (instance: string) => string;
  readonly onEvent: (event: RunEvent) => void;
  /** Writes what waits, then `run.json`; null: the run broke off, and has no summary. Never rejects. */
  readonly finish: (summary: RunSummary | null) => Promise<void>;
}

/** Not a `.log`: it holds nothing that the others do not. */
const STREAM_FILE = 'stream';

/**
 * The last 1000 lines of a run that has ended, or was another process's: all lines where they were kept in one stream, else the
 * controller's. None when it left no logs.
 */
export async function* lastLinesOf(
  directory: string,
  signal?: AbortSignal,
): AsyncGenerator<LinePiece, void, undefined> {
  for (const name of [STREAM_FILE, 'local.log']) {
    const file = path.join(directory, name);
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) continue;
    const buffer = createLogBuffer();
    buffer.adopt(file, size);
    buffer.end();
    for (let from = await buffer.lastLines(file); ;) {
      const piece = await buffer.read(file, from, signal);
      if (piece === null) return;
      yield piece;
      from = piece.to;
    }
  }
}

/**
 * Log files of a run in `.slipway/runs/RUN/`. `fileNames` gives each instance its name: `nats_0`. A log that cannot be written
 * does not stop the run: `onProblem` is told why, once. Throws `DiagnosticsError` when there can be no logs at all.
 */
export async function openRunLogs(
  directory: string,
  fileNames: ReadonlyMap<string, string>,
  onProblem: (message: string) => void,
  options: {
    /** Keep all lines in one file as well, in the order they came, for those who watch the whole run from afar. */
    readonly stream?: boolean;
  } = {},
): Promise<RunLogs> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const remedy =
      'Free some space or set the permissions of the working directory right. Nothing was changed.';
    throw new DiagnosticsError([
      runError('The logs of the run cannot be kept', `${String(error)}. ${remedy}`),
    ]);
  }
  const paths = new Map(
    [...fileNames].map(([instance, name]) => [instance, path.join(directory, `${name}.log`)]),
  );
  const pathOf = (instance: string): string => paths.get(instance) ?? path.join(directory, `${instance}.log`);
  const buffer = createLogBuffer();
  const writer = createLogWriter(buffer, (error) =>
    onProblem(`the logs of this run are not complete: ${error.message}`),
  );
  // A script may print a thousand lines in one millisecond.
  let stamped = NaN;
  let stamp = '';
  const write = (file: string, time: number, text: string): void => {
    if (time !== stamped) {
      stamped = time;
      stamp = new Date(time).toISOString();
    }
    writer.write(file, `${stamp} ${text}`);
  };
  const controllerLog = path.join(directory, 'local.log');
  const streamFile = options.stream === true ? path.join(directory, STREAM_FILE) : null;
  const toController = (time: number, text: string): void => {
    write(controllerLog, time, text);
    if (streamFile !== null) write(streamFile, time, text);
  };
  const toInstance = (event: RunEvent & { readonly instance: string }, text: string): void => {
    write(pathOf(event.instance), event.time, text);
    if (streamFile !== null) write(streamFile, event.time, `${event.instance}: ${text}`);
  };
  const instances = new Map<string, RunInstance>();
  const settle = (instance: string, result: Pick<RunInstance, 'outcome' | 'elapsedMs' | 'why'>): void => {
    const known = instances.get(instance);
    if (known !== undefined) instances.set(instance, { ...known, ...result });
  };
  const both = (event: RunEvent & { readonly instance: string }, text: string): void => {
    write(controllerLog, event.time, `${event.instance}: ${text}`);
    toInstance(event, text);
  };

  return {
    directory,
    pathOf,
    onEvent(event) {
      switch (event.type) {
        case 'run-started':
          toController(event.time, `run ${event.run} of ${event.instances.length} changes`);
          for (const { instance, action } of event.instances) {
            const log = path.basename(pathOf(instance));
            instances.set(instance, {
              instance,
              action,
              outcome: 'untouched',
              elapsedMs: null,
              why: null,
              log,
            });
            // For those who look at a run that was killed.
            toController(event.time, `${instance}: to ${action}, log ${log}`);
          }
          return;
        case 'instance-waiting':
          return both(event, `waits for ${event.for}`);
        case 'instance-started':
          return both(event, 'started');
        case 'instance-activity':
          return both(event, event.detail === '' ? event.activity : `${event.activity}: ${event.detail}`);
        case 'resource-started':
          return toInstance(event, `${event.resource}: started`);
        case 'resource-finished':
          return toInstance(event, `${event.resource}: done`);
        case 'output':
          return toInstance(event, event.line);
        case 'instance-succeeded':
          settle(event.instance, { outcome: 'succeeded', elapsedMs: event.elapsedMs, why: null });
          return both(event, `succeeded in ${event.elapsedMs} ms`);
        case 'instance-failed': {
          const { resource, message, remedy } = event.failure;
          const why = `${resource === null ? '' : `${resource}: `}${message}`;
          settle(event.instance, { outcome: 'failed', elapsedMs: event.elapsedMs, why });
          return both(
            event,
            `failed${resource === null ? '' : ` in ${resource}`}: ${message} ${remedy}`.trim(),
          );
        }
        case 'instance-skipped':
          settle(event.instance, { outcome: 'skipped', elapsedMs: null, why: event.because });
          return both(event, `skipped: ${event.because}`);
        case 'stopping':
          return toController(
            event.time,
            event.mode === 'graceful' ? 'stopping after what runs' : 'stopping now',
          );
        case 'warning':
          return toController(event.time, `warning: ${event.message}`);
        case 'run-finished': {
          const { succeeded, failed, skipped } = event.counts;
          const counts = `${succeeded} succeeded, ${failed} failed, ${skipped} skipped`;
          return toController(event.time, `run ${event.run} ${event.outcome}: ${counts}`);
        }
        default:
          return unreachable(event);
      }
    },
    follow: (instance, signal) => buffer.follow(instance === null ? controllerLog : pathOf(instance), signal),
    all: {
      lastLines: () => buffer.lastLines(streamFile ?? ''),
      read: (from, signal) => buffer.read(streamFile ?? '', from, signal),
    },
    async finish(summary) {
      writer.flush();
      buffer.end();
      if (summary === null) return;
      const text = `${JSON.stringify({ ...summary, instances: [...instances.values()] }, null, 2)}\n`;
      await writeFile(path.join(directory, 'run.json'), text, { mode: 0o600 }).catch((error: unknown) =>
        onProblem(`the summary of this run is not kept: ${String(error)}`),
      );
    },
  };
}
