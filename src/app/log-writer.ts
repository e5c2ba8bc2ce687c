import { closeSync, openSync, writeSync } from 'node:fs';
import { logLine, type LogBuffer } from '../apply/log-buffer.ts';

/** How long a line may wait for its file. */
const FLUSH_MS = 100;
/** Above this it does not wait: a script that prints faster than the disk takes it is slowed down, and memory stays bounded. */
const PENDING_BYTES = 1024 * 1024;

/** Appends lines to any number of files, none of which stays open. */
export interface LogWriter {
  write(file: string, line: string): void;
  /** Writes what waits. */
  flush(): void;
}

interface Pending {
  readonly lines: string[];
  /** Bytes that lie in the file. */
  written: number;
  /** Bytes that wait. */
  bytes: number;
}

/**
 * A log that cannot be written (a full disk) does not stop a run: `onProblem` is told once, and later lines only go to the
 * buffer. Writes are synchronous: that is the bound on what waits, and costs less than a promise for each of many files.
 */
export function createLogWriter(buffer: LogBuffer, onProblem: (error: Error) => void): LogWriter {
  const files = new Map<string, Pending>();
  const dirty = new Set<string>();
  let waiting = 0;
  let broken = false;
  let timer: NodeJS.Timeout | null = null;

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const name of dirty) {
      const file = files.get(name);
      if (file === undefined) continue;
      const text = file.lines.map((line) => `${line}\n`).join('');
      file.lines.length = 0;
      waiting -= file.bytes;
      file.bytes = 0;
      if (broken) continue;
      try {
        file.written += append(name, text, file.written);
      } catch (error) {
        broken = true;
        onProblem(error instanceof Error ? error : new Error(String(error)));
        continue;
      }
      buffer.written(name, file.written);
    }
    dirty.clear();
  };

  return {
    write(name, text) {
      const line = logLine(text);
      const bytes = buffer.push(name, line);
      let file = files.get(name);
      if (file === undefined) files.set(name, (file = { lines: [], written: 0, bytes: 0 }));
      file.lines.push(line);
      file.bytes += bytes;
      waiting += bytes;
      dirty.add(name);
      if (waiting > PENDING_BYTES) flush();
      else timer ??= setTimeout(flush, FLUSH_MS);
    },
    flush,
  };
}

/** Gives the bytes written: all, or it throws. A new file must not be there already, nor lead elsewhere. */
function append(file: string, text: string, size: number): number {
  const descriptor = openSync(file, size === 0 ? 'wx' : 'a', 0o600);
  try {
    const bytes = Buffer.from(text);
    let at = 0;
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
    return bytes.length;
  } finally {
    closeSync(descriptor);
  }
}
