import type { LogServer } from '../../host/log-server.ts';
import { timeOfLine } from './log-times.ts';

const CHUNK_BYTES = 64 * 1024;
/** A time stands near the beginning of its line, which may lie in the next chunk. */
const OVERLAP_BYTES = 512;
/** Where so much of a file's end has no time that is known, its lines have none. */
const TIMELESS_BYTES = 512 * 1024;
const NEWLINE = 10;

/** A file as it was seen. */
interface SizedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where the last `count` lines begin; looks at the file's end only. */
export async function startOfLast(
  server: LogServer,
  { path, sizeBytes }: SizedFile,
  count: number,
): Promise<number> {
  if (count <= 0) return sizeBytes;
  let left = count;
  // The newline that ends the last line begins none.
  for (let to = sizeBytes - 1; to > 0;) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const { bytes } = await server.read(path, from, to);
    for (
      let at = bytes.lastIndexOf(NEWLINE);
      at >= 0;
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)
    ) {
      left--;
      if (left === 0) return from + at + 1;
    }
    to = from;
  }
  return 0;
}

/**
 * Where the lines begin that were written since a time (by the host's clock), as their own times tell; a line without one
 * belongs to the one before it. null: its lines have no time that is known.
 */
export async function startSince(
  server: LogServer,
  { path, sizeBytes }: SizedFile,
  sinceMs: number,
): Promise<number | null> {
  const nowMs = Date.now() + server.clockAheadMs;
  let isTimed = false;
  for (let to = sizeBytes; to > 0;) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const { bytes } = await server.read(path, from, Math.min(sizeBytes, to + OVERLAP_BYTES));
    const starts = lineStarts(bytes, from === 0, to - from);
    for (let i = starts.length - 1; i >= 0; i--) {
      const start = starts[i] ?? 0;
      const head = bytes.subarray(start, start + OVERLAP_BYTES).toString();
      const time = timeOfLine(firstLine(head), server.zoneMinutes, nowMs);
      if (time === null) continue;
      isTimed = true;
      if (time < sinceMs) return await startAfter(server, { path, sizeBytes }, from + start, sinceMs);
    }
    if (!isTimed && sizeBytes - from >= TIMELESS_BYTES) return null;
    to = from;
  }
  return isTimed || sizeBytes === 0 ? 0 : null;
}

/** The first line with a time of its own after one that is too old: what stands between them belongs to the old one. */
async function startAfter(
  server: LogServer,
  { path, sizeBytes }: SizedFile,
  old: number,
  sinceMs: number,
): Promise<number> {
  const nowMs = Date.now() + server.clockAheadMs;
  for (let from = old; from < sizeBytes;) {
    const { bytes } = await server.read(path, from, Math.min(sizeBytes, from + CHUNK_BYTES));
    if (bytes.length === 0) break;
    for (const start of lineStarts(bytes, true, bytes.length)) {
      const head = bytes.subarray(start, start + OVERLAP_BYTES).toString();
      const time = timeOfLine(firstLine(head), server.zoneMinutes, nowMs);
      if (time !== null && time >= sinceMs) return from + start;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    from += last <= 0 ? bytes.length : last + 1;
  }
  return sizeBytes;
}

function lineStarts(bytes: Buffer, beginsLine: boolean, limit: number): readonly number[] {
  const starts = beginsLine ? [0] : [];
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at + 1 < limit; at = bytes.indexOf(NEWLINE, at + 1))
    starts.push(at + 1);
  return starts;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
