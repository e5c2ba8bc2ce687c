import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ensureBase } from './base.ts';
import { inParallel } from './command.ts';
import type { HostOptions } from './host.ts';
import { LabHost } from './host.ts';
import type { LabNetwork } from './layout.ts';
import { labNetworks, labObstacle } from './layout.ts';
import type { LabRecord } from './network.ts';
import {
  clearAway,
  guard,
  networkGroup,
  oneAtATime,
  plugIn,
  raiseInotifyLimit,
  readRecord,
  serveMirror,
  writeRecord,
} from './network.ts';
import { isAlive, thisProcess } from './ownership.ts';

export interface StartOptions extends HostOptions {
  /** How many hosts to start with. Default 5. */
  readonly hosts?: number;
  /** Told what takes long. Default: nobody. */
  readonly log?: (line: string) => void;
  /** Outlives this process, until `stop`. Default: a later start may clear it away once this process is gone. */
  readonly keep?: boolean;
}

const FIRST_HOST = 11;
const LAST_HOST = 254;
const BOOTS_AT_ONCE = 8;

/** A network of throw-away machines. Every process that knows its network's number may use it (`attachLab`). */
export class Lab {
  readonly network: LabNetwork;
  readonly privateKeyPath: string;
  readonly knownHostsPath: string;
  readonly sshConfigPath: string;
  /** The controller's address in the hosts' network: what a test serves there, hosts can fetch. */
  readonly gateway: string;
  private numbers: readonly number[] = [];

  constructor(
    private readonly record: LabRecord,
    private readonly group: string,
  ) {
    const { network } = record;
    this.network = network;
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
    await oneAtATime(() => clearAway(this.network));
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
    await writeFile(
      this.sshConfigPath,
      `Host ${this.network.prefix}.* ${this.network.prefix6}*\n${entries.join('')}`,
    );
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
  const base = await ensureBase(log);
  const lab = await oneAtATime(async () => {
    const network = await freeNetwork();
    const record: LabRecord = {
      owner: keep ? 'nobody' : await thisProcess(),
      network,
      base,
      options: hostOptions,
    };
    await mkdir(path.join(network.directory, 'hosts'), { recursive: true });
    await writeRecord(record);
    await raiseInotifyLimit();
    await plugIn(network);
    const started = new Lab(record, await networkGroup(network));
    await serveMirror(network, base);
    if (!keep) await guard(network, process.pid);
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
  const record = await readRecord(number);
  if (!record) throw new Error(`no lab runs on network ${number}`);
  const lab = new Lab(record, await networkGroup(record.network));
  await lab.refresh();
  return lab;
}

/** The first network on which no living process runs a lab; what a dead one has left there is cleared away. */
async function freeNetwork(): Promise<LabNetwork> {
  for (const network of labNetworks()) {
    const record = await readRecord(network.number);
    if (record && (record.owner === 'nobody' || (await isAlive(record.owner)))) continue;
    if (record) await clearAway(record.network);
    await clearAway(network);
    return network;
  }
  throw new Error('every network for labs is in use: stop one (node test/lab/cli.mjs down)');
}
