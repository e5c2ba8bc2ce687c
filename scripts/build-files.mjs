// How the build writes: others may run from dist/ in that very moment.
import { chmod, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that runs from an earlier build may still load its files, so they live on for a while. */
const staleMs = 60 * 60 * 1000;

/** Atomic, and without touching content that is already there: a running process may be reading it. */
export async function writeInPlace(path, content, executable = false) {
  const bytes = Buffer.from(content);
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(bytes)) {
    const now = new Date();
    await utimes(path, now, now); // its age says when the build was last known to be current
    return;
  }
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  if (executable) await chmod(temporary, 0o755);
  await rename(temporary, path);
}

/** Removes the files of a folder that are of earlier builds, unless those are so recent that they may still run. */
export async function removeStale(folder, current) {
  for (const name of await readdir(folder)) {
    if (current.has(name)) continue;
    const path = join(folder, name);
    const ageMs = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (ageMs > staleMs) await rm(path, { force: true });
  }
}
