import type { PlannedWork, RunEvent } from '../../apply/events.ts';
import type { LineReader, RunViewing } from '../run-logs.ts';
import type { LiveRun, NumberedEvent, RunEnd } from './run-desk.ts';

/** Events of a run that are kept for those who come late or come back. */
const KEPT_EVENTS = 10_000;
/** What their texts may take together: a script's line may be 64 KiB long. */
const KEPT_CHARACTERS = 8 * 1024 * 1024;
/** A reader holds so many at a time, however slow it is. */
const BATCH = 64;

/** The side of a live run from which it is fed. */
export interface RunFeed {
  readonly run: LiveRun;
  readonly emit: (event: RunEvent) => void;
  readonly logsAre: (logs: RunViewing) => void;
  readonly end: (end: RunEnd) => void;
}

export function feedRun(
  about: Pick<LiveRun, 'id' | 'does' | 'operation' | 'startedAt' | 'cancel'>,
  clock: () => number,
): RunFeed {
  const kept: NumberedEvent[] = [];
  let dropped = 0;
  let characters = 0;
  let next = 1;
  let instances: readonly PlannedWork[] = [];
  let phase: ReturnType<LiveRun['phase']> = 'preparing';
  let wake = deferred<void>();
  const logs = deferred<RunViewing | null>();
  const done = deferred<RunEnd>();

  const drop = (): void => {
    const first = kept[dropped];
    if (first === undefined) return;
    characters -= sizeOf(first.event);
    dropped++;
    // Moving all that is kept for each one that goes would be quadratic.
    if (dropped > KEPT_EVENTS / 4) {
      kept.splice(0, dropped);
      dropped = 0;
    }
  };
  const notify = (): void => {
    const { resolve } = wake;
    wake = deferred();
    resolve();
  };
  const firstEvent = (): number => next - (kept.length - dropped);

  async function* events(afterId = 0, signal?: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined> {
    const aborted = (): boolean => signal?.aborted === true;
    signal?.addEventListener('abort', notify);
    try {
      for (let after = afterId; !aborted();) {
        const news = wake.promise;
        const from = Math.max(0, after + 1 - firstEvent());
        const batch = kept.slice(dropped + from, dropped + from + BATCH);
        for (const one of batch) {
          yield one;
          after = one.id;
        }
        if (batch.length > 0) continue;
        if (phase === 'finished') return;
        await news;
      }
    } finally {
      signal?.removeEventListener('abort', notify);
    }
  }

  /** All there is to read of a run that has no logs. */
  const withoutLogs = async (): Promise<string> => {
    const end = await done.promise;
    const what =
      end.problem === null ? 'nothing had to be changed' : `it did not begin: ${wordsOf(end.problem)}`;
    return `${new Date(clock()).toISOString()} run ${about.id} (${about.operation}): ${what}`;
  };
  async function* lines(
    instance: string | null,
    signal?: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const viewing = await orAborted(logs.promise, signal);
    if (viewing === 'aborted') return;
    if (viewing === null) yield await withoutLogs();
    else yield* viewing.follow(instance, signal);
  }

  const all: LineReader = {
    async lastLines() {
      return (await logs.promise)?.all.lastLines() ?? 0;
    },
    async read(from, signal) {
      const viewing = await orAborted(logs.promise, signal);
      if (viewing === 'aborted') return null;
      if (viewing !== null) return viewing.all.read(from, signal);
      if (from > 0) return null;
      const line = await withoutLogs();
      return { lines: [line], to: line.length };
    },
  };

  return {
    run: {
      ...about,
      phase: () => phase,
      instances: () => instances,
      firstEvent,
      events,
      lines,
      all,
      done: done.promise,
    },
    emit(event) {
      if (event.type === 'run-started') {
        instances = event.instances;
        phase = 'running';
      }
      kept.push({ id: next++, event });
      characters += sizeOf(event);
      while (
        kept.length - dropped > KEPT_EVENTS ||
        (characters > KEPT_CHARACTERS && kept.length - dropped > 1)
      )
        drop();
      notify();
    },
    logsAre: (viewing) => logs.resolve(viewing),
    end(end) {
      phase = 'finished';
      logs.resolve(null);
      done.resolve(end);
      notify();
    },
  };
}

/** Roughly what an event takes; only those that hold texts of hosts may be large. */
function sizeOf(event: RunEvent): number {
  switch (event.type) {
    case 'output':
      return 100 + event.line.length;
    case 'instance-failed':
      return 500 + event.failure.lastLines.reduce((sum, line) => sum + line.length, 0);
    default:
      return 100;
  }
}

function wordsOf(problem: unknown): string {
  return (problem instanceof Error ? problem.message : String(problem)).split('\n').join('; ');
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (signal === undefined) return promise;
  if (signal.aborted) return 'aborted';
  const aborted = deferred<'aborted'>();
  const abort = (): void => aborted.resolve('aborted');
  signal.addEventListener('abort', abort);
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
