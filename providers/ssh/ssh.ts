import type { Provider } from '../../src/host/connection.ts';
import type { HostKey } from './host-key.ts';
import type { SshSettings } from './settings.ts';

/** Asks the person at the terminal; undefined: nobody there, or no answer. */
export type Prompter = (question: {
  readonly host: string;
  readonly text: string;
  /** Not to be echoed. */
  readonly secret: boolean;
}) => Promise<string | undefined>;

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
  readonly keys: readonly (HostKey & {
    readonly status: 'known' | 'unknown' | 'changed' | 'revoked';
  })[];
}

export interface SshProvider extends Provider<SshSettings> {
  /** Asks a host (through its jump hosts) for all of its keys, without logging in. For `slipway trust`. */
  fetchHostKeys(settings: SshSettings, options: { signal?: AbortSignal }): Promise<OfferedHostKeys>;
  /** Writes keys that a person has confirmed into known_hosts. Keys already known are left out; changed ones are the user's to remove. */
  recordHostKeys(offered: OfferedHostKeys): Promise<void>;
}

/** The provider of real machines. Configuration, keys and known hosts are read once and kept for the life of the provider. */
export function sshProvider(_options: SshOptions): SshProvider {
  throw new Error('not written yet');
}
