import { spawn } from 'node:child_process';
import { access, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Base } from './base.ts';
import { ensureBase } from './base.ts';
import { inGroup, killGroup, labGroup, mounts, releaseLabGroup } from './cgroup.ts';
import { inParallel, must, run } from './command.ts';
import type { HostOptions } from './host.ts';
import { LabHost } from './host.ts';
import type { LabNetwork } from './layout.ts';
import { labDirectory, labNetwork, labNetworks, labObstacle, makeLabDirectory } from './layout.ts';
import type { ProcessIdentity } from './ownership.ts';
import { exclusively, isAlive, thisProcess } from './ownership.ts';

export interface StartOptions extends HostOptions {
  /** How many hosts to start with. Default 5. */
  readonly hosts?: number;
  /** Told what takes long. Default: nobody. */
  readonly log?: (line: string) => void;
  /** Outlives this process, until `stop`. Default: a later start may clear it away once this process is gone. */
  readonly keep?: boolean;
}

/** What a running lab's directory says of it. */
interface LabRecord {
  readonly owner: ProcessIdentity | 'nobody';
  readonly base: Base;
  readonly options: HostOptions;
}

const FIRST_HOST = 11;
const LAST_HOST = 254;
const BOOTS_AT_ONCE = 8;
/** Counted per user over the whole machine; the usual 128 is enough for about 20 systemds. */
const INOTIFY_INSTANCES = 8192;
const inotifyLimit = '/proc/sys/fs/inotify/max_user_instances';

/** A network of throw-away machines. Every process that knows its network's number may use it (`attachLab`). */
export class Lab {
  readonly privateKeyPath: string;
  readonly knownHostsPath: string;
  readonly sshConfigPath: string;
  /** The controller's address in the hosts' network: what a test serves there, hosts can fetch. */
  readonly gateway: string;
  private numbers: readonly number[] = [];

  constructor(
    readonly network: LabNetwork,
    private readonly record: LabRecord,
    private readonly group: string,
  ) {
    this.privateKeyPath = record.base.privateKeyPath;
    this.knownHostsPath = path.join(network.directory, 'known_hosts');
    this.sshConfigPath = path.join(network.directory, 'ssh_config');
    this.gateway = network.gateway;
  }

  /** Whether it was started to outlive its process. */
  get isKept(): boolean {
    return this.record.owner === 'nobody';
  }

  /** All hosts, on or off, by address. */
  get hosts(): readonly LabHost[] {
    return this.numbers.map((number) => this.host(number));
  }

  /** Reads anew which hosts there are; another process may have added some. */
  async refresh(): Promise<void> {
    const names = await readdir(path.join(this.network.directory, 'hosts'));
    this.numbers = names.map(Number).sort((a, b) => a - b);
  }

  /** At least so many hosts exist; those that had to be added are on when it returns. */
  async ensureHosts(count: number): Promise<readonly LabHost[]> {
    const added = await this.addHosts(count, this.record.options);
    await inParallel(added, BOOTS_AT_ONCE, (host) => host.start());
    return this.hosts.slice(0, count);
  }

  /** The first `count` hosts, on and pristine: no earlier test has left anything on them. */
  async fresh(count: number, options: HostOptions = this.record.options): Promise<readonly LabHost[]> {
    await this.addHosts(count, options);
    const hosts = this.hosts.slice(0, count);
    await inParallel(hosts, BOOTS_AT_ONCE, async (host) => {
      if ((await host.isUsed()) || options !== this.record.options) await host.wipe({ options });
      await host.start();
      await host.markUsed();
    });
    return hosts;
  }

  /** Ends every process, mount, interface and cgroup of this lab and removes its directory. Base and mirror stay. */
  async stop(): Promise<void> {
    await exclusively(path.join(labDirectory(), 'labs.lock'), () => clearAway(this.network));
  }

  private async addHosts(count: number, options: HostOptions): Promise<readonly LabHost[]> {
    if (count > LAST_HOST - FIRST_HOST + 1)
      throw new Error(`a lab has room for ${LAST_HOST - FIRST_HOST + 1} hosts`);
    await this.refresh();
    const added: LabHost[] = [];
    for (let number = FIRST_HOST; number < FIRST_HOST + count; number++) {
      if (!this.numbers.includes(number)) added.push(this.host(number));
    }
    await inParallel(added, BOOTS_AT_ONCE, (host) => host.prepare(options));
    await this.refresh();
    await this.writeKnownHosts();
    return added;
  }

