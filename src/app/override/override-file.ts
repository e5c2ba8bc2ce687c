import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { throwOnErrors, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { decodeOverride, OVERRIDE_FILE, type Override } from '../../spec/override.ts';
import { StateError } from '../../state/store.ts';

/** The override of a working directory; null: it has none. Throws `DiagnosticsError` with its places where it is damaged. */
export async function readOverride(directory: string): Promise<Override | null> {
  const text = await readOverrideText(directory);
  if (text === null) return null;
  const diagnostics: Diagnostic[] = [];
  const override = decodeOverride(text, (diagnostic) => diagnostics.push(diagnostic));
  throwOnErrors(diagnostics);
  return override;
}

/** null: there is none. Throws `StateError` `io`. */
export async function readOverrideText(directory: string): Promise<string | null> {
  try {
    return await readFile(path.join(directory, OVERRIDE_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw ioError('cannot be read', error);
  }
}

/** Whole and durable, or not at all; mode 0600, for it may hold secrets. Throws `StateError` `io`. */
export async function writeOverride(directory: string, text: string): Promise<void> {
  const file = path.join(directory, OVERRIDE_FILE);
  // A name that nobody can have put a link at.
  const temporary = path.join(directory, `.${OVERRIDE_FILE}.${randomBytes(6).toString('hex')}`);
  let handle: FileHandle | null = null;
  try {
    handle = await open(temporary, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(temporary, file);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw ioError('cannot be written', error);
  }
  await syncFolder(directory);
}

/** Durable. Resolves to whether there was one. Throws `StateError` `io`. */
export async function removeOverride(directory: string): Promise<boolean> {
  try {
    await unlink(path.join(directory, OVERRIDE_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw ioError('cannot be removed', error);
  }
  await syncFolder(directory);
  return true;
}

/** What was done to names survives a loss of power where the file system can say so. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function ioError(what: string, error: unknown): StateError {
  const why = error instanceof Error ? error.message : String(error);
  return new StateError(
    'io',
    `${OVERRIDE_FILE} ${what}: ${why}.`,
    'Set its permissions right, or free some space.',
  );
}
