import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { must } from './command.ts';
import { machineDirectory } from './layout.ts';

/*
 * Every process of a lab lives in a cgroup below `slipway-lab`: that is how all of them are found and killed at once,
 * whatever they forked. Only the hierarchy is used, no controller.
 */

interface Mount {
  readonly point: string;
  readonly type: string;
  readonly writable: boolean;
}

export async function mounts(): Promise<Mount[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const fields = before.split(' ');
    return {
      point: (fields[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(parseInt(octal, 8)),
      ),
      type: after.split(' ')[0] ?? '',
      writable: (fields[5] ?? '').split(',').includes('rw'),
    };
  });
}

const ownMount = path.join(machineDirectory, 'cgroup');

/** The cgroup all labs live below. Where the machine mounts no cgroup2 file system, one is mounted for the labs. */
export async function labGroup(): Promise<string> {
  const found = (await mounts()).find((mount) => mount.type === 'cgroup2' && mount.writable);
  let point = found?.point;
  if (point === undefined) {
    point = ownMount;
    await mkdir(point, { recursive: true });
    await must(['mount', '-t', 'cgroup2', 'cgroup2', point]);
  }
  const group = path.join(point, 'slipway-lab');
  await mkdir(group, { recursive: true });
  return group;
}

/** Takes the common cgroup away once no lab uses it. */
export async function releaseLabGroup(): Promise<void> {
  for (const mount of await mounts()) {
    if (mount.type !== 'cgroup2') continue;
    await rmdir(path.join(mount.point, 'slipway-lab')).catch(() => undefined);
    if (mount.point === ownMount) await must(['umount', mount.point]).catch(() => undefined);
  }
}

export async function isPopulated(group: string): Promise<boolean> {
  const events = await readFile(path.join(group, 'cgroup.events'), 'utf8').catch(() => '');
  return events.includes('populated 1');
}

/** Kills every process in a cgroup and below, waits for their end and removes it. Nothing happens when it is not there. */
export async function killGroup(group: string): Promise<void> {
  const there = await writeFile(path.join(group, 'cgroup.kill'), '1').then(
    () => true,
    () => false,
  );
  if (!there) return;
  for (let n = 0; n < 1000 && (await isPopulated(group)); n++) await sleep(10);
  await removeTree(group);
}

async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(path.join(group, entry.name));
  // The last process may be gone for `populated` and still be on its way out for the kernel.
  for (let n = 0; n < 100; n++) {
    try {
      return await rmdir(group);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      await sleep(10);
    }
  }
}

/** A command line that first enters a cgroup, so that what it starts can never be missed. */
export function inGroup(group: string, command: readonly string[]): string[] {
  return ['sh', '-c', 'echo 0 >"$0/cgroup.procs" && exec "$@"', group, ...command];
}
