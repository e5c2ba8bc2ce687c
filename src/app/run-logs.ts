import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { RunEvent } from '../apply/events.ts';

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
}

/** The log files of one run: `local.log` for the controller, `COMPONENT_INDEX.log` per instance. */
export interface RunLogs {
  readonly directory: string;
  /** Path of an instance's log. */
  readonly pathOf: (instance: string) => string;
  readonly onEvent: (event: RunEvent) => void;
  /** Waits until all is written, and writes `run.json`. */
  readonly finish: (summary: RunSummary) => Promise<void>;
}

const FLUSH_MS = 100;

/** Log files of a run in `.slipway/runs/RUN/`. `fileNames` gives each instance its name: `nats_0`. */
export async function openRunLogs(
  directory: string,
  fileNames: ReadonlyMap<string, string>,
): Promise<RunLogs> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pathOf = (instance: string): string =>
    path.join(directory, `${fileNames.get(instance) ?? instance}.log`);
  const pending = new Map<string, string[]>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    timer = null;
    const batch = [...pending];
    pending.clear();
    writing = writing.then(async () => {
      for (const [file, lines] of batch) await appendFile(file, lines.join(''), { mode: 0o600 });
    });
    return writing;
  };
  const write = (file: string, time: number, text: string): void => {
    const line = `${new Date(time).toISOString()} ${text}\n`;
    const lines = pending.get(file);
    if (lines === undefined) pending.set(file, [line]);
    else lines.push(line);
    timer ??= setTimeout(() => void flush().catch(() => undefined), FLUSH_MS);
  };
  const controllerLog = path.join(directory, 'local.log');
  const both = (event: RunEvent & { readonly instance: string }, text: string): void => {
    write(controllerLog, event.time, `${event.instance}: ${text}`);
    write(pathOf(event.instance), event.time, text);
  };

  return {
    directory,
    pathOf,
    onEvent(event) {
      switch (event.type) {
        case 'run-started':
          write(controllerLog, event.time, `run ${event.run} of ${event.instances.length} changes`);
          return;
        case 'instance-waiting':
          return both(event, `waits for ${event.for}`);
        case 'instance-started':
          return both(event, 'started');
        case 'instance-activity':
          return both(event, event.detail === '' ? event.activity : `${event.activity}: ${event.detail}`);
        case 'resource-started':
          return write(pathOf(event.instance), event.time, `${event.resource}: started`);
        case 'resource-finished':
          return write(pathOf(event.instance), event.time, `${event.resource}: done`);
        case 'output':
          return write(pathOf(event.instance), event.time, event.line);
        case 'instance-succeeded':
          return both(event, `succeeded in ${event.elapsedMs} ms`);
        case 'instance-failed': {
          const { resource, message, remedy } = event.failure;
          return both(
            event,
            `failed${resource === null ? '' : ` in ${resource}`}: ${message} ${remedy}`.trim(),
          );
        }
        case 'instance-skipped':
          return both(event, `skipped: ${event.because}`);
        case 'stopping':
          return write(
            controllerLog,
            event.time,
            event.mode === 'graceful' ? 'stopping after what runs' : 'stopping now',
          );
        case 'warning':
          return write(controllerLog, event.time, `warning: ${event.message}`);
        case 'run-finished': {
          const { succeeded, failed, skipped } = event.counts;
          const counts = `${succeeded} succeeded, ${failed} failed, ${skipped} skipped`;
          return write(controllerLog, event.time, `run ${event.run} ${event.outcome}: ${counts}`);
        }
        default:
          return unreachable(event);
      }
    },
    async finish(summary) {
      if (timer !== null) clearTimeout(timer);
      await flush();
      await writeFile(path.join(directory, 'run.json'), `${JSON.stringify(summary, null, 2)}\n`, {
        mode: 0o600,
      });
    },
  };
}
