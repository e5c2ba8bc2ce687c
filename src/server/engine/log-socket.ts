import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns } from '../../app/operate/runs.ts';
import { projectPaths } from '../../app/project-paths.ts';
import type { LiveRun } from '../../app/serve/run-desk.ts';
import { lastLinesOf } from '../../app/run-logs.ts';
import type { LinePiece } from '../../apply/log-buffer.ts';
import type { PluginContext } from '../plugin.ts';
import type { ServerUseCases } from '../use-cases.ts';
import { textFrames } from './text-frames.ts';

/** Viewers are served together, in rounds. While a run goes on, so long at least lies between two, ... */
const ROUND_MS = 20;
/** ... and so many times what the last one took: however many watch, the run keeps nearly all of the time. */
const REST = 24;
/** What is shown is never older than that for this reason. */
const MOST_REST_MS = 500;
/** When none does, others still want to be answered. */
const IDLE_REST = 2;
/** Pieces that are kept, encoded, for other viewers at the same place: those who watch live all are. */
const SHARED_PIECES = 16;

/**
 * Lines of runs, each as a text message: the last 1000 of the latest run, what comes, and all runs after it. A viewer takes the next
 * piece when its socket has taken the one before: who does not read costs nothing but its place in the log.
 */
export function addLogSocket(route: string, { use, sockets, closing }: PluginContext): void {
  const rounds = createRounds(() => use.desk.current() !== null);
  const pieceOf = sharedPieces(closing);
  sockets.add(route, { changes: false }, (socket, { stream, signal }) => {
    const show = async (): Promise<void> => {
      // Of this process there was no run yet, but perhaps of one before it.
      if (use.desk.latest() === null)
        for await (const piece of earlierLines(use, signal)) await send(textFrames(piece.lines));
      for await (const run of use.desk.runs(signal)) {
        for (let from = await run.all.lastLines(); !signal.aborted;) {
          await rounds.next();
          // Who has left meanwhile is forgotten with the next line.
          const piece = await pieceOf(run, from);
          if (piece === null) break;
          await send(piece.bytes);
          from = piece.to;
        }
      }
    };
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN || bytes.length === 0) return resolve();
        rounds.work(() => stream.write(bytes, () => resolve()));
      });
    show().catch(() => socket.close(1011));
  });
}

/** A piece of a log as it is sent. */
interface Frames {
  readonly bytes: Buffer;
  readonly to: number;
}

/** Read and encoded once for all who are at the same place; resolves to null after the last one of a run. */
function sharedPieces(closing: AbortSignal): (run: LiveRun, from: number) => Promise<Frames | null> {
  const shared = new Map<string, Promise<Frames | null>>();
  return (run, from) => {
    const key = `${run.id} ${from}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const framed = run.all
      .read(from, closing)
      .then((piece) => (piece === null ? null : { bytes: textFrames(piece.lines), to: piece.to }));
    shared.set(key, framed);
    const [oldest] = shared.keys();
    if (shared.size > SHARED_PIECES && oldest !== undefined) shared.delete(oldest);
    return framed;
  };
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
    if (restMs > 0) await sleep(Math.min(restMs, MOST_REST_MS), undefined, { ref: false });
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
