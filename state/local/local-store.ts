import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { DecodeError } from '../../src/state/decode.ts';
import { decodeState, encodeState, STATE_VERSION, stateVersion } from '../../src/state/codec.ts';
import { emptyState, foldJournal } from '../../src/state/fold.ts';
import { decodeJournal } from '../../src/state/journal-codec.ts';
import type { State } from '../../src/state/model.ts';
import { StateError, type LockInfo, type Store } from '../../src/state/store.ts';
import {
  makeFolder,
  readOrNull,
  removeFile,
  sweepTemporaries,
  syncDirectory,
  writeDurably,
} from './local-files.ts';
import { openJournal } from './local-journal.ts';
import { lockHolder, readLock, releaseLock, tryLock, type LockFiles } from './local-lock.ts';

/**
 * A state kept in a file of this machine: `PATH`, with the previous serial in `PATH.backup`, the journal of a run in
 * `PATH.journal` and the lock in `PATH.lock`. All are mode 0600; writes are atomic and fsynced.
 */
export function localStore(filePath: string): Store {
  const file = path.resolve(filePath);
  const folder = path.dirname(file);
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
      const journal = leftover(await readOrNull(journalFile), journalFile, state);
      if (journal === null || journal === 'stale') return state === null ? null : { state, recovered: null };
      const { header, entries } = journal;
      const folded = foldJournal(state ?? emptyState(header.lineage), entries);
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
      await makeFolder(folder);
      if (stored !== null) await writeDurably(`${file}.backup`, await readFile(file));
      await writeDurably(file, encodeState(state));
      // The journal may go only once what it tells cannot be lost any more.
      await syncDirectory(folder);
      await removeFile(journalFile);
      await syncDirectory(folder);
    },
    async journal(run, lineage) {
      const stored = await readState();
      await makeFolder(folder);
      // What a crash left that tells nothing new must not stand in the way for ever.
      if (leftover(await readOrNull(journalFile), journalFile, stored) === 'stale')
        await removeFile(journalFile);
      return openJournal(journalFile, { version: STATE_VERSION, lineage, serial: stored?.serial ?? 0, run });
    },
    async lock(holder, { timeoutMs, signal, onWait }) {
      await makeFolder(folder);
      const info: LockInfo = {
        ...holder,
        id: randomUUID(),
        pid: process.pid,
        since: new Date().toISOString(),
      };
      const deadline = Date.now() + timeoutMs;
      for (let told = false; ;) {
        const held = await tryLock(lockFiles, info);
        if (held === null) {
          await sweepTemporaries(file);
          return { info, release: () => releaseLock(lockFiles, info.id) };
        }
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
    lockInfo: () => lockHolder(lockFiles),
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

/**
 * What the journal of an earlier run tells beyond the state. `stale`: nothing, for it was killed before its first entry, or
 * after the state was written and before the journal was removed. null: there is no journal.
 */
function leftover(
  content: string | null,
  journalFile: string,
  state: State | null,
): NonNullable<ReturnType<typeof decodeJournal>> | 'stale' | null {
  if (content === null) return null;
  const journal = parseJournal(content, journalFile);
  if (journal === null || journal.entries.length === 0) return 'stale';
  if (state === null) return journal;
  const { lineage, serial } = journal.header;
  if (lineage !== state.lineage) throw strangerOf(journalFile, lineage, state.lineage);
  if (serial < state.serial) return 'stale';
  if (serial > state.serial) throw conflictOf(journalFile, serial, state.serial);
  return journal;
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

function strangerOf(journalFile: string, journal: string, state: string): StateError {
  return new StateError(
    'conflict',
    `${journalFile} tells of a run of another cluster (lineage ${journal}; the state has ${state}): the state was exchanged.`,
    'Put the state of that cluster back, or take the journal away; the next plan asks the hosts.',
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
