import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { resolve } from 'node:path';
import { readDigestCache, writeDigestCache } from './digest-cache.ts';

/**
 * A second checksum of a large file, made in the pass that made its digest: AES-128-GMAC with a random key of its own and a
 * nonce of zeros. A host checks it ten times faster than SHA-256. Both are lower-case hex, 32 digits.
 */
export interface Seal {
  readonly key: string;
  readonly tag: string;
}

export interface FileDigest {
  /** Lower-case hex SHA-256. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** null for small files. */
  readonly seal: Seal | null;
  /** Device, inode, size and times of the file that was read: while they stay, so does the content. */
  readonly identity: string;
}

/** Digests of files; one is read again only when its identity is another. */
export interface FileDigests {
  /** Throws the system's error where the file cannot be read, and an error for what is no regular file. */
  digestOf(path: string): FileDigest;
}

/** Larger files are remembered beyond the process, and sealed. */
const LARGE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** A file changed as recently as this may change again without a new time: clocks of file systems are coarse. */
const SETTLED_MS = 2000;
const ATTEMPTS = 3;

/**
 * `cacheFile` keeps the digests of large files for later processes; null: none does. It is written whenever a large file
 * was read. One that is damaged, of another version or not writable costs the reading of the files, nothing else.
 */
export function openFileDigests(cacheFile: string | null, clock: () => number = Date.now): FileDigests {
  const known = new Map<string, FileDigest>();
  let cacheRead = false;

  const remembered = (path: string, stat: BigIntStats): FileDigest | undefined => {
    if (!cacheRead && cacheFile !== null && stat.size > LARGE_BYTES) {
      cacheRead = true;
      for (const [name, digest] of readDigestCache(cacheFile)) if (!known.has(name)) known.set(name, digest);
    }
    const digest = known.get(path);
    return digest?.identity === identityOf(stat) ? digest : undefined;
  };

  return {
    digestOf(name) {
      const path = resolve(name);
      const stat = statSync(path, { bigint: true });
      if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
      const found = remembered(path, stat);
      if (found !== undefined) return found;
      const { digest, settled } = readDigest(path, clock);
      known.set(path, digest);
      if (cacheFile !== null && settled && digest.sizeBytes > LARGE_BYTES) {
        writeDigestCache(cacheFile, path, digest);
      }
      return digest;
    },
  };
}

export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** `settled`: nothing can have changed unseen since. Throws when the file does not keep still. */
function readDigest(
  path: string,
  clock: () => number,
): { readonly digest: FileDigest; readonly settled: boolean } {
  const file = openSync(path, 'r');
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stat = fstatSync(file, { bigint: true });
      const settledAt = (stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs) / 1_000_000n;
      const settled = clock() - Number(settledAt) >= SETTLED_MS;
      const content = digestContent(file, Number(stat.size));
      const identity = identityOf(stat);
      if (identity !== identityOf(fstatSync(file, { bigint: true }))) continue;
      return { digest: { ...content, identity }, settled };
    }
    throw new Error(`${path} changes while it is read`);
  } finally {
    closeSync(file);
  }
}

/** Reads from the beginning, in constant memory. */
function digestContent(file: number, expectedBytes: number): Omit<FileDigest, 'identity'> {
  const hash = createHash('sha256');
  const key = randomBytes(16);
  const mac = expectedBytes > LARGE_BYTES ? createCipheriv('aes-128-gcm', key, Buffer.alloc(12)) : null;
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, expectedBytes)));
  let sizeBytes = 0;
  for (;;) {
    const read = readSync(file, chunk, 0, chunk.length, sizeBytes);
    if (read === 0) break;
    const content = chunk.subarray(0, read);
    hash.update(content);
    mac?.setAAD(content);
    sizeBytes += read;
  }
  mac?.final();
  const seal = mac === null ? null : { key: key.toString('hex'), tag: mac.getAuthTag().toString('hex') };
  return { digest: hash.digest('hex'), sizeBytes, seal };
}
