import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openFileDigests } from '../../spec/file-digests.ts';
import { readTree } from '../../spec/definition-tree.ts';
import { OVERRIDE_FILE } from '../../spec/override.ts';
import { loadWorkspace } from '../../spec/workspace.ts';
import { isSpecFile } from '../history-read.ts';
import { readOverrideText, writeOverride } from '../override/override-file.ts';
import { projectPaths } from '../project-paths.ts';
import type { OfflinePorts } from '../ports.ts';
import type { Rollback } from './rollback.ts';

/** What bringing the files of a version back does to one file of the working directory. */
export interface FileRestoration {
  /** Relative to the working directory. */
  readonly path: string;
  readonly change: 'add' | 'change' | 'remove';
}

/** How the working directory differs from a version. `outside`: files of definitions that lie elsewhere, which are never written. */
export interface Restoration {
  readonly files: readonly FileRestoration[];
  readonly outside: readonly string[];
  /** Does it. Resolves to the directory, relative to the working directory, that keeps what was there before. */
  readonly write: () => Promise<string>;
}

/** Compares the working directory with a version of its spec; nothing is written before `write`. */
export async function planRestoration(
  directory: string,
  { version, source }: Rollback,
  ports: OfflinePorts,
  stamp: string,
): Promise<Restoration> {
  const digests = openFileDigests(projectPaths(directory).digests);
  const texts = new Map(source.files.map((file) => [file.path, file.text]));
  if (source.override !== null) texts.set(OVERRIDE_FILE, source.override);
  const files: FileRestoration[] = [];
  const outside: string[] = [];
  const wanted = new Set(version.files.map((file) => file.path));
  for (const file of version.files) {
    const absolute = path.resolve(directory, file.path);
    const isOutside = path.relative(directory, absolute).startsWith('..');
    const text = texts.get(file.path);
    const there = await readFile(absolute).catch(() => null);
    const isSame =
      there !== null &&
      (isSpecFile(file)
        ? there.toString('utf8') === text
        : digests.digestOf(absolute).digest === file.digest);
    if (isSame) continue;
    if (isOutside) outside.push(file.path);
    else files.push({ path: file.path, change: there === null ? 'add' : 'change' });
  }
  for (const name of await presentFiles(directory, wanted, ports)) {
    if (!wanted.has(name)) files.push({ path: name, change: 'remove' });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files,
    outside,
    async write() {
      const backup = path.join('.slipway', 'backup', stamp);
      await keepFiles(directory, backup, files);
      for (const { path: name, change } of files) {
        const target = path.join(directory, name);
        const text = texts.get(name);
        if (change === 'remove') await rm(target);
        else {
          await mkdir(path.dirname(target), { recursive: true });
          if (name === OVERRIDE_FILE && text !== undefined) await writeOverride(directory, text);
          else if (text !== undefined) await writeFile(target, text);
          else await writeFile(target, await readFile(source.locate(target)));
        }
      }
      return backup;
    },
  };
}

/** Files of today's spec, its override, and those in the trees of definitions that the version has too. */
async function presentFiles(
  directory: string,
  wanted: ReadonlySet<string>,
  ports: OfflinePorts,
): Promise<readonly string[]> {
  const { workspace } = await loadWorkspace(directory, { parser: ports.parser });
  const names = workspace.files.map((file) => file.path);
  if ((await readOverrideText(directory)) !== null) names.push(OVERRIDE_FILE);
  for (const home of workspace.definitions.keys()) {
    const prefix = path.relative(directory, home);
    if (prefix.startsWith('..') || ![...wanted].some((name) => name.startsWith(`${prefix}/`))) continue;
    for (const file of await readTree(home, openFileDigests(null))) names.push(`${prefix}/${file.path}`);
  }
  return names;
}

/** Everything is kept before the first file is touched. */
async function keepFiles(
  directory: string,
  backup: string,
  files: readonly FileRestoration[],
): Promise<void> {
  await mkdir(path.join(directory, backup), { recursive: true, mode: 0o700 });
  for (const { path: name, change } of files) {
    if (change === 'add') continue;
    const kept = path.join(directory, backup, name);
    await mkdir(path.dirname(kept), { recursive: true });
    await copyFile(path.join(directory, name), kept);
  }
}
