import { open } from 'node:fs/promises';

/** Lines of a run that are kept in memory. */
export const BUFFER_LINES = 1000;
/** What these lines may take together; long ones are kept for a shorter time, and read from their file. */
const BUFFER_BYTES = 16 * 1024 * 1024;
/** Longest line of a log, with all that stands before its text. */
export const MAX_LOG_LINE_BYTES = 64 * 1024;
/** What one viewer holds at a time, however slow it is. */
const BATCH_LINES = 64;
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;
/** Viewers are woken together, so often at most: hundreds of them must not cost the run its time. */
const WAKE_MS = 20;

/**
 * The last lines of a run's log files, for those who watch. What a viewer has not got in time is read from the file by its
 * offset: the buffer never grows, never waits for a viewer, and no viewer loses a line.
 */
export interface LogBuffer {
  /** A line that was appended to a file, or will be next. Gives its length in bytes, the newline counted. */
  push(file: string, line: string): number;
  /** So many bytes of the file can be read. */
  written(file: string, bytes: number): void;
  /** No more lines come; viewers end once they have all there are. */
  end(): void;
  /** Begins with the last 1000 lines of a file (all, when there are fewer), goes on until `end`, or an abort. */
  follow(file: string, signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
}

interface Entry {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly line: string;
}

interface FileState {
  /** Bytes with everything that was pushed. */
  length: number;
  /** Bytes that can be read. */
  written: number;
}

export function createLogBuffer(): LogBuffer {
  // A ring: the entry number n stands at n modulo its size. [oldest, next) are there.
  const ring: (Entry | undefined)[] = new Array<Entry | undefined>(BUFFER_LINES);
  const files = new Map<string, FileState>();
  let oldest = 0;
  let next = 0;
  let held = 0;
  let ended = false;
  let wake = deferred();

  const stateOf = (file: string): FileState => {
    let state = files.get(file);
    if (state === undefined) files.set(file, (state = { length: 0, written: 0 }));
    return state;
  };
  let waking: NodeJS.Timeout | null = null;
  const wakeAll = (): void => {
    if (waking !== null) clearTimeout(waking);
    waking = null;
    const { resolve } = wake;
    wake = deferred();
    resolve();
  };
  const notify = (): void => void (waking ??= setTimeout(wakeAll, WAKE_MS));
  const dropOldest = (): void => {
    held -= ring[oldest % BUFFER_LINES]?.bytes ?? 0;
    ring[oldest % BUFFER_LINES] = undefined;
    oldest++;
  };
  /** Buffered lines of a file from an offset on, as many as fit one batch. */
  const buffered = (file: string, from: number, limit: number): readonly Entry[] => {
    const found: Entry[] = [];
    for (let n = oldest; n < next && found.length < limit; n++) {
      const entry = ring[n % BUFFER_LINES];
      if (entry !== undefined && entry.file === file && entry.offset >= from) found.push(entry);
    }
    return found;
  };

  return {
    push(file, line) {
      const state = stateOf(file);
      const bytes = Buffer.byteLength(line) + 1;
      while (next - oldest >= BUFFER_LINES || (held + bytes > BUFFER_BYTES && oldest < next)) dropOldest();
      ring[next % BUFFER_LINES] = { file, offset: state.length, bytes, line };
      next++;
      held += bytes;
      state.length += bytes;
      notify();
      return bytes;
    },
    written(file, bytes) {
      stateOf(file).written = bytes;
      notify();
    },
    end() {
      ended = true;
      wakeAll();
    },
    async *follow(file, signal) {
      const state = stateOf(file);
      const woken = onAbort(signal, wakeAll);
      try {
        const kept = buffered(file, 0, BUFFER_LINES);
        const first = kept[0]?.offset ?? state.length;
        const older = BUFFER_LINES - kept.length;
        let at = older <= 0 ? first : await startOfLast(file, Math.min(first, state.written), older);
        while (signal?.aborted !== true) {
          // Taken first: what comes while a file is read must not be slept over.
          const news = wake.promise;
          const batch = buffered(file, at, BATCH_LINES);
          const gapEnd = batch[0]?.offset ?? state.length;
          if (at < gapEnd) {
            const lines = await readLines(file, at, Math.min(gapEnd, state.written));
            for (const line of lines.texts) yield line;
            at += lines.bytes;
            if (lines.bytes > 0) continue;
            // Lines that will never be written (a full disk) are passed over.
            if (ended) at = gapEnd;
          } else if (batch.length > 0) {
            for (const { offset, bytes, line } of batch) {
              if (offset !== at) break;
              yield line;
              at += bytes;
            }
            continue;
          }
          if (!ended) await news;
          else if (at >= state.length) return;
        }
      } finally {
        woken.forget();
      }
    },
  };
}

/** Offset of the last `count` lines before `end`; looks at the file's end only. */
async function startOfLast(file: string, end: number, count: number): Promise<number> {
  if (end === 0) return end;
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return end;
  try {
    let left = count;
    // The newline that ends the last line begins none.
    for (let to = end - 1; to > 0;) {
      const from = Math.max(0, to - CHUNK_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
      for (let at = buffer.lastIndexOf(NEWLINE, bytesRead - 1); at >= 0;) {
        left--;
        if (left === 0) return from + at + 1;
        at = at === 0 ? -1 : buffer.lastIndexOf(NEWLINE, at - 1);
      }
      to = from;
    }
    return 0;
  } finally {
    await handle.close();
  }
}

/** Whole lines from an offset on, as many as fit a chunk. */
async function readLines(
  file: string,
  from: number,
  to: number,
): Promise<{ readonly texts: readonly string[]; readonly bytes: number }> {
  const nothing = { texts: [], bytes: 0 };
  if (to <= from) return nothing;
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return nothing;
  try {
    const size = Math.min(CHUNK_BYTES, to - from);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (end < 0) return nothing;
    return { texts: buffer.subarray(0, end).toString().split('\n'), bytes: end + 1 };
  } finally {
    await handle.close();
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): { forget: () => void } {
  signal?.addEventListener('abort', listener, { once: true });
  return { forget: () => signal?.removeEventListener('abort', listener) };
}

/** A line as it goes into a log: no newline in it, and not above 64 KiB. */
export function logLine(text: string): string {
  const flat = text.replace(/\r?\n/g, ' ');
  // A character has three bytes at most for each of its UTF-16 units.
  if (flat.length * 3 < MAX_LOG_LINE_BYTES) return flat;
  const bytes = Buffer.from(flat);
  if (bytes.length < MAX_LOG_LINE_BYTES) return flat;
  const note = ' [cut]';
  let end = MAX_LOG_LINE_BYTES - note.length - 1;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString() + note;
}
