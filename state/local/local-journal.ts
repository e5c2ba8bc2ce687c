import { open, type FileHandle } from 'node:fs/promises';
import {
  encodeJournalEntry,
  encodeJournalHeader,
  type JournalHeader,
} from '../../src/state/journal-codec.ts';
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
  await handle.appendFile(encodeJournalHeader(header));
  await handle.datasync();

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
    throw new StateError(
      'io',
      `${file} cannot be opened: ${String(error)}.`,
      'Free some space or set its permissions right.',
      {
        cause: error,
      },
    );
  }
}

async function writeBatch(handle: FileHandle, text: string, file: string): Promise<void> {
  try {
    await handle.appendFile(text);
    await handle.datasync();
  } catch (error) {
    const remedy = 'Free some space; the next run reads what was written so far.';
    throw new StateError('io', `${file} cannot be written: ${String(error)}.`, remedy, { cause: error });
  }
}
