import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { mkdir, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { DecodeError } from '../../src/state/decode.ts';
import { decodeState, encodeState, STATE_VERSION, stateVersion } from '../../src/state/codec.ts';
import { emptyState, foldJournal } from '../../src/state/fold.ts';
import { decodeJournal } from '../../src/state/journal-codec.ts';
import type { State } from '../../src/state/model.ts';
import { StateError, type LockInfo, type Store } from '../../src/state/store.ts';
import { openJournal } from './local-journal.ts';
import { readLock, releaseLock, tryLock, type LockFiles } from './local-lock.ts';

/**
 * A state kept in a file of this machine: `PATH`, with the previous serial in `PATH.backup`, the journal of a run in
 * `PATH.journal` and the lock in `PATH.lock`. All are mode 0600; writes are atomic and fsynced.
 */
export function localStore(filePath: string): Store {
  const file = path.resolve(filePath);
  const journalFile = `${file}.journal`;
  const lockFiles: LockFiles = { lock: `${file}.lock`, machine: hostname() };

  const readState = async (): Promise<State | null> => {
    const content = await readOrNull(file);
    return content === null ? null : parseState(content, file);
  };

  return {
    location: file,
    async read() {
      const state = await readState();
      const content = await readOrNull(journalFile);
      if (content === null) return state === null ? null : { state, recovered: null };
      const journal = parseJournal(content, journalFile);
      if (journal === null || (journal.entries.length === 0 && state === null)) {
        return state === null ? null : { state, recovered: null };
      }
      const { header, entries } = journal;
      if (state !== null && (header.lineage !== state.lineage || header.serial < state.serial)) {
        // The state was written after this journal was folded in: only its removal is missing.
        return { state, recovered: null };
      }
      if (state !== null && header.serial > state.serial)
        throw conflictOf(journalFile, header.serial, state.serial);
      const base = state ?? emptyState(header.lineage);
      const folded = foldJournal(base, entries);
      return { state: folded.state, recovered: { run: header.run, unfinished: folded.unfinished } };
    },
    async write(state) {
      const stored = await readState();
      const expected = (stored?.serial ?? 0) + 1;
      if (state.serial !== expected) {
        throw new StateError(
          'conflict',
          `${file} has serial ${stored?.serial ?? 0}; a state with serial ${state.serial} cannot follow it.`,
          'Somebody else changed the state. Plan again.',
        );
      }
      if (stored !== null && stored.lineage !== state.lineage)
        throw lineageError(file, stored.lineage, state.lineage);
      await mkdir(path.dirname(file), { recursive: true });
      if (stored !== null) await writeDurably(`${file}.backup`, await readFile(file));
      await writeDurably(file, encodeState(state));
      await rm(journalFile, { force: true });
      await syncDirectory(path.dirname(file));
    },
    async journal(run, lineage) {
      const stored = await readState();
      await mkdir(path.dirname(file), { recursive: true });
      return openJournal(journalFile, { version: STATE_VERSION, lineage, serial: stored?.serial ?? 0, run });
    },
    async lock(holder, { timeoutMs, signal, onWait }) {
      await mkdir(path.dirname(file), { recursive: true });
      const info: LockInfo = {
        ...holder,
        id: randomUUID(),
        pid: process.pid,
        since: new Date().toISOString(),
      };
      const deadline = Date.now() + timeoutMs;
      for (let told = false; ;) {
        const held = await tryLock(lockFiles, info);
        if (held === null) return { info, release: () => releaseLock(lockFiles, info.id) };
        if (Date.now() >= deadline) throw lockedError(held);
        if (!told) onWait?.(held);
        told = true;
        await sleep(
          Math.min(250, Math.max(1, deadline - Date.now())),
          undefined,
          signal === undefined ? {} : { signal },
        );
      }
    },
    lockInfo: () => readLock(lockFiles),
    async forceUnlock(id) {
      const held = await readLock(lockFiles);
      if (held === null)
        throw new StateError('locked', 'The state is not locked.', 'There is nothing to unlock.');
      if (held.id !== id) {
        throw new StateError(
          'locked',
          `The lock's id is ${held.id}, not ${id}.`,
          'Give the id of the lock that is there.',
        );
      }
      await releaseLock(lockFiles, id);
    },
  };
}

function parseState(content: string, file: string): State {
  const backup = `The previous serial is kept in ${file}.backup: when it is good, copy it over ${file} and run \`slipway plan\`, which compares it with the hosts.`;
  try {
    const parsed: unknown = JSON.parse(content);
    const version = stateVersion(parsed);
    if (version > STATE_VERSION) {
      throw new StateError(
        'newer',
        `${file} was written by a newer slipway (state format ${version}; this one knows ${STATE_VERSION}).`,
        'Use that version or a later one.',
      );
    }
    return decodeState(parsed);
  } catch (error) {
    if (error instanceof StateError) throw error;
    const where = error instanceof DecodeError ? error.message : 'it is not JSON';
    throw new StateError('damaged', `${file} is damaged: ${where}.`, backup, { cause: error });
  }
}

function parseJournal(content: string, file: string): ReturnType<typeof decodeJournal> {
  try {
    return decodeJournal(content);
  } catch (error) {
    const where = error instanceof Error ? error.message : String(error);
    throw new StateError(
      'damaged',
      `${file}, the journal of a run that did not end, is damaged: ${where}.`,
      'Take the file away to go on without what it tells; the next plan asks the hosts.',
      { cause: error },
    );
  }
}

function conflictOf(file: string, journalSerial: number, stateSerial: number): StateError {
  return new StateError(
    'conflict',
    `${file} continues serial ${journalSerial}, but the state has serial ${stateSerial}: the state was put back to an older one.`,
    'Put the newer state back, or take the journal away; the next plan asks the hosts.',
  );
}

function lineageError(file: string, stored: string, given: string): StateError {
  return new StateError(
    'other-lineage',
    `${file} belongs to another cluster (lineage ${stored}, not ${given}).`,
    'Give this cluster a state path of its own: state "local" { path = "..." }.',
  );
}

function lockedError(held: LockInfo): StateError {
  return new StateError(
    'locked',
    `The state is locked by ${held.owner} (${held.operation}, run ${held.run}, process ${held.pid}) since ${held.since}.`,
    `Wait for it (--lock-timeout=5m), or, when that process is gone for good: slipway force-unlock ${held.id}`,
  );
}

/** Writes beside the file, syncs, renames: a reader sees the old content or the new, never half. */
async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  let handle: FileHandle | null = null;
  try {
    handle = await open(temporary, 'w', 0o600);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    handle = null;
    await rename(temporary, file);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new StateError(
      'io',
      `${file} cannot be written: ${why}.`,
      'Free some space or set its permissions right, then run it again.',
      { cause: error },
    );
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const why = error instanceof Error ? error.message : String(error);
    throw new StateError('io', `${file} cannot be read: ${why}.`, 'Set its permissions right.', {
      cause: error,
    });
  }
}
