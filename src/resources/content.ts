import * as crypto from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Blob } from '../host/script.ts';
import type { Content } from './resource.ts';

/** Text up to this size stands in the step itself; longer text travels as a blob, once per host. */
export const INLINE_LIMIT_BYTES = 64 * 1024;

/** Lower-case hex SHA-256. The call in one go is thrice as fast for short texts; Node has it from 20.12 on. */
export const sha256: (data: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data)
    : (data) => crypto.createHash('sha256').update(data).digest('hex');

export function textContent(text: string, sensitive: boolean): Content {
  return { type: 'text', text, digest: sha256(text), sensitive };
}

export function digestOf(content: Content): string {
  return content.type === 'text' ? content.digest : content.blob.digest;
}

export function isSensitive(content: Content): boolean {
  return content.type === 'text' && content.sensitive;
}

/** The blob that must lie on the host, null where the content travels with the script. A shell carries no NUL. */
export function blobOf(content: Content): Blob | null {
  if (content.type === 'blob') return content.blob;
  if (content.sensitive) return null;
  const bytes = Buffer.byteLength(content.text);
  if (bytes <= INLINE_LIMIT_BYTES && !content.text.includes('\0')) return null;
  const { text, digest } = content;
  return {
    digest,
    sizeBytes: bytes,
    async *open() {
      yield Buffer.from(text);
    },
  };
}

/** Reads files of definitions as blobs. */
export type SourceReader = (path: string) => Blob;

const CHUNK_BYTES = 1024 * 1024;

/**
 * A reader that digests each file once, as long as path, size, time and inode stay the same: instances share it.
 * The reader throws the system's error where a file cannot be read.
 */
export function createSourceReader(): SourceReader {
  const known = new Map<string, Blob>();
  return (path) => {
    const file = openSync(path, 'r');
    try {
      const stat = fstatSync(file, { bigint: true });
      if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
      const version = `${stat.size} ${stat.mtimeNs} ${stat.ino} ${path}`;
      const cached = known.get(version);
      if (cached !== undefined) return cached;
      const hash = crypto.createHash('sha256');
      const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, Number(stat.size))));
      let sizeBytes = 0;
      for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
        hash.update(chunk.subarray(0, read));
        sizeBytes += read;
      }
      const blob: Blob = { digest: hash.digest('hex'), sizeBytes, open: () => createReadStream(path) };
      known.set(version, blob);
      return blob;
    } finally {
      closeSync(file);
    }
  };
}
