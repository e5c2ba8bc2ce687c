import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { StateError } from '../../src/state/store.ts';

/** File systems that cannot sync a directory say so by one of these; there is nothing better to be had from them. */
const NOT_SYNCABLE: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR']);

/** The text of a file; null when there is none. */
export async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw ioError(file, 'cannot be read', error, 'Set its permissions right.');
  }
}

/** Writes beside the file, syncs, renames: a reader sees the old content or the new, never half. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  // A name that nobody can have put a link at, and exclusively made: the folder may be one that others write to.
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  let handle: FileHandle | null = null;
  try {
    handle = await open(temporary, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(temporary, file);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw ioError(
      file,
      'cannot be written',
      error,
      'Free some space or set its permissions right, then run it again.',
    );
  }
}

export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw ioError(folder, 'cannot be made', error, 'Set the permissions of the folder above it right.');
  }
}

/** What was created, renamed or removed in a folder survives a loss of power. */
export async function syncDirectory(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (NOT_SYNCABLE.has((error as NodeJS.ErrnoException).code ?? '')) return;
    throw ioError(folder, 'cannot be synced', error, 'Look at the disk, then run it again.');
  }
}

/** What `writeDurably` and the lock write aside, by what follows the state's name. */
const TEMPORARY = /^\.(?:(?:backup\.)?\d+\.[0-9a-f]{8}|lock\.[0-9a-f-]{36})\.tmp$/;
/** Older ones nobody is writing any more. */
const STALE_MS = 60_000;

/** Takes off what killed processes have left half written beside a state. */
export async function sweepTemporaries(file: string): Promise<void> {
  const folder = path.dirname(file);
  const base = path.basename(file);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(base) || !TEMPORARY.test(name.slice(base.length))) continue;
    const temporary = path.join(folder, name);
    const age = await stat(temporary).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(temporary, { force: true }).catch(() => undefined);
  }
}

export async function removeFile(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw ioError(file, 'cannot be removed', error, 'Set the permissions of its folder right.');
  }
}

export function ioError(file: string, what: string, cause: unknown, remedy: string): StateError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StateError('io', `${file} ${what}: ${why}.`, remedy, { cause });
}
