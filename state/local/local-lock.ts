import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { numeric, shape, text, whole } from '../../src/state/decode.ts';
import { StateError, type LockInfo } from '../../src/state/store.ts';

export interface LockFiles {
  readonly lock: string;
  /** Name of this machine: only its own processes can be looked up. */
  readonly machine: string;
}

interface LockDocument extends LockInfo {
  readonly machine: string;
  /** Start of the process in clock ticks after boot, so that a reused pid is told apart. */
  readonly started: number;
}

const decode = shape<LockDocument>({
  run: text,
  operation: text,
  owner: text,
  id: text,
  pid: whole,
  since: text,
  machine: text,
  started: numeric,
});

/** Takes the lock, or says who holds it. A lock of a process of this machine that is gone is broken. */
export async function tryLock(files: LockFiles, info: LockInfo): Promise<LockInfo | null> {
  const document: LockDocument = { ...info, machine: files.machine, started: processStart(info.pid) ?? 0 };
  if (await createExclusively(files.lock, JSON.stringify(document))) return null;
  const held = await readDocument(files);
  if (held === null) return tryLock(files, info);
  if (!isGone(held, files.machine)) return held;
  await breakLock(files, held.id);
  return (await createExclusively(files.lock, JSON.stringify(document))) ? null : readDocument(files);
}

export function readLock(files: LockFiles): Promise<LockInfo | null> {
  return readDocument(files);
}

/** Only one process at a time may break a lock, and only the one it saw; the guard is a folder, made exclusively. */
async function breakLock(files: LockFiles, id: string): Promise<void> {
  const guard = `${files.lock}.breaking`;
  try {
    await mkdir(guard);
  } catch {
    const age = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > 10_000) await rmdir(guard).catch(() => undefined);
    return;
  }
  try {
    if ((await readDocument(files))?.id === id) await rm(files.lock, { force: true });
  } finally {
    await rmdir(guard).catch(() => undefined);
  }
}

/** A lock appears whole or not at all: it is written aside and linked into place. */
async function createExclusively(file: string, content: string): Promise<boolean> {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(aside, content, { mode: 0o600 });
    await link(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    const remedy = 'Set the permissions of its folder right.';
    throw new StateError('io', `${file} cannot be made: ${String(error)}.`, remedy, { cause: error });
  } finally {
    await rm(aside, { force: true });
  }
}

async function readDocument(files: LockFiles): Promise<LockDocument | null> {
  let content: string;
  try {
    content = await readFile(files.lock, 'utf8');
  } catch {
    return null;
  }
  try {
    return decode(JSON.parse(content), '');
  } catch {
    // Not written by us: whoever made it is unknown, and it does not break by itself.
    const unknown = { run: '?', operation: '?', owner: '?', id: 'unreadable', pid: 0, since: '?' };
    return { ...unknown, machine: '?', started: 0 };
  }
}

function isGone(held: LockDocument, machine: string): boolean {
  if (held.machine !== machine || held.pid <= 0) return false;
  return processStart(held.pid) !== held.started;
}

/** Field 22 of /proc/PID/stat; null when there is no such process. */
function processStart(pid: number): number | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return null;
  }
}
