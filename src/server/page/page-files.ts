import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as it is sent. All encodings that there are; `identity` always is. */
export interface PageFile {
  readonly type: string;
  readonly encodings: ReadonlyMap<Encoding, EncodedFile>;
}

export type Encoding = 'br' | 'gzip' | 'identity';

export interface EncodedFile {
  readonly content: Buffer;
  /** With its quotes: one for each encoding, for the bytes differ. */
  readonly etag: string;
}

export interface PageFiles {
  readonly index: PageFile;
  /** By name: `page-7QX2K3AB.js`. Their content never changes under a name. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Where `npm run build` puts the page: beside our own package.json, whether we run from `dist` or from the sources. */
export function builtPage(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return path.join(folder, 'dist', 'page');
}

/**
 * Reads the whole page: a server goes on to serve the page it began with while another one is built. null: it was never built.
 */
export async function readPage(folder: string): Promise<PageFiles | null> {
  const html = await readFile(path.join(folder, 'index.html')).catch(notThere);
  if (html === null) return null;
  const assets = new Map<string, PageFile>();
  const directory = path.join(folder, 'assets');
  const text = html.toString();
  for (const name of await readdir(directory)) {
    // Those of earlier builds lie there for a while.
    if (!text.includes(`/assets/${name}"`)) continue;
    assets.set(name, await readAsset(path.join(directory, name)));
  }
  return { index: pageFile('.html', html, new Map()), assets };
}

async function readAsset(file: string): Promise<PageFile> {
  const compressed = new Map<Encoding, Buffer>();
  for (const [encoding, ending] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    const content = await readFile(file + ending).catch(notThere);
    if (content !== null) compressed.set(encoding, content);
  }
  return pageFile(path.extname(file), await readFile(file), compressed);
}

function pageFile(extension: string, plain: Buffer, compressed: ReadonlyMap<Encoding, Buffer>): PageFile {
  const digest = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  const encodings = [...compressed, ['identity', plain] as const];
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    encodings: new Map(
      encodings.map(([encoding, content]) => [encoding, { content, etag: `"${digest}-${encoding}"` }]),
    ),
  };
}

function notThere(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
