import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileDigest, Seal } from './file-digests.ts';

/** The first line is this and the SHA-256 of the rest, which is an array of `{path, identity, digest, sizeBytes, seal}`. */
const HEADER = 'slipway-digests 1 ';

/** Digests by absolute path; none where the file is absent, damaged or of another version. */
export function readDigestCache(cacheFile: string): ReadonlyMap<string, FileDigest> {
  let text: string;
  try {
    text = readFileSync(cacheFile, 'utf8');
  } catch {
    return new Map();
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || text.slice(0, end) !== HEADER + checksum(body)) return new Map();
  const entries = JSON.parse(body) as readonly unknown[];
  return new Map(entries.flatMap((entry) => (isEntry(entry) ? [[entry.path, digestOf(entry)]] : [])));
}

/** Adds one digest, in one rename; those of files that are gone are left out. A cache that cannot be written is no error. */
export function writeDigestCache(cacheFile: string, path: string, digest: FileDigest): void {
  const kept = new Map([...readDigestCache(cacheFile)].filter(([name]) => existsSync(name)));
  kept.set(path, digest);
  const body = `${JSON.stringify([...kept].map(([name, entry]) => ({ path: name, ...entry })))}\n`;
  const fresh = `${cacheFile}.${process.pid}.new`;
  try {
    mkdirSync(dirname(cacheFile), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(fresh, `${HEADER}${checksum(body)}\n${body}`, { mode: 0o600 });
      renameSync(fresh, cacheFile);
    } catch {
      rmSync(fresh, { force: true });
    }
  } catch {
    // The next process reads the files once more.
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

type Entry = FileDigest & { readonly path: string };

function digestOf({ digest, sizeBytes, seal, identity }: Entry): FileDigest {
  return { digest, sizeBytes, seal, identity };
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, identity, digest, sizeBytes, seal } = value as Partial<Record<keyof Entry, unknown>>;
  if (typeof path !== 'string' || typeof identity !== 'string' || typeof sizeBytes !== 'number') return false;
  return isHex(digest, 64) && (seal === null || isSeal(seal));
}

function isSeal(value: unknown): value is Seal {
  if (typeof value !== 'object' || value === null) return false;
  const { key, tag } = value as Partial<Record<keyof Seal, unknown>>;
  return isHex(key, 32) && isHex(tag, 32);
}

function isHex(value: unknown, digits: number): boolean {
  return typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value);
}
