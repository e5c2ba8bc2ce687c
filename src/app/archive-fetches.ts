import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DiagnosticsError, runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Blob } from '../host/script.ts';

/** Archives that a spec names by URL: fetched here on the controller, once, since hosts may have no internet. */
export interface ArchiveFetches {
  /** The archive as a blob; its size is known once it was fetched. */
  readonly blobOf: (url: string, sha256: string) => Blob;
  /** Fetches those of these blobs that come from a URL and are not there yet. Throws `DiagnosticsError` with all that fail. */
  readonly fetch: (digests: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
}

/** Keeps fetched archives in `directory`, each named by its SHA-256. */
export function archiveFetches(directory: string): ArchiveFetches {
  const urls = new Map<string, string>();
  const fileOf = (digest: string): string => path.join(directory, digest);
  return {
    blobOf(url, sha256) {
      const digest = sha256.toLowerCase();
      urls.set(digest, url);
      return {
        digest,
        get sizeBytes() {
          return statSync(fileOf(digest), { throwIfNoEntry: false })?.size ?? 0;
        },
        open: () => createReadStream(fileOf(digest)),
      };
    },
    async fetch(digests, signal) {
      const problems: Diagnostic[] = [];
      for (const [digest, url] of urls) {
        if (!digests.has(digest) || statSync(fileOf(digest), { throwIfNoEntry: false }) !== undefined)
          continue;
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const problem = await fetchInto(fileOf(digest), url, digest, signal);
        if (problem !== null) problems.push(problem);
      }
      if (problems.length > 0) throw new DiagnosticsError(problems);
    },
  };
}

/** Only what has the right digest ever gets its name. */
async function fetchInto(
  file: string,
  url: string,
  digest: string,
  signal: AbortSignal,
): Promise<Diagnostic | null> {
  const aside = `${file}.${process.pid}.part`;
  try {
    const response = await fetch(url, { signal, redirect: 'follow' });
    if (!response.ok || response.body === null) {
      return runError(
        'Archive cannot be fetched',
        `${url} answered ${response.status} ${response.statusText}.`,
      );
    }
    const hash = createHash('sha256');
    const source = Readable.fromWeb(response.body);
    source.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(source, createWriteStream(aside, { mode: 0o600 }));
    const found = hash.digest('hex');
    if (found !== digest) {
      const detail = `${url} has SHA-256 ${found}, the spec says ${digest}. Either the file was exchanged, or the spec is out of date.`;
      return runError('Archive has another digest', detail);
    }
    await rename(aside, file);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return runError(
      'Archive cannot be fetched',
      `${url}: ${cause}. The controller needs a way to it, or give a local path.`,
    );
  } finally {
    await rm(aside, { force: true });
  }
}
