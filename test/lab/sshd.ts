import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { must, run } from './command.ts';
import { descendants, killQuietly } from './process-tree.ts';

export interface SshdOptions {
  /** A loopback address; all of 127/8 works on Linux. Default: a random one in 127.0.1.x. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Lines of sshd_config that go before ours, so they win: `AllowTcpForwarding no`. */
  readonly extraConfig?: readonly string[];
}

/** An OpenSSH server on this machine that lets its own user in, by key. */
export interface SshdHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly privateKeyPath: string;
  readonly publicKeyPath: string;
  /** One line for a known_hosts file. */
  readonly knownHostsLine: string;
  /** `SHA256:...`, as ssh-keygen prints it. */
  readonly hostKeyFingerprint: string;
  /** Its own directory: keys, sshd_config, sshd.log. */
  readonly dir: string;
  readonly pid: number;
  /** What it has logged so far. */
  log(): Promise<string>;
  /** Freezes it: connections are accepted by the kernel and never answered. */
  freeze(): void;
  thaw(): void;
  /** Ends it with every session it has, at once, and removes its directory. */
  stop(): Promise<void>;
}

/** Where OpenSSH's server is on this machine, or undefined. */
export async function findSshd(): Promise<string | undefined> {
  const directories = ['/usr/sbin', '/usr/local/sbin', ...(process.env.PATH ?? '').split(':')];
  for (const directory of directories) {
    const file = path.join(directory, 'sshd');
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/** Starts a server and returns once it answers. Works for root and for ordinary users; throws where there is no sshd. */
export async function startSshd(options: SshdOptions = {}): Promise<SshdHost> {
  const program = await findSshd();
  if (program === undefined) throw new Error('OpenSSH sshd is not installed (package openssh-server)');
  const dir = await mkdtemp(path.join(os.tmpdir(), 'slipway-sshd-'));
  try {
    const hostKey = path.join(dir, 'host_key');
    const privateKeyPath = path.join(dir, 'user_key');
    for (const key of [hostKey, privateKeyPath]) {
      await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key]);
    }
    await writeFile(path.join(dir, 'authorized_keys'), await readFile(`${privateKeyPath}.pub`));
    // As root, sshd drops privileges into this directory and refuses to start without it.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

    const address = options.address ?? `127.0.1.${2 + Math.floor(Math.random() * 250)}`;
    const port = options.port ?? (await freePort(address));
    const user = os.userInfo().username;
    await writeFile(
      path.join(dir, 'sshd_config'),
      await config(dir, address, port, user, options.extraConfig ?? []),
    );
    const child = spawn(
      program,
      ['-D', '-f', path.join(dir, 'sshd_config'), '-E', path.join(dir, 'sshd.log')],
      {
        stdio: 'ignore',
      },
    );
    const log = (): Promise<string> => readFile(path.join(dir, 'sshd.log'), 'utf8').catch(() => '');
    await untilItAnswers(child, address, port).catch(async (cause: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`sshd did not start: ${await log()}`, { cause });
    });
    const [type = '', blob = ''] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
    const digest = createHash('sha256')
      .update(Buffer.from(blob, 'base64'))
      .digest('base64')
      .replace(/=+$/, '');
    return {
      address,
      port,
      user,
      privateKeyPath,
      publicKeyPath: `${privateKeyPath}.pub`,
      knownHostsLine: `[${address}]:${port} ${type} ${blob}`,
      hostKeyFingerprint: `SHA256:${digest}`,
      dir,
      pid: child.pid ?? 0,
      log,
      freeze: () => void child.kill('SIGSTOP'),
      thaw: () => void child.kill('SIGCONT'),
      stop: async () => {
        await end(child);
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function config(
  dir: string,
  address: string,
  port: number,
  user: string,
  extra: readonly string[],
): Promise<string> {
  const lines = [
    ...extra,
    `ListenAddress ${address}:${port}`,
    `HostKey ${dir}/host_key`,
    `PidFile ${dir}/sshd.pid`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'StrictModes no', // the keys lie below /tmp, which everybody may write to
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `UsePAM ${(await isLocked(user)) ? 'yes' : 'no'}`,
    'MaxStartups 100:30:200',
    'MaxSessions 100',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    'Subsystem sftp internal-sftp',
    // bash started by sshd reads the user's .bashrc on Debian unless it is a shell within a shell; what stands there is
    // none of a test's business, and may be slow.
    'SetEnv SHLVL=2',
    'LogLevel VERBOSE',
  ];
  // Newer versions shut out an address after some failed logins.
  if ((await openSshVersion()) >= 9.8) lines.push('PerSourcePenalties no');
  return `${lines.join('\n')}\n`;
}

/** Without PAM, sshd refuses accounts whose password is locked by `!`, even by key. Only root can look. */
async function isLocked(user: string): Promise<boolean> {
  const shadow = await readFile('/etc/shadow', 'utf8').catch(() => '');
  return shadow.split('\n').some((line) => line.startsWith(`${user}:!`));
}

async function openSshVersion(): Promise<number> {
  const { stderr } = await run(['ssh', '-V']);
  return Number(/OpenSSH_(\d+\.\d+)/.exec(stderr)?.[1] ?? 0);
}

function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}

async function untilItAnswers(child: ChildProcess, address: string, port: number): Promise<void> {
  for (let n = 0; n < 250; n++) {
    if (child.exitCode !== null) throw new Error(`exit status ${child.exitCode}`);
    if (await answers(address, port)) return;
    await sleep(20);
  }
  throw new Error('no greeting within five seconds');
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('data', () => finish(true));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => finish(false));
  });
}

/** The listener is stopped first, so that it forks no more while its sessions are looked up. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGSTOP');
  const sessions = await descendants(child.pid);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  for (const pid of sessions) killQuietly(pid);
  await ended;
}
