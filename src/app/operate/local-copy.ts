import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../host/connection.ts';
import { RESUME_BYTES, type FetchedLog } from '../../host/log-fetch.ts';

/** A copy of a log on this machine, and what there is of it from an earlier attempt. */
export interface LocalCopy {
  readonly path: string;
  /** Of what can go on: whole blocks of a part, or of an earlier copy. */
  readonly have: { readonly bytes: number; readonly sha256: string };
  readonly from: 'part' | 'copy' | 'nothing';
}

/** A file that is being fetched; it gets its name when it is complete and verified. */
function partOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.part`);
}

/** Looks what there is. `restart`: nothing of it is wanted. */
export async function findCopy(file: string, restart: boolean): Promise<LocalCopy> {
  if (!restart) {
    for (const [from, candidate] of [
      ['part', partOf(file)],
      ['copy', file],
    ] as const) {
      const bytes = await wholeBlocks(candidate);
      if (bytes > 0) return { path: file, have: { bytes, sha256: await digestOf(candidate, bytes) }, from };
    }
  }
  return { path: file, have: { bytes: 0, sha256: '-' }, from: 'nothing' };
}

async function wholeBlocks(file: string): Promise<number> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true ? Math.floor(found.size / RESUME_BYTES) * RESUME_BYTES : 0;
}

async function digestOf(file: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { end: bytes - 1, highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/**
 * Takes a log in: appends to what there is where it goes on there, verifies it, and puts it in its place. `onBytes` hears of what was
 * there already, then of what comes. Rejects with a transient `HostError` when it came in damaged: the part is gone then.
 */
export async function storeCopy(
  host: string,
  copy: LocalCopy,
  fetched: FetchedLog,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const part = partOf(copy.path);
  await mkdir(path.dirname(part), { recursive: true });
  const { startBytes, sizeBytes } = fetched;
  if (startBytes > 0 && copy.from === 'copy') await rename(copy.path, part);
  if (startBytes === 0) await rm(part, { force: true });
  const handle = await open(part, startBytes === 0 ? 'wx' : 'r+', 0o600);
  const hash = createHash('sha256');
  let at = startBytes;
  try {
    await handle.truncate(startBytes);
    onBytes(startBytes);
    for await (const chunk of fetched.bytes) {
      hash.update(chunk);
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, at + written);
        written += bytesWritten;
      }
      at += chunk.length;
      onBytes(chunk.length);
    }
  } finally {
    await handle.close();
  }
  const digest = await fetched.sha256();
  if ((sizeBytes !== null && at !== sizeBytes) || digest !== hash.digest('hex')) {
    // A file that was cut off while it was read is shorter than it was, and is what it is on the next attempt.
    await rm(part, { force: true });
    throw new HostError(
      host,
      'lost',
      `${path.basename(copy.path)} came in damaged, or was changed meanwhile`,
    );
  }
  if (fetched.modifiedMs !== null) await utimes(part, new Date(), new Date(fetched.modifiedMs));
  await rename(part, copy.path);
}
