import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '../../src/host/connection.ts';
import { layoutFor, sshConnection } from './connection.ts';
import { knownKeysOf } from './host-key-check.ts';
import type { HostKey } from './host-key.ts';
import { judgeKey, knownHosts } from './known-hosts.ts';
import { logIn } from './login.ts';
import type { Login, LoginSurroundings } from './login.ts';
import { offeredKeys } from './offered-keys.ts';
import { keyRing } from './private-key.ts';
import type { Prompter } from './prompter.ts';
import { routes } from './route.ts';
import type { SshSettings } from './settings.ts';
import { readSshConfig } from './ssh-config.ts';
import type { SshConfig } from './ssh-config.ts';
import { resolveTarget } from './target.ts';
import type { Target } from './target.ts';

export interface SshOptions {
  /** Home directory of the local user: `~` in settings, keys, known_hosts. */
  readonly homeDir: string;
  /** Default: `~/.ssh/config`. */
  readonly configPath?: string;
  /** Read, never written. Default: `/etc/ssh/ssh_known_hosts`. */
  readonly globalKnownHostsPath?: string;
  /** Name of the local user, the default for `user`. Default: that of the process. */
  readonly localUser?: string;
  /** Socket of the SSH agent. Default: SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
  /** Asked for passphrases of private keys, and for what keyboard-interactive asks beyond the password. */
  readonly prompter?: Prompter;
}

/** The keys a host has proven to own, before anybody trusted them. */
export interface OfferedHostKeys {
  /** The name under which known_hosts holds them: `host`, or `[host]:port`. */
  readonly name: string;
  /** The file into which `recordHostKeys` writes. */
  readonly knownHostsPath: string;
  /** Whether the name is to be hashed there (HashKnownHosts of `~/.ssh/config`). */
  readonly hashed: boolean;
  readonly keys: readonly OfferedHostKey[];
}

/** A key, and what known_hosts says of it: `changed` when it holds others for this host but not this one. */
export interface OfferedHostKey extends HostKey {
  readonly status: 'known' | 'unknown' | 'changed' | 'revoked';
}

export interface SshProvider extends Provider<SshSettings> {
  /** Asks a host (through its jump hosts) for all of its keys, without logging in. For `slipway trust`. */
  fetchHostKeys(settings: SshSettings, options: { signal?: AbortSignal }): Promise<OfferedHostKeys>;
  /** Writes keys that a person has confirmed into known_hosts. Keys already known are left out; changed ones are the user's to remove. */
  recordHostKeys(offered: OfferedHostKeys): Promise<void>;
}

/** The provider of real machines. Configuration, keys and known hosts are read once and kept for the life of the provider. */
export function sshProvider(options: SshOptions): SshProvider {
  const { homeDir, prompter } = options;
  const localUser = options.localUser ?? userInfo().username;
  const surroundings: LoginSurroundings = { keyRing: keyRing(), knownHosts: knownHosts(), prompter };
  const ways = routes(surroundings);
  let config: SshConfig | undefined;

  function targetOf(settings: SshSettings): Target {
    config ??= readSshConfig(options.configPath ?? join(homeDir, '.ssh', 'config'), { homeDir, localUser });
    return resolveTarget(settings, {
      homeDir,
      localUser,
      agentSocket: options.agentSocket ?? process.env['SSH_AUTH_SOCK'],
      globalKnownHostsPath: options.globalKnownHostsPath ?? '/etc/ssh/ssh_known_hosts',
      config,
    });
  }

  return {
    name: 'ssh',
    layout: (settings) => layoutFor(targetOf(settings)),
    async connect(settings, { signal }) {
      const target = targetOf(settings);
      const route = await ways.to(target, signal);
      let login: Login;
      try {
        login = await logIn(target, () => route.open(), surroundings, signal);
      } catch (error) {
        route.release();
        throw error;
      }
      const connection = sshConnection(target, login, () => route.release());
      try {
        // Where sudo may want a password, the key is recorded once it is certain that sudo does not: else the second
        // connection would take for known what nobody has looked at.
        const mayNeedPassword =
          target.become !== null && target.become.password !== null && target.user !== 'root';
        if (!mayNeedPassword) await login.recordKey();
      } catch (error) {
        await connection.close();
        throw error;
      }
      return connection;
    },
    async fetchHostKeys(settings, { signal }) {
      const target = targetOf(settings);
      const route = await ways.to(target, signal);
      try {
        const keys = await offeredKeys(target, () => route.open(), signal);
        const entries = await knownKeysOf(target, surroundings.knownHosts, target.knownHostsName);
        return {
          name: target.knownHostsName,
          knownHostsPath: target.knownHostsFiles[0] ?? '',
          hashed: target.hashKnownHosts,
          keys: keys.map((key) => ({ ...key, status: judgeKey(entries, key).kind })),
        };
      } finally {
        route.release();
      }
    },
    async recordHostKeys({ name, knownHostsPath, hashed, keys }) {
      for (const key of keys) {
        if (key.status === 'unknown')
          await surroundings.knownHosts.add(knownHostsPath, name, key, { hashed });
      }
    },
  };
}
