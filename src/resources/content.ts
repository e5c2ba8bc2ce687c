import * as crypto from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Blob } from '../host/script.ts';
import { identityOf, openFileDigests } from '../spec/file-digests.ts';
import type { FileDigest, FileDigests } from '../spec/file-digests.ts';
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

/** A reader that shares what is known of files. It throws the system's error where one cannot be read. */
export function createSourceReader(digests: FileDigests = openFileDigests(null)): SourceReader {
  const blobs = new Map<FileDigest, Blob>();
  return (path) => {
    const known = digests.digestOf(path);
    const found = blobs.get(known);
    if (found !== undefined) return found;
    const { digest, sizeBytes, seal } = known;
    const blob = {
      digest,
      sizeBytes,
      ...(seal === null ? {} : { seal }),
      open: () => contentOf(path, known),
    };
    blobs.set(known, blob);
    return blob;
  };
}

const CHUNK_BYTES = 1024 * 1024;
const NOTHING = Promise.resolve(new Uint8Array());

/** Reads ahead by one chunk, in two buffers that are used in turn. Throws when the file is not the one that was digested. */
async function* contentOf(path: string, { identity, sizeBytes }: FileDigest): AsyncIterable<Uint8Array> {
  const file = await open(path, 'r');
  const check = async (): Promise<void> => {
    if (identityOf(await file.stat({ bigint: true })) !== identity)
      throw new Error(`${path} was changed since it was read for the plan`);
  };
  let ahead: Promise<Uint8Array> = NOTHING;
  try {
    await check();
    const size = Math.min(CHUNK_BYTES, sizeBytes);
    let [free, busy] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(sizeBytes > size ? size : 0)];
    const read = (into: Buffer): Promise<Uint8Array> => {
      const reading = file
        .read(into, 0, into.length, null)
        .then(({ bytesRead }) => into.subarray(0, bytesRead));
      // Who asks for the chunk is told; that may be later.
      reading.catch(() => undefined);
      return reading;
    };
    ahead = read(free);
    for (let left = sizeBytes; left > 0;) {
      const chunk = await ahead;
      if (chunk.length === 0) break;
      left -= chunk.length;
      [free, busy] = [busy, free];
      ahead = left > 0 ? read(free) : NOTHING;
      yield chunk;
    }
    await check();
  } finally {
    await ahead.catch(() => undefined);
    await file.close();
  }
}
