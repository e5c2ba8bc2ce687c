import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { listRuns } from '../../app/operate/runs.ts';
import { projectPaths } from '../../app/project-paths.ts';
import { lastLinesOf } from '../../app/run-logs.ts';
import type { LinePiece } from '../../apply/log-buffer.ts';
import type { PluginContext } from '../plugin.ts';
import type { ServerUseCases } from '../use-cases.ts';
import { textFrames } from './text-frames.ts';

/** Viewers are served together, in rounds. While a run goes on, so long at least lies between two, ... */
const ROUND_MS = 20;
/** ... and so many times what the last one took: however many watch, the run keeps nearly all of the time. */
const REST = 24;
/** When none does, others still want to be answered. */
const IDLE_REST = 2;
/** Those in between give up what says nothing for a minute. */
const PING_MS = 30_000;

/**
 * Lines of runs, each as a text message: the last 1000 of the latest run, what comes, and all runs after it. A viewer takes the next
 * piece when its socket has taken the one before: who does not read costs nothing but its place in the log.
 */
export function addLogSocket(route: string, { use, sockets }: PluginContext): void {
  const frames = new WeakMap<LinePiece, Buffer>();
  const rounds = createRounds(() => use.desk.current() !== null);
  /** Encoded once, for all who are at that place. */
  const framesOf = (piece: LinePiece): Buffer => {
    let found = frames.get(piece);
    if (found === undefined) frames.set(piece, (found = textFrames(piece.lines)));
    return found;
  };
  sockets.add(route, { changes: false }, (socket, { stream, signal }) => {
    const idle = setInterval(() => {
      if (stream.writableLength === 0 && socket.readyState === socket.OPEN) socket.ping();
    }, PING_MS);
    const show = async (): Promise<void> => {
      // Of this process there was no run yet, but perhaps of one before it.
      if (use.desk.latest() === null)
        for await (const piece of earlierLines(use, signal))
          await send(textFrames(piece.lines), socket, stream);
      for await (const run of use.desk.runs(signal)) {
        for (let from: number | null = null; !signal.aborted;) {
          await rounds.next();
          const piece: LinePiece | null = await run.readAll(from, signal);
          if (piece === null) break;
          if (piece.lines.length > 0) await send(framesOf(piece), socket, stream);
          from = piece.to;
        }
      }
    };
    const send = (bytes: Buffer, to: WebSocket, below: Writable): Promise<void> =>
      new Promise((resolve) => {
        if (to.readyState !== to.OPEN) return resolve();
        rounds.work(() => below.write(bytes, () => resolve()));
      });
    show()
      .catch(() => socket.close(1011))
      .finally(() => clearInterval(idle));
  });
}

/** The last lines of the last run that left logs. */
async function* earlierLines(
  { directory, ports }: ServerUseCases,
  signal: AbortSignal,
): AsyncGenerator<LinePiece, void, undefined> {
  const [run] = await listRuns(directory, 1, ports);
  if (run !== undefined) yield* lastLinesOf(path.join(projectPaths(directory).runs, run.run), signal);
}

interface Rounds {
  /** Resolves when the next round begins. */
  readonly next: () => Promise<void>;
  readonly work: (work: () => void) => void;
}

function createRounds(isRunning: () => boolean): Rounds {
  let spentMs = 0;
  let next: Promise<void> | null = null;
  const wait = async (): Promise<void> => {
    const leastMs = isRunning() ? ROUND_MS : 1;
    await sleep(leastMs, undefined, { ref: false });
    // By now all of the round before have written.
    const restMs = spentMs * (isRunning() ? REST : IDLE_REST) - leastMs;
    if (restMs > 0) await sleep(restMs, undefined, { ref: false });
    spentMs = 0;
    next = null;
  };
  return {
    next: () => (next ??= wait()),
    work(work) {
      const startedAt = performance.now();
      work();
      spentMs += performance.now() - startedAt;
    },
  };
}
