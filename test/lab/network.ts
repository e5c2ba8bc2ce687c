import { spawn } from 'node:child_process';
import { access, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Base } from './base.ts';
import { inGroup, killGroup, labGroup, mounts, releaseLabGroup } from './cgroup.ts';
import { must, run } from './command.ts';
import type { HostOptions } from './host.ts';
import type { LabNetwork } from './layout.ts';
import { machineDirectory } from './layout.ts';
import type { ProcessIdentity } from './ownership.ts';
import { exclusively } from './ownership.ts';

/** Counted per user over the whole machine; the usual 128 is enough for about 20 systemds. */
const INOTIFY_INSTANCES = 8192;
const inotifyLimit = '/proc/sys/fs/inotify/max_user_instances';

/** What is known of a running lab, for every process of this machine. */
export interface LabRecord {
  readonly owner: ProcessIdentity | 'nobody';
  readonly network: LabNetwork;
  readonly base: Base;
  readonly options: HostOptions;
}

const recordFile = (number: number): string => path.join(machineDirectory, `${number}.json`);

export async function readRecord(number: number): Promise<LabRecord | undefined> {
  const text = await readFile(recordFile(number), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord);
}

export async function writeRecord(record: LabRecord): Promise<void> {
  await writeFile(recordFile(record.network.number), JSON.stringify(record));
}

/** Labs that run or have crashed. */
export async function allRecords(): Promise<LabRecord[]> {
  const names = await readdir(machineDirectory).catch(() => []);
  const numbers = names.filter((name) => /^\d+\.json$/.test(name)).map((name) => parseInt(name, 10));
  return (await Promise.all(numbers.map(readRecord))).filter((record) => record !== undefined);
}

/** Runs `work` while no other lab of this machine starts or stops. */
export function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  return exclusively(path.join(machineDirectory, 'lock'), work);
}

/** The cgroup of one lab. */
export async function networkGroup(network: LabNetwork): Promise<string> {
  const group = path.join(await labGroup(), String(network.number));
  await mkdir(group, { recursive: true });
  return group;
}

/** Ends and removes all there is of a lab. Idempotent, and content with whatever half a lab a crash has left. */
export async function clearAway(network: LabNetwork): Promise<void> {
  const hostsDirectory = path.join(network.directory, 'hosts');
  const ports = (await run(['ip', '-brief', 'link', 'show', 'master', network.bridge])).stdout.split('\n');
  for (const line of ports) {
    const port = line.split(/[@ ]/)[0];
    if (port) await run(['ip', 'link', 'set', port, 'down']);
  }
  await killGroup(await networkGroup(network));
  for (const name of await readdir(hostsDirectory).catch(() => [])) {
    for (const port of [`${network.bridge}-${name}-a`, `${network.bridge}-${name}`])
      await run(['ip', 'link', 'del', port]);
  }
  await run(['ip', 'link', 'del', network.bridge]);
  for (const mount of await mounts()) {
    if (mount.point.startsWith(`${network.directory}/`)) await must(['umount', '--lazy', mount.point]);
  }
  await rm(network.directory, { recursive: true, force: true });
  await rm(recordFile(network.number), { force: true });
  if ((await allRecords()).length === 0) {
    await restoreInotifyLimit();
    await releaseLabGroup();
  }
}

/** The bridge, with the controller's own address. */
export async function plugIn(network: LabNetwork): Promise<void> {
  const { bridge, gateway, prefix6 } = network;
  await must(['ip', 'link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0']);
  await must(['ip', 'addr', 'add', `${gateway}/24`, 'dev', bridge]);
  await run(['ip', 'addr', 'add', `${prefix6}1/64`, 'dev', bridge, 'nodad']); // not every machine has IPv6
  await must(['ip', 'link', 'set', bridge, 'up']);
}

/** Starts the package mirror in a process of its own; returns once it answers. */
export async function serveMirror(network: LabNetwork, base: Base): Promise<void> {
  const group = path.join(await networkGroup(network), 'mirror');
  await mkdir(group, { recursive: true });
  const log = await open(path.join(network.directory, 'mirror.log'), 'a');
  const server = path.join(import.meta.dirname, 'mirror.mjs');
  const [file = '', ...args] = inGroup(group, [
    process.execPath,
    server,
    base.mirror,
    network.gateway,
    '8080',
  ]);
  spawn(file, args, { detached: true, stdio: ['ignore', log.fd, log.fd] }).unref();
  await log.close();
  for (let n = 0; n < 200; n++) {
    const answer = await fetch(`http://${network.gateway}:8080/Release`).catch(() => undefined);
    if (answer?.ok) return void (await answer.text());
    await sleep(25);
  }
  throw new Error(`the package mirror does not answer, see ${network.directory}/mirror.log`);
}

/** A process that takes the lab off the machine when its owner ends without having stopped it: a signal, a crash. */
export async function guard(network: LabNetwork, owner: number): Promise<void> {
  const group = await networkGroup(network);
  const own = path.join(group, 'guard');
  await mkdir(own, { recursive: true });
  const script = `while kill -0 "$0" 2>/dev/null; do sleep 1; done; ip link del "$1"; echo 1 >"$2/cgroup.kill"`;
  const [file = '', ...args] = inGroup(own, ['sh', '-c', script, String(owner), network.bridge, group]);
  spawn(file, args, { detached: true, stdio: 'ignore' }).unref();
}

const inotifyBefore = path.join(machineDirectory, 'inotify-instances.before');

export async function raiseInotifyLimit(): Promise<void> {
  const before = await readFile(inotifyLimit, 'utf8');
  if (Number(before) >= INOTIFY_INSTANCES) return;
  const saved = await access(inotifyBefore).then(
    () => true,
    () => false,
  );
  if (!saved) await writeFile(inotifyBefore, before);
  await writeFile(inotifyLimit, String(INOTIFY_INSTANCES));
}

async function restoreInotifyLimit(): Promise<void> {
  const before = await readFile(inotifyBefore, 'utf8').catch(() => undefined);
  if (before === undefined) return;
  await writeFile(inotifyLimit, before);
  await rm(inotifyBefore);
}
