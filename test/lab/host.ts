import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Base } from './base.ts';
import { inGroup, isPopulated, killGroup, mounts } from './cgroup.ts';
import type { CommandOptions, CommandResult } from './command.ts';
import { must, run } from './command.ts';
import type { LabNetwork } from './layout.ts';
import { describeFiles, listingCommand } from './listing.ts';

export interface HostOptions {
  /**
   * Default `systemd`. With `none` PID 1 is a script that only keeps sshd running, as in a container; with `monit` it keeps
   * monit running as well, from the distribution's package.
   */
  readonly init?: 'systemd' | 'monit' | 'none';
  /** Limits the disk (in memory then) to so many MiB, for tests of full disks. Default: no limit. */
  readonly diskMiB?: number;
}

interface HostRecord {
  readonly options: HostOptions;
  /** Somebody has worked on it since its disk was new. */
  readonly used: boolean;
}

const hostDirectory = (network: LabNetwork, number: number): string =>
  path.join(network.directory, 'hosts', String(number));

/** One throw-away machine. All its state is on disk and in the kernel, so any process may hold such an object. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  readonly address6: string;
  readonly directory: string;

  constructor(
    private readonly network: LabNetwork,
    private readonly base: Base,
    private readonly group: string,
    /** Last part of its address, from 11. */
    readonly number: number,
  ) {
    this.name = `h${number}`;
    this.address = `${network.prefix}.${number}`;
    this.address6 = `${network.prefix6}${number}`;
    this.directory = hostDirectory(network, number);
  }

  /** The bridge's end of its cable. */
  private get port(): string {
    return `${this.network.bridge}-${this.number}`;
  }

  private get hostGroup(): string {
    return path.join(this.group, this.name);
  }

  /** Power on: returns once it has booted and its sshd answers. Nothing happens when it is on. */
  async start(): Promise<void> {
    if (await isPopulated(this.hostGroup)) return;
    await this.writeSettings();
    await killGroup(this.hostGroup);
    await mkdir(this.hostGroup, { recursive: true });
    await this.unplug();
    await this.knowNeighbour();
    const console = await open(path.join(this.directory, 'console.log'), 'a');
    const script = path.join(import.meta.dirname, 'host.sh');
    const child = spawn('bash', [script, 'run', this.directory], {
      detached: true,
      stdio: ['ignore', console.fd, console.fd],
    });
    child.unref();
    await console.close();
    await this.waitUntilReady();
  }

  /** Power off, hard. The wire goes first: peers see silence, no FIN and no RST. The disk stays. */
  async kill(): Promise<void> {
    await this.cut().catch(() => undefined);
    await killGroup(path.join(this.group, `${this.name}-delay`));
    await killGroup(this.hostGroup);
    await this.unplug();
  }

  /** Pulls the network cable; connections hang, they are not reset. */
  async cut(): Promise<void> {
    await must(['ip', 'link', 'set', this.port, 'down']);
  }

  async heal(): Promise<void> {
    await must(['ip', 'link', 'set', this.port, 'up']);
  }

  /** Adds so many milliseconds to every round trip; 0 ends it, as does a power cycle. */
  async slow(ms: number): Promise<void> {
    const { port, network } = this;
    const group = path.join(this.group, `${this.name}-delay`);
    await killGroup(group);
    await run(['ip', 'link', 'del', `${port}-a`]);
    await must(['ip', 'link', 'set', port, 'master', network.bridge]);
    if (ms <= 0) return;
    // host - port = delay line = far end ~ near end - bridge
    await must(['ip', 'link', 'add', `${port}-a`, 'type', 'veth', 'peer', 'name', `${port}-b`]);
    await must(['ip', 'link', 'set', `${port}-b`, 'up']);
    await must(['ip', 'link', 'set', `${port}-a`, 'master', network.bridge, 'up']);
    await must(['ip', 'link', 'set', port, 'nomaster']);
    await mkdir(group, { recursive: true });
    const program = await readFile(path.join(import.meta.dirname, 'delay-line.py'), 'utf8');
    const python = ['chroot', this.base.root, 'python3', '-BISc', program, port, `${port}-b`, String(ms / 2)];
    const log = await open(path.join(this.directory, 'delay.log'), 'a');
    const [file = '', ...args] = inGroup(group, python);
    spawn(file, args, { detached: true, stdio: ['ignore', log.fd, log.fd] }).unref();
    await log.close();
    for (let n = 0; n < 500; n++) {
      if ((await this.ping()) !== undefined) return;
      await sleep(10);
    }
    throw new Error(`${this.address}: nothing comes through the delay line, see ${this.directory}/delay.log`);
  }

  /** Power off and forget the disk: the next start is a new machine. It keeps its host keys, unless told otherwise, and its options. */
  async wipe(changes: { newHostKeys?: boolean; options?: HostOptions } = {}): Promise<void> {
    await this.kill();
    const disk = path.join(this.directory, 'disk');
    if ((await mounts()).some((mount) => mount.point === disk)) await must(['umount', disk]);
    await rm(disk, { recursive: true, force: true });
    if (changes.newHostKeys) await rm(path.join(this.directory, 'keys'), { recursive: true, force: true });
    await this.prepare(changes.options ?? (await this.record()).options);
  }

  /** Runs a shell command as root, without the network. */
  async exec(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    const pid = (await readFile(path.join(this.directory, 'pid'), 'utf8').catch(() => '')).trim();
    if (pid === '' || !(await isPopulated(this.hostGroup))) throw new Error(`${this.address} is off`);
    const inside = path.join(this.hostGroup, 'machine', 'exec');
    await mkdir(inside, { recursive: true });
    // nsenter itself would fork, and stop for ever when its child is stopped, as everything is in a shutdown; a shell does not.
    const enter = ['nsenter', '--target', pid, '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w', '--no-fork'];
    if (await hasTimeNamespaces()) enter.push('-T');
    const programs = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const environment = ['env', '-i', `PATH=${programs}`, 'HOME=/root', 'LANG=C.UTF-8'];
    const shell = [...environment, 'sh', '-c', 'sh -c "$0"; exit $?', `cd\n${command}`];
    return run(inGroup(inside, [...enter, ...shell]), { timeoutMs: 120_000, ...options });
  }

  /**
   * Every file on its disk, one line each: `path type mode owner:group size sha256`. Without /proc /sys /dev /run /tmp and
   * the records of logins. For comparison of before and after.
   */
  async listFiles(): Promise<string[]> {
    const { stdout } = await this.exec(listingCommand);
    return describeFiles(stdout, path.join(this.directory, 'disk', 'upper'), this.base.checksums);
  }

  /** Lines for a known_hosts file. */
  async knownHostsLines(): Promise<string[]> {
    const lines: string[] = [];
    for (const type of ['ed25519', 'ecdsa']) {
      const key = await readFile(path.join(this.directory, 'keys', `ssh_host_${type}_key.pub`), 'utf8');
      lines.push(`${this.address},${this.address6} ${key.split(' ').slice(0, 2).join(' ')}`);
    }
    return lines;
  }

  /** Puts its directory in order for a first start: options, host keys, empty disk. */
  async prepare(options: HostOptions): Promise<void> {
    const keys = path.join(this.directory, 'keys');
    const disk = path.join(this.directory, 'disk');
    for (const directory of [keys, disk, path.join(this.directory, 'root')])
      await mkdir(directory, { recursive: true });
    await this.writeRecord({ options, used: false });
    if (options.diskMiB !== undefined) {
      await must(['mount', '-t', 'tmpfs', '-o', `size=${options.diskMiB}m,mode=755`, 'tmpfs', disk]);
    }
    for (const directory of ['upper', 'work']) await mkdir(path.join(disk, directory), { mode: 0o755 });
    await chmod(path.join(disk, 'upper'), 0o755); // it becomes the host's root directory, whatever our umask says
    for (const type of ['ed25519', 'ecdsa']) {
      const key = path.join(keys, `ssh_host_${type}_key`);
      const made = await readFile(key).catch(() => undefined);
      if (!made) await must(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', `root@${this.name}`, '-f', key]);
    }
  }

  async isUsed(): Promise<boolean> {
    return (await this.record()).used;
  }

  async markUsed(): Promise<void> {
    await this.writeRecord({ ...(await this.record()), used: true });
  }

  private async record(): Promise<HostRecord> {
    return JSON.parse(await readFile(path.join(this.directory, 'host.json'), 'utf8')) as HostRecord;
  }

  private async writeRecord(record: HostRecord): Promise<void> {
    await writeFile(path.join(this.directory, 'host.json'), JSON.stringify(record));
  }

  private async writeSettings(): Promise<void> {
    const { options } = await this.record();
    const settings = {
      name: this.name,
      address: this.address,
      address6: this.address6,
      gateway: this.network.gateway,
      bridge: this.network.bridge,
      port: this.port,
      mac: this.mac,
      cgroup: this.hostGroup,
      base: this.base.root,
      disk: path.join(this.directory, 'disk'),
      init: options.init ?? 'systemd',
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key}='${value}'\n`);
    await writeFile(path.join(this.directory, 'settings'), lines.join(''));
    await rm(path.join(this.directory, 'pid'), { force: true });
  }

  private get mac(): string {
    const hex = (n: number): string => n.toString(16).padStart(2, '0');
    return `02:73:6c:69:${hex(this.network.number)}:${hex(this.number)}`;
  }

  private async unplug(): Promise<void> {
    await run(['ip', 'link', 'del', `${this.port}-a`]);
    await run(['ip', 'link', 'del', this.port]);
  }

  /** With a fixed neighbour entry a host that is off stays silent; the kernel would report it as unreachable after three seconds. */
  private async knowNeighbour(): Promise<void> {
    const { mac, address, address6, network } = this;
    const entry = ['lladdr', mac, 'dev', network.bridge, 'nud', 'permanent'];
    await must(['ip', 'neigh', 'replace', address, ...entry]);
    await run(['ip', '-6', 'neigh', 'replace', address6, ...entry]);
  }

  private async waitUntilReady(): Promise<void> {
    const deadlineMs = Date.now() + 60_000;
    while (Date.now() < deadlineMs) {
      if ((await this.ping())?.startsWith('SSH-')) {
        const { options } = await this.record();
        if ((options.init ?? 'systemd') === 'systemd') await this.exec('systemctl is-system-running --wait');
        return;
      }
      await sleep(50);
      const pid = await readFile(path.join(this.directory, 'pid')).catch(() => undefined);
      if (pid && !(await isPopulated(this.hostGroup))) break;
    }
    throw new Error(`${this.address} did not come up, see ${this.directory}/console.log`);
  }

  /** The greeting of its sshd, or undefined when there is none within a second. */
  private ping(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port: 22, timeout: 1000 });
      const finish = (banner?: string): void => {
        socket.destroy();
        resolve(banner);
      };
      socket.once('data', (data) => finish(data.toString()));
      for (const end of ['error', 'timeout', 'close']) socket.once(end, () => finish());
    });
  }
}

async function hasTimeNamespaces(): Promise<boolean> {
  return readFile('/proc/self/timens_offsets').then(
    () => true,
    () => false,
  );
}
