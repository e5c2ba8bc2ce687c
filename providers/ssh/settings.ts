/**
 * The settings of `provider "ssh"`, under the names they have in a spec. What is absent or null takes its default, or what
 * `~/.ssh/config` says: an explicit setting always wins.
 */
export interface SshSettings {
  /** Address of the host, as the spec names it. */
  readonly host: string;
  readonly port?: number | null;
  readonly user?: string | null;
  readonly private_key?: string | null;
  readonly passphrase?: string | null;
  readonly password?: string | null;
  /** true: the agent at SSH_AUTH_SOCK; a string: the agent at that socket; false: none. */
  readonly agent?: boolean | string | null;
  /** `accept-new`, `strict`, or `sha256:BASE64`. */
  readonly host_key?: string | null;
  readonly known_hosts?: string | null;
  readonly become?: 'sudo' | null;
  readonly become_password?: string | null;
  /** `user@host:port`, several separated by commas, the first hop first; `none` overrules `~/.ssh/config`. */
  readonly proxy_jump?: string | null;
  /** Seconds. */
  readonly connect_timeout?: number | null;
  /** Seconds; 0: no keepalives. */
  readonly keepalive_interval?: number | null;
  /** Whether `~/.ssh/config` is honoured. */
  readonly config?: boolean | null;
}

/** One attribute of `provider "ssh"` as the spec's schema and its documentation know it. */
export interface SshSetting {
  readonly name: Exclude<keyof SshSettings, 'host'>;
  readonly type: 'string' | 'number' | 'bool' | 'bool or string';
  /** null: there is none, or the description tells. */
  readonly default: string | number | boolean | null;
  readonly sensitive: boolean;
  readonly description: string;
}

export const SSH_SETTINGS: readonly SshSetting[] = [
  {
    name: 'port',
    type: 'number',
    default: 22,
    sensitive: false,
    description: 'TCP port of the SSH server.',
  },
  {
    name: 'user',
    type: 'string',
    default: null,
    sensitive: false,
    description: 'User to log in as; by default the one of `~/.ssh/config`, else the local user.',
  },
  {
    name: 'private_key',
    type: 'string',
    default: null,
    sensitive: false,
    description: 'Path of a private key, tried first; a leading `~` is the home directory.',
  },
  {
    name: 'passphrase',
    type: 'string',
    default: null,
    sensitive: true,
    description: 'Passphrase of `private_key`.',
  },
  {
    name: 'password',
    type: 'string',
    default: null,
    sensitive: true,
    description:
      'Password to log in with, and for sudo where `become_password` is absent. Never sent to a host whose key is not known.',
  },
  {
    name: 'agent',
    type: 'bool or string',
    default: true,
    sensitive: false,
    description: 'Whether to use the SSH agent: the one of SSH_AUTH_SOCK, or the path of another socket.',
  },
  {
    name: 'host_key',
    type: 'string',
    default: 'accept-new',
    sensitive: false,
    description:
      'How the host key is verified: `accept-new` records a key that is not known and refuses a changed one, `strict` refuses both, `sha256:BASE64` accepts this key alone.',
  },
  {
    name: 'known_hosts',
    type: 'string',
    default: '~/.ssh/known_hosts',
    sensitive: false,
    description: 'File of known host keys.',
  },
  {
    name: 'become',
    type: 'string',
    default: null,
    sensitive: false,
    description: '`sudo`: work as root by way of sudo. Not needed when the user is root.',
  },
  {
    name: 'become_password',
    type: 'string',
    default: null,
    sensitive: true,
    description: 'Password for sudo, where it asks for one.',
  },
  {
    name: 'proxy_jump',
    type: 'string',
    default: null,
    sensitive: false,
    description:
      'Hosts to go through, as `user@host:port`, separated by commas; `none` for a direct connection.',
  },
  {
    name: 'connect_timeout',
    type: 'number',
    default: 10,
    sensitive: false,
    description: 'Seconds until a host that does not answer is given up.',
  },
  {
    name: 'keepalive_interval',
    type: 'number',
    default: 5,
    sensitive: false,
    description: 'Seconds between keepalives; three missed ones end the connection; 0 for none.',
  },
  {
    name: 'config',
    type: 'bool',
    default: true,
    sensitive: false,
    description: 'Whether `~/.ssh/config` is honoured.',
  },
];
