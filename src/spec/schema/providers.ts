import { attribute, block } from './schema.ts';

const secret = {
  sensitive: 'required',
  instead: 'Declare a variable with `sensitive = true` and give it as `var.NAME`.',
} as const;

export const sshProvider = block(
  'provider',
  'Machines reached over SSH: the default for every host whose address is not a loopback address. In a `host` block it is merged over the default, attribute by attribute; null takes a setting back. What is set here wins over `~/.ssh/config`.',
  [
    attribute('user', 'string', 'User to log in as.', {
      defaultText: 'of `~/.ssh/config`, else the local user',
    }),
    attribute('port', 'port', 'Port of the SSH server.', { defaultText: 'of `~/.ssh/config`, else 22' }),
    attribute('private_key', 'string', 'Path of a private key on the controller, tried first.'),
    attribute('passphrase', 'string', 'Passphrase of `private_key`.', secret),
    attribute(
      'password',
      'string',
      'Password to log in with, and for sudo where `become_password` is absent. Never sent to a host whose key is not known.',
      secret,
    ),
    attribute(
      'agent',
      'bool or string',
      'Whether the SSH agent is asked for keys: that of `SSH_AUTH_SOCK`, or the path of another socket.',
      {
        defaultText: 'true',
      },
    ),
    attribute(
      'host_key',
      'string',
      'How the host is verified: `"accept-new"` records a key that is not known and refuses a changed one, `"strict"` refuses both, `"sha256:BASE64"` accepts this key alone.',
      { defaultText: '"accept-new"' },
    ),
    attribute('known_hosts', 'string', 'File of known host keys.', { defaultText: '"~/.ssh/known_hosts"' }),
    attribute('become', 'string', 'How to work as root when the user is not root.', { oneOf: ['sudo'] }),
    attribute('become_password', 'string', 'Password for sudo, where it asks for one.', secret),
    attribute(
      'proxy_jump',
      'string',
      'Hosts to go through: `"user@host:port"`, several separated by commas; `"none"` for a direct connection.',
      { defaultText: 'of `~/.ssh/config`' },
    ),
    attribute('connect_timeout', 'duration', 'How long a connection and its login may take.', {
      defaultText: '"10s"',
    }),
    attribute('keepalive_interval', 'duration', 'How often a silent connection is tested; 0: never.', {
      defaultText: '"5s"',
    }),
    attribute('config', 'bool', 'Whether `~/.ssh/config` is honoured.', { defaultText: 'true' }),
  ],
  { labels: ['provider'], variant: 'ssh' },
);

export const localProvider = block(
  'provider',
  'Loopback addresses of this machine (127.0.0.0/8 and ::1): the default for these. It has no settings.',
  [],
  { labels: ['provider'], variant: 'local' },
);
