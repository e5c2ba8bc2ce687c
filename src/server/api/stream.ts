import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** So often a silent stream says that it is still there: those in between give up what says nothing for a minute. */
const BEAT_MS = 15_000;

/** Aborted when who asked is gone, or the server ends. */
export function untilGone(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

/**
 * Sends what comes from a source as fast as the client reads, and no faster; the source is ended with the signal. What it throws
 * before its first piece is an error of the request.
 */
export async function sendStream(
  reply: FastifyReply,
  type: 'text/plain' | 'text/event-stream',
  source: AsyncGenerator<string | Buffer, void, undefined>,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const end = (): void => void source.return(undefined).catch(() => undefined);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  const first = await source.next();
  async function* all(): AsyncGenerator<string | Buffer, void, undefined> {
    if (first.done !== true) yield first.value;
    yield* source;
  }
  const pieces = Readable.from(all(), { objectMode: false });
  // The head is sent already: all that can be done is to break off.
  pieces.on('error', () => reply.raw.destroy());
  return reply.type(`${type}; charset=utf-8`).header('x-accel-buffering', 'no').send(pieces);
}

/** One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function serverSentEvent(type: string, data: unknown, id?: number | string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The same events, with a comment where there are none for long. A first one tells at once that the stream stands. */
export async function* withBeats(
  source: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  try {
    yield ':\n\n';
    for (let next = source.next(); ;) {
      let timer: NodeJS.Timeout | undefined;
      const beat = new Promise<'beat'>((resolve) => (timer = setTimeout(resolve, BEAT_MS, 'beat')));
      const result = await Promise.race([next, beat]).finally(() => clearTimeout(timer));
      if (result === 'beat') yield ':\n\n';
      else if (result.done === true) return;
      else {
        yield result.value;
        next = source.next();
      }
    }
  } finally {
    await source.return(undefined);
  }
}

/** What a use case gives out by a callback, one by one as it is taken. Ends, and ends the use case, with the signal. */
export async function* taken<T>(
  produce: (give: (item: T) => Promise<void>, signal: AbortSignal) => Promise<unknown>,
  outer: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const own = new AbortController();
  const signal = AbortSignal.any([outer, own.signal]);
  const waiting: { readonly item: T; readonly release: () => void }[] = [];
  let wake = (): void => undefined;
  let isOver = false;
  signal.addEventListener('abort', () => {
    for (const { release } of waiting) release();
    wake();
  });
  const give = (item: T): Promise<void> =>
    new Promise((release) => {
      if (signal.aborted) return release();
      waiting.push({ item, release });
      wake();
    });
  const producing = produce(give, signal).finally(() => {
    isOver = true;
    wake();
  });
  producing.catch(() => undefined);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) {
        next.release();
        yield next.item;
      } else if (isOver) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (!signal.aborted) await producing;
  } finally {
    own.abort();
    await producing.catch(() => undefined);
  }
}
