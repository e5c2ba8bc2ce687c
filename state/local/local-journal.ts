import { open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import {
  encodeJournalEntry,
  encodeJournalHeader,
  type JournalHeader,
} from '../../src/state/journal-codec.ts';
import { ioError, syncDirectory } from './local-files.ts';
import { StateError, type Journal, type JournalEntry } from '../../src/state/store.ts';

/** Entries that are written and synced together. */
interface Batch {
  readonly lines: string[];
  readonly durable: Promise<void>;
}

/**
 * Opens the journal of a run. Entries that arrive while a sync is under way share the next one, so the number of syncs
 * follows the disk's speed, not the number of instances.
 */
export async function openJournal(file: string, header: JournalHeader): Promise<Journal> {
  const handle = await create(file);
  try {
    await writeBatch(handle, encodeJournalHeader(header), file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await handle.close();
    await rm(file, { force: true }).catch(() => undefined);
    throw error;
  }

  let last: Promise<void> = Promise.resolve();
  let gathering: Batch | null = null;

  const startBatch = (): Batch => {
    const lines: string[] = [];
    const previous = last;
    const durable = (async () => {
      await previous;
      // One turn of the event loop gathers what else is about to be appended.
      await new Promise((resolve) => setImmediate(resolve));
      gathering = null;
      await writeBatch(handle, lines.join(''), file);
    })();
    last = durable;
    // Every appender sees a failure itself; a batch that nobody waits for must not end the process.
    durable.catch(() => undefined);
    return { lines, durable };
  };

  return {
    append(entry: JournalEntry) {
      gathering ??= startBatch();
      gathering.lines.push(encodeJournalEntry(entry));
      return gathering.durable;
    },
    async close() {
      await last.catch(() => undefined);
      await handle.close();
    },
  };
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      const message = `${file} is there already: a run is under way, or its end was not folded in.`;
      throw new StateError('conflict', message, 'Run the command again.', { cause: error });
    }
    throw ioError(file, 'cannot be opened', error, 'Free some space or set its permissions right.');
  }
}

async function writeBatch(handle: FileHandle, text: string, file: string): Promise<void> {
  try {
    await handle.appendFile(text);
    await handle.datasync();
  } catch (error) {
    const remedy = 'Free some space; the next run reads what was written so far.';
    throw ioError(file, 'cannot be written', error, remedy);
  }
}
