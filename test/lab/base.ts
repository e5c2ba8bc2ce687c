import { createHash } from 'node:crypto';
import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { must } from './command.ts';
import { makeLabDirectory } from './layout.ts';
import { exclusively } from './ownership.ts';

/** What all hosts share: built once, then cached until the scripts that build it change. */
export interface Base {
  /** The root file system every host starts from; never written to. */
  readonly root: string;
  /** `sha256sum -z` output for every regular file of `root`. */
  readonly checksums: string;
  /** A flat apt repository. */
  readonly mirror: string;
  readonly privateKeyPath: string;
}

const scripts = path.join(import.meta.dirname, 'image');

/** Builds base and mirror if they are not cached; a minute or two then. Several callers may ask at the same time. */
export async function ensureBase(log: (line: string) => void = () => undefined): Promise<Base> {
  const directory = await makeLabDirectory();
  return exclusively(path.join(directory, 'base.lock'), () => buildMissing(directory, log));
}

async function buildMissing(directory: string, log: (line: string) => void): Promise<Base> {
  const privateKeyPath = path.join(directory, 'key');
  if (!(await exists(privateKeyPath))) {
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'slipway-lab', '-f', privateKeyPath]);
  }
  const sources = path.join(scripts, 'apt-sources.sh');
  const baseDigest = await digest([
    sources,
    path.join(scripts, 'base.sh'),
    `${privateKeyPath}.pub`,
    '/etc/os-release',
  ]);
  const root = path.join(directory, `base-${baseDigest}`);
  const mirrorDigest = await digest([sources, path.join(scripts, 'mirror.sh')], baseDigest);
  const mirror = path.join(directory, `mirror-${mirrorDigest}`);
  const checksums = `${root}.sha256`;

  if (!(await exists(checksums))) {
    await build(root, log, ['base.sh', `${root}.new`, `${privateKeyPath}.pub`]);
    const sums = await must([
      'sh',
      '-c',
      'cd "$0" && find . -xdev -type f -print0 | xargs -0 sha256sum -z',
      root,
    ]);
    await writeFile(checksums, sums);
    await removeOthers(directory, 'base-', path.basename(root));
  }
  if (!(await exists(mirror))) {
    await build(mirror, log, ['mirror.sh', root, `${mirror}.new`]);
    await removeOthers(directory, 'mirror-', path.basename(mirror));
  }
  return { root, checksums, mirror, privateKeyPath };
}

/** Runs a build script into `target.new`, which becomes `target` only when it is whole. */
async function build(
  target: string,
  log: (line: string) => void,
  [script = '', ...args]: string[],
): Promise<void> {
  log(`lab: building ${path.basename(target)} with ${script}, this takes a minute or two`);
  const startedMs = Date.now();
  await rm(`${target}.new`, { recursive: true, force: true });
  await rm(target, { recursive: true, force: true });
  // Its mounts end with its mount namespace, however it ends.
  await must(['unshare', '--mount', 'bash', path.join(scripts, script), ...args]);
  await rename(`${target}.new`, target);
  log(`lab: built in ${Math.round((Date.now() - startedMs) / 1000)} s`);
}

/** Older versions go, but not while a lab may stand on them. */
async function removeOthers(directory: string, prefix: string, keep: string): Promise<void> {
  const names = await readdir(directory);
  if (names.some((name) => /^\d+$/.test(name))) return; // the directory of a lab
  for (const name of names) {
    if (name.startsWith(prefix) && !name.startsWith(keep))
      await rm(path.join(directory, name), { recursive: true });
  }
}

async function digest(files: readonly string[], salt = ''): Promise<string> {
  const hash = createHash('sha256').update(salt);
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
