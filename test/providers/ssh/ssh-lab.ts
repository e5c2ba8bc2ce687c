import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sshProvider } from '../../../providers/ssh/ssh.ts';
import type { SshOptions, SshProvider } from '../../../providers/ssh/ssh.ts';
import type { SshSettings } from '../../../providers/ssh/settings.ts';
import { must } from '../../lab/command.ts';
import { descendants, killQuietly } from '../../lab/process-tree.ts';
import { startSshd } from '../../lab/sshd.ts';
import type { SshdHost, SshdOptions } from '../../lab/sshd.ts';

/** An sshd, and a home directory of the user who connects to it. */
export interface SshLab {
  readonly sshd: SshdHost;
  /** The home of the local user; `.ssh` exists in it, and is empty. */
  readonly home: string;
  readonly knownHosts: string;
  settings(more?: Partial<SshSettings>): SshSettings;
  /** A provider as a process of its own would have it. */
  provider(more?: Partial<SshOptions>): SshProvider;
  writeSsh(name: string, text: string): Promise<string>;
  readKnownHosts(): Promise<string>;
  /** A new key pair; `authorized`: the server lets it in. */
  makeKey(
    name: string,
    options: { type?: string; passphrase?: string; authorized: boolean; format?: string },
  ): Promise<string>;
  /** Another server beside it, for jumps; stopped with the lab. */
  another(options?: SshdOptions): Promise<SshdHost>;
  /** Kills what serves open connections, not the listener. */
  cutSessions(): Promise<void>;
  stop(): Promise<void>;
}

export async function sshLab(options: SshdOptions = {}): Promise<SshLab> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-home-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  const sshd = await startSshd(options);
  const others: SshdHost[] = [];
  const knownHosts = join(home, '.ssh', 'known_hosts');
  const writeSsh = async (name: string, text: string): Promise<string> => {
    const path = join(home, '.ssh', name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return {
    sshd,
    home,
    knownHosts,
    settings: (more = {}) => ({
      host: sshd.address,
      port: sshd.port,
      user: sshd.user,
      private_key: sshd.privateKeyPath,
      agent: false,
      ...more,
    }),
    provider: (more = {}) =>
      sshProvider({
        homeDir: home,
        globalKnownHostsPath: join(home, 'no-such-file'),
        localUser: sshd.user,
        ...more,
      }),
    writeSsh,
    readKnownHosts: () => readFile(knownHosts, 'utf8').catch(() => ''),
    async makeKey(name, { type = 'ed25519', passphrase = '', authorized, format }) {
      const path = join(home, '.ssh', name);
      const bits = type === 'rsa' ? ['-b', '2048'] : [];
      const formatOption = format === undefined ? [] : ['-m', format];
      await must([
        'ssh-keygen',
        '-q',
        '-t',
        type,
        ...bits,
        ...formatOption,
        '-N',
        passphrase,
        '-C',
        name,
        '-f',
        path,
      ]);
      if (authorized) {
        const list = join(sshd.dir, 'authorized_keys');
        await writeFile(list, `${await readFile(list, 'utf8')}${await readFile(`${path}.pub`, 'utf8')}`);
      }
      return path;
    },
    async another(more = {}) {
      const host = await startSshd(more);
      others.push(host);
      return host;
    },
    async cutSessions() {
      for (const pid of await descendants(sshd.pid)) killQuietly(pid);
    },
    async stop() {
      await Promise.all([sshd, ...others].map((host) => host.stop()));
      await rm(home, { recursive: true, force: true });
    },
  };
}
