import { attribute, block } from './schema.ts';

const fromVariable = 'Declare a variable with `sensitive = true` and give it as `var.NAME`.';

export const sshProvider = block(
  'provider',
  'Machines reached over SSH: the default for every host whose address is not a loopback address. In a `host` block it is merged over the default, attribute by attribute.',
  [
    attribute('user', 'string', 'User to log in as.', {
      defaultText: 'from `config`, else the current user',
    }),
    attribute('port', 'port', 'Port of sshd.', { defaultText: 'from `config`, else 22' }),
    attribute('private_key', 'string', 'Path of a private key on the controller.', {
      defaultText: 'from `config`, else the usual files in `~/.ssh`',
    }),
    attribute('passphrase', 'string', 'Passphrase of the private key.', {
      sensitive: 'required',
      instead: fromVariable,
    }),
    attribute('password', 'string', 'Password of the user, for hosts without keys.', {
      sensitive: 'required',
      instead: fromVariable,
    }),
    attribute('agent', 'bool', 'Whether the SSH agent (`SSH_AUTH_SOCK`) is asked for keys.', {
      default: true,
    }),
    attribute(
      'host_key',
      'string',
      'How the host is verified: `"accept-new"`, `"strict"` (known_hosts must have it) or `"sha256:..."` (its fingerprint).',
      { default: 'accept-new' },
    ),
    attribute('known_hosts', 'string', 'File with the keys of known hosts.', {
      default: '~/.ssh/known_hosts',
    }),
    attribute('become', 'string', 'How to become root: with `sudo`, or not at all.', {
      oneOf: ['sudo', 'none'],
      default: 'none',
    }),
    attribute('become_password', 'string', 'Password for `become`, where it asks for one.', {
      sensitive: 'required',
      instead: fromVariable,
    }),
    attribute('proxy_jump', 'string', 'Hosts to go through: `user@host:port`, several with commas.', {
      defaultText: 'from `config`',
    }),
    attribute('connect_timeout', 'duration', 'How long a connection may take to be made.', {
      default: 15,
      defaultText: '15s',
    }),
    attribute('keepalive_interval', 'duration', 'How often an idle connection is tested.', {
      default: 10,
      defaultText: '10s',
    }),
    attribute('config', 'string', 'OpenSSH\'s client configuration to read; `"none"` reads none.', {
      default: '~/.ssh/config',
    }),
  ],
  { labels: ['provider'], variant: 'ssh' },
);

export const localProvider = block(
  'provider',
  'Loopback addresses of this machine (127.0.0.0/8 and ::1): the default for these. It has no settings.',
  [],
  { labels: ['provider'], variant: 'local' },
);
