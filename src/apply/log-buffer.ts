import { open } from 'node:fs/promises';

/** Lines of a run that are kept in memory. */
export const BUFFER_LINES = 1000;
/** What these lines may take together; long ones are kept for a shorter time, and read from their file. */
const BUFFER_BYTES = 16 * 1024 * 1024;
/** Longest line of a log, with all that stands before its text. */
export const MAX_LOG_LINE_BYTES = 64 * 1024;
/** What one viewer holds at a time, however slow it is: so much, and a line. */
const PIECE_BYTES = 64 * 1024;
const CHUNK_BYTES = 128 * 1024;
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
  /** A file that lies there already, of so many bytes. */
  adopt(file: string, bytes: number): void;
  /** No more lines come; viewers end once they have all there are. */
  end(): void;
  /** Begins with the last 1000 lines of a file (all, when there are fewer), goes on until `end`, or an abort. */
  follow(file: string, signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
  /** Offset of the last 1000 lines of a file. */
  lastLines(file: string): Promise<number>;
  /** Lines from an offset on, as soon as there are any; null after the last one once there is an `end`, or after an abort. */
  read(file: string, from: number, signal?: AbortSignal): Promise<LinePiece | null>;
}

/** Lines of a log that follow each other. */
export interface LinePiece {
  readonly lines: readonly string[];
  /** Offset of what comes after them. */
  readonly to: number;
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
  /** Buffered lines of a file from an offset on, as many as come to these bytes. */
  const buffered = (file: string, from: number, limitBytes = Infinity): readonly Entry[] => {
    const found: Entry[] = [];
    let bytes = 0;
    for (let n = oldest; n < next && bytes < limitBytes; n++) {
      const entry = ring[n % BUFFER_LINES];
      if (entry === undefined || entry.file !== file || entry.offset < from) continue;
      found.push(entry);
      bytes += entry.bytes;
    }
    return found;
  };
  const lastLines = async (file: string): Promise<number> => {
    const state = stateOf(file);
    const kept = buffered(file, 0);
    const first = kept[0]?.offset ?? state.length;
    const older = BUFFER_LINES - kept.length;
    return older <= 0 ? first : startOfLast(file, Math.min(first, state.written), older);
  };
  /** What lies at an offset, in memory or in the file; null: nothing yet. */
  const look = (file: string, from: number): LinePiece | Promise<LinePiece | null> | null => {
    const state = stateOf(file);
    const entries = buffered(file, from, PIECE_BYTES);
    const first = entries[0]?.offset ?? state.length;
    if (from < first) {
      const to = Math.min(first, state.written);
      return from < to ? readLines(file, from, to) : null;
    }
    const last = entries.at(-1);
    if (last === undefined) return null;
    return { lines: entries.map(({ line }) => line), to: last.offset + last.bytes };
  };
  const read: LogBuffer['read'] = async (file, from, signal) => {
    const woken = onAbort(signal, wakeAll);
    try {
      while (signal?.aborted !== true) {
        // Taken first: what comes while a file is read must not be slept over.
        const news = wake.promise;
        const isLast = ended;
        const piece = await look(file, from);
        if (piece !== null) return piece;
        if (!isLast) await news;
        else if (from >= stateOf(file).length) return null;
        // Lines that will never be written (a full disk) are passed over.
        else return { lines: [], to: buffered(file, from)[0]?.offset ?? stateOf(file).length };
      }
      return null;
    } finally {
      woken.forget();
    }
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
    adopt(file, bytes) {
      files.set(file, { length: bytes, written: bytes });
    },
    end() {
      ended = true;
      wakeAll();
    },
    lastLines,
    read,
    async *follow(file, signal) {
      for (let from = await lastLines(file); ;) {
        const piece: LinePiece | null = await read(file, from, signal);
        if (piece === null) return;
        yield* piece.lines;
        from = piece.to;
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

/** Whole lines from an offset on, as many as fit a chunk; null when they cannot be read. */
async function readLines(file: string, from: number, to: number): Promise<LinePiece | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const size = Math.min(CHUNK_BYTES, to - from);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (end < 0) return null;
    return { lines: buffer.subarray(0, end).toString().split('\n'), to: from + end + 1 };
  } catch {
    return null;
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
