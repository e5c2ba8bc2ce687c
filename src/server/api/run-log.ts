import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { runLog } from '../../app/operate/runs.ts';
import { DiagnosticsError } from '../../diagnostics/diagnostic.ts';
import { HttpError } from '../http-error.ts';
import type { PluginContext } from '../plugin.ts';
import { known } from './known.ts';
import { lookUpRun, type FoundRun } from './run-answer.ts';
import { sendStream, untilGone } from './stream.ts';

const CHUNK_BYTES = 64 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;
/** A file that is followed is looked at so often, and so often a run of another process is asked for whether it goes on. */
const LOOK_MS = 250;
const ASK_MS = 2_000;

/** A log of a run: a stretch of it, or from an offset on until the run's end. */
export async function sendRunLog(
  found: FoundRun,
  name: string,
  { from = 0, limit, follow = false }: { from?: number; limit?: number; follow?: boolean },
  reply: FastifyReply,
  context: PluginContext,
): Promise<FastifyReply> {
  const signal = untilGone(reply, context.closing);
  const { kept } = found;
  if (follow) {
    const source = followed(found, name, { from, left: limit ?? Infinity }, context, signal);
    return sendStream(reply, 'text/plain', source, signal);
  }
  if (kept === null) throw new HttpError(404, 'The run has no logs', 'It is being prepared, or never began.');
  const path = await known(() => runLog(kept, name));
  const { size } = await stat(path);
  const to = Math.min(size, from + (limit ?? MAX_BYTES));
  void reply.header('x-next-from', String(Math.max(from, to))).header('x-log-size', String(size));
  return sendStream(reply, 'text/plain', stretch(path, from, to), signal);
}

/** What lies between two offsets. */
async function* stretch(path: string, from: number, to: number): AsyncGenerator<Buffer, void, undefined> {
  const file = await open(path);
  try {
    for (let at = from; at < to;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(Math.min(CHUNK_BYTES, to - at)),
        0,
        null,
        at,
      );
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** What is written from an offset on, until the run's end. */
async function* followed(
  found: FoundRun,
  name: string,
  { from, left }: { readonly from: number; readonly left: number },
  { use }: PluginContext,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const id = found.live?.id ?? found.kept?.run ?? '';
  const pause = () => sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  let path = await pathOf(found, name);
  while (path === null && !signal.aborted) {
    await pause();
    path = await pathOf(await lookUpRun(id, use), name);
  }
  const goesOn = watched(found, () => lookUpRun(id, use));
  const end = from + left;
  for (let at = from; path !== null && at < end && !signal.aborted;) {
    // Asked for before the file is read: what was written until then is read still.
    const isLast = !(await goesOn());
    const start = at;
    for await (const bytes of stretch(path, at, end)) {
      at += bytes.length;
      yield bytes;
      if (signal.aborted) return;
    }
    if (at > start) continue;
    if (isLast) return;
    await pause();
  }
}

/** Whether the run goes on: one of this process says so itself. */
function watched({ live }: FoundRun, ask: () => Promise<FoundRun>): () => Promise<boolean> {
  if (live !== null) return () => Promise.resolve(live.phase() !== 'finished');
  let last: { readonly atMs: number; readonly goesOn: boolean } | null = null;
  return async () => {
    const now = performance.now();
    if (last === null || now - last.atMs > ASK_MS)
      last = { atMs: now, goesOn: (await ask()).kept?.outcome === 'running' };
    return last.goesOn;
  };
}

/** Path of a log; null: the run has not come to write it yet. Rejects with `HttpError` 404. */
async function pathOf({ live, kept }: FoundRun, name: string): Promise<string | null> {
  const isExpected =
    live !== null &&
    (live.phase() === 'preparing' ||
      (live.phase() === 'running' &&
        (name === 'local' || live.instances().some(({ instance }) => instance === name))));
  if (kept === null) {
    if (isExpected) return null;
    throw new HttpError(404, 'The run has no logs', 'It never began.');
  }
  return known(() =>
    runLog(kept, name).catch((error: unknown) => {
      if (isExpected && error instanceof DiagnosticsError) return null;
      throw error;
    }),
  );
}