  /** Writes `knownHostsPath` and `sshConfigPath` anew; needed after a host was given new keys. */
  async writeKnownHosts(): Promise<void> {
    const lines = await Promise.all(this.hosts.map((host) => host.knownHostsLines()));
    await writeFile(this.knownHostsPath, `${lines.flat().join('\n')}\n`);
    const settings = {
      User: 'root',
      IdentityFile: this.privateKeyPath,
      IdentitiesOnly: 'yes',
      UserKnownHostsFile: this.knownHostsPath,
      StrictHostKeyChecking: 'yes',
      LogLevel: 'ERROR',
    };
    const entries = Object.entries(settings).map(([key, value]) => `  ${key} ${value}\n`);
    await writeFile(this.sshConfigPath, `Host ${this.network.prefix}.*\n${entries.join('')}`);
  }

  private host(number: number): LabHost {
    return new LabHost(this.network, this.record.base, this.group, number);
  }
}

/**
 * Starts a lab on the first network that no other uses, building base and mirror if need be. What a crashed owner left there
 * is cleared away first. Throws where no lab can run (`labObstacle` says why).
 */
export async function startLab(options: StartOptions = {}): Promise<Lab> {
  const { hosts = 5, log, keep = false, ...hostOptions } = options;
  const obstacle = await labObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const directory = await makeLabDirectory();
  const lab = await exclusively(path.join(directory, 'labs.lock'), async () => {
    const network = await freeNetwork();
    await clearAway(network);
    const base = await ensureBase(log);
    const record: LabRecord = { owner: keep ? 'nobody' : await thisProcess(), base, options: hostOptions };
    await mkdir(path.join(network.directory, 'hosts'), { recursive: true });
    await writeFile(path.join(network.directory, 'lab.json'), JSON.stringify(record));
    await raiseInotifyLimit();
    await plugIn(network);
    const started = new Lab(network, record, await networkGroup(network));
    await serveMirror(network, base);
    return started;
  });
  try {
    await lab.ensureHosts(hosts);
  } catch (error) {
    if (!keep) await lab.stop();
    throw error;
  }
  return lab;
}

/** The lab that runs on a network, started by whichever process. */
export async function attachLab(number: number): Promise<Lab> {
  const network = labNetwork(number);
  const record = await readRecord(network);
  if (!record) throw new Error(`no lab runs on ${network.prefix}.0/24`);
  const lab = new Lab(network, record, await networkGroup(network));
  await lab.refresh();
  return lab;
}

async function readRecord(network: LabNetwork): Promise<LabRecord | undefined> {
  const text = await readFile(path.join(network.directory, 'lab.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord);
}

async function inUse(network: LabNetwork): Promise<boolean> {
  const record = await readRecord(network);
  return record !== undefined && (record.owner === 'nobody' || (await isAlive(record.owner)));
}

async function freeNetwork(): Promise<LabNetwork> {
  for (const network of labNetworks()) if (!(await inUse(network))) return network;
  throw new Error('every network for labs is in use: stop one (node test/lab/cli.mjs down)');
}

/** Networks on which a lab runs or has crashed. */
export async function knownNetworks(): Promise<LabNetwork[]> {
  const names = await readdir(labDirectory()).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map((name) => labNetwork(Number(name)));
}

async function networkGroup(network: LabNetwork): Promise<string> {
  const group = path.join(await labGroup(), String(network.number));
  await mkdir(group, { recursive: true });
  return group;
}

/** Idempotent, and content with whatever half a lab a crash has left. */
async function clearAway(network: LabNetwork): Promise<void> {
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
  if ((await knownNetworks()).length === 0) {
    await restoreInotifyLimit();
    await releaseLabGroup();
  }
}

async function plugIn(network: LabNetwork): Promise<void> {
  const { bridge, gateway } = network;
  await must(['ip', 'link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0']);
  await must(['ip', 'addr', 'add', `${gateway}/24`, 'dev', bridge]);
  await must(['ip', 'link', 'set', bridge, 'up']);
}

async function serveMirror(network: LabNetwork, base: Base): Promise<void> {
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

const inotifyBefore = (): string => path.join(labDirectory(), 'inotify-instances.before');

async function raiseInotifyLimit(): Promise<void> {
  const before = await readFile(inotifyLimit, 'utf8');
  if (Number(before) >= INOTIFY_INSTANCES) return;
  const saved = await access(inotifyBefore()).then(
    () => true,
    () => false,
  );
  if (!saved) await writeFile(inotifyBefore(), before);
  await writeFile(inotifyLimit, String(INOTIFY_INSTANCES));
}

async function restoreInotifyLimit(): Promise<void> {
  const before = await readFile(inotifyBefore(), 'utf8').catch(() => undefined);
  if (before === undefined) return;
  await writeFile(inotifyLimit, before);
  await rm(inotifyBefore());
}
