import { setTimeout as sleep } from 'node:timers/promises';
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { numeric, shape, text, whole } from '../../src/state/decode.ts';
import type { LockInfo } from '../../src/state/store.ts';
import { ioError } from './local-files.ts';

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

/** A guard that its maker did not live to remove. */
const STALE_GUARD_MS = 2_000;

const UNKNOWN_HOLDER: LockDocument = {
  run: '?',
  operation: '?',
  owner: '?',
  id: 'unreadable',
  pid: 0,
  since: '?',
  machine: '?',
  started: 0,
};

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

/** Times that a lock which vanishes or breaks under our hands is tried again, and the pause between. */
const ATTEMPTS = 120;
const PAUSE_MS = 25;

/** Takes the lock, or says who holds it. A lock of a process of this machine that is gone is broken. */
export async function tryLock(files: LockFiles, info: LockInfo): Promise<LockInfo | null> {
  const document: LockDocument = { ...info, machine: files.machine, started: processStart(info.pid) ?? 0 };
  let held: LockDocument | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await createExclusively(files.lock, document)) return null;
    // Whoever finds no lock here has not taken it: it was released in this moment, and others want it too.
    held = (await readDocument(files)) ?? held;
    if (held !== null && !isGone(held, files.machine)) return held;
    if (held !== null && !(await removeIfHeld(files, held.id))) await sleep(PAUSE_MS);
  }
  return held ?? UNKNOWN_HOLDER;
}

/** Gives the lock with this id back; one that was broken and taken by somebody else since stays theirs. */
export async function releaseLock(files: LockFiles, id: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await removeIfHeld(files, id)) return;
    await sleep(PAUSE_MS);
  }
}

/** Who holds the lock; null: nobody, or a process of this machine that is no more and from whom the next one takes it. */
export async function lockHolder(files: LockFiles): Promise<LockInfo | null> {
  const held = await readDocument(files);
  return held === null || isGone(held, files.machine) ? null : held;
}

/** The lock as it lies there, whoever held it. */
export function readLock(files: LockFiles): Promise<LockInfo | null> {
  return readDocument(files);
}

/**
 * Removes the lock when it has this id. Only one process at a time looks and removes, so that nobody removes what it has not
 * seen; the guard is a folder, made exclusively. False when another one is at it.
 */
async function removeIfHeld(files: LockFiles, id: string): Promise<boolean> {
  const guard = `${files.lock}.breaking`;
  try {
    await mkdir(guard);
  } catch {
    const age = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_GUARD_MS) await rmdir(guard).catch(() => undefined);
    return false;
  }
  try {
    if ((await readDocument(files))?.id === id) await rm(files.lock, { force: true });
    return true;
  } finally {
    await rmdir(guard).catch(() => undefined);
  }
}

/** A lock appears whole or not at all: it is written aside and linked into place. */
async function createExclusively(file: string, document: LockDocument): Promise<boolean> {
  const aside = `${file}.${document.id}.tmp`;
  try {
    await writeFile(aside, JSON.stringify(document), { mode: 0o600 });
    await link(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw ioError(
      file,
      'cannot be made',
      error,
      'Free some space or set the permissions of its folder right.',
    );
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
    return UNKNOWN_HOLDER;
  }
}

function isGone(held: LockDocument, machine: string): boolean {
  if (held.machine !== machine || held.pid <= 0) return false;
  return processStart(held.pid) !== held.started;
}

/** Field 22 of /proc/PID/stat, or 0 where the system has no /proc; null when there is no such process. */
function processStart(pid: number): number | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return existsSync('/proc/self/stat') || !isAlive(pid) ? null : 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
