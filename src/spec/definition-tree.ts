import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { FileDigests } from './file-digests.ts';

/** A file of a definition's tree. */
export interface DefinitionFile {
  /** Relative to the definition's directory, with `/`. */
  readonly path: string;
  /** SHA-256 of its content. */
  readonly digest: string;
  readonly bytes: number;
}

/**
 * All files below a directory but hidden ones, sorted by path. Links are followed, but never around in a circle, and never out
 * of the directory.
 */
export async function readTree(directory: string, digests: FileDigests): Promise<DefinitionFile[]> {
  const files: DefinitionFile[] = [];
  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    if (depth > 32) return;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const { name } = entry;
      const path = join(folder, name);
      if (name.startsWith('.') || (entry.isSymbolicLink() && leadsOutOf(directory, path))) continue;
      const found = await stat(path).catch(() => undefined);
      if (found?.isDirectory()) await visit(path, `${prefix}${name}/`, depth + 1);
      else if (found?.isFile()) {
        const { digest, sizeBytes } = digests.digestOf(path);
        files.push({ path: prefix + name, digest, bytes: sizeBytes });
      }
    }
  };
  await visit(directory, '', 0);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** SHA-256 over the tree: path and content digest of each file, in order. */
export function treeDigest(files: readonly DefinitionFile[]): string {
  const hash = createHash('sha256');
  for (const { path, digest } of files) hash.update(`${path}\0${digest}\n`);
  return hash.digest('hex');
}

/** The absolute path of a file that is named relative to a directory; undefined when it would lie outside, be it by a link. */
export function pathWithin(directory: string, path: string): string | undefined {
  const absolute = resolve(directory, path);
  return isBelow(directory, absolute) && !leadsOutOf(directory, absolute) ? absolute : undefined;
}

/** Whether links on the way to a file lead out of the directory that it is named in. One that is not there leads nowhere. */
export function leadsOutOf(directory: string, absolute: string): boolean {
  try {
    const real = realpathSync(absolute);
    const base = realpathSync(directory);
    return real !== base && !isBelow(base, real);
  } catch {
    return false;
  }
}

function isBelow(directory: string, absolute: string): boolean {
  return absolute.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
