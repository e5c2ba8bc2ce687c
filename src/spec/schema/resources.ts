import { attribute, block } from './schema.ts';
import type { AttributeSchema, BlockSchema } from './schema.ts';
import type { ResourceKindName } from '../model.ts';

const inCommands =
  'Put it in a file with mode 0600 (a `file` resource may hold sensitive content) and have the command read that.';
const inScripts = 'Give it in `secrets`: the script finds it as a file in the directory $SECRETS.';

/** Attributes that every resource has. */
const onEvery: readonly AttributeSchema[] = [
  attribute('enabled', 'bool', 'With `false` the resource is left out.', { default: true }),
  attribute(
    'for_each',
    'expression',
    'A map, or a set or list of different strings: one resource for each, with `each.key` and `each.value`.',
  ),
];

const owner = attribute('owner', 'string', 'User, by name or number.', {
  defaultText: 'as it is; root when new',
});
const group = attribute('group', 'string', 'Group, by name or number.', {
  defaultText: "as it is; the owner's when new",
});
const pathFromLabel = attribute('path', 'path', 'Where it lies.', { defaultFrom: 'label' });

function resource(
  kind: ResourceKindName,
  description: string,
  attributes: readonly AttributeSchema[],
  exactlyOne: string[] = [],
): BlockSchema {
  return block(kind, description, [...attributes, ...onEvery], {
    labels: ['name'],
    names: 'text',
    occurs: 'named',
    exactlyOne,
  });
}

export const RESOURCE_SCHEMAS: readonly BlockSchema[] = [
  resource('package', "A package of the host's package manager.", [
    attribute('name', 'string', 'Name of the package.', { defaultFrom: 'label' }),
    attribute('version', 'string', 'A version or a pattern such as `"2.9.*"`.', { defaultText: 'any' }),
  ]),
  resource('group', 'A group of users.', [
    attribute('name', 'string', 'Name of the group.', { defaultFrom: 'label' }),
    attribute('gid', 'integer', 'Its number.', { defaultText: 'the next free one' }),
    attribute('system', 'bool', 'Whether it is a system group.', { default: false }),
  ]),
  resource('user', 'A user.', [
    attribute('name', 'string', 'Name of the user.', { defaultFrom: 'label' }),
    attribute('uid', 'integer', 'Its number.', { defaultText: 'the next free one' }),
    attribute('group', 'string', 'Its first group.', { defaultText: 'one of its own name' }),
    attribute('groups', 'list(string)', 'Other groups it is in.', { default: [] }),
    attribute('home', 'string', 'Home directory; made for a user that is not a system user.', {
      defaultText: "the system's choice",
    }),
    attribute('shell', 'string', 'Login shell.', { defaultText: "the system's choice" }),
    attribute('comment', 'string', 'Full name or purpose.'),
    attribute('system', 'bool', 'Whether it is a system user.', { default: false }),
  ]),
  resource('directory', 'A directory. Missing parents are made.', [
    pathFromLabel,
    owner,
    group,
    attribute('mode', 'mode', 'Permissions.', { default: '0755' }),
    attribute('on_remove', 'string', '`keep`: only what slipway put there goes; `delete`: all of it.', {
      oneOf: ['keep', 'delete'],
      default: 'keep',
    }),
  ]),
  resource(
    'file',
    'A file.',
    [
      pathFromLabel,
      attribute('content', 'string', 'Its text.', { sensitive: 'allowed' }),
      attribute('template', 'string', 'A template of the definition that is rendered to its text.', {
        sensitive: 'forbidden',
      }),
      attribute('source', 'string', 'A file of the definition that is copied.'),
      owner,
      group,
      attribute('mode', 'mode', 'Permissions.', { default: '0644' }),
    ],
    ['content', 'template', 'source'],
  ),
  resource('link', 'A symbolic link.', [
    pathFromLabel,
    attribute('target', 'string', 'Where it points to.', { required: true }),
  ]),
  resource('archive', 'The content of an archive, unpacked.', [
    attribute('path', 'path', 'Directory it is unpacked to.', { defaultFrom: 'label' }),
    attribute(
      'source',
      'string',
      'A file of the definition, or an http(s) URL, which the controller fetches.',
      {
        required: true,
      },
    ),
    attribute('sha256', 'string', 'Digest of the archive; needed for a URL.'),
    attribute('format', 'string', 'How it is packed.', {
      oneOf: ['tar.gz', 'tar.xz', 'zip'],
      defaultFrom: 'the file name',
    }),
    attribute('strip', 'integer', 'Leading parts of every path that are taken off.', { default: 0 }),
    owner,
    group,
  ]),
  resource('service', 'A long-running program. Restarts when a resource written above it changed.', [
    attribute('name', 'string', 'Name of the unit.', { defaultFrom: 'label' }),
    attribute('command', 'string', 'What is run.', {
      instead: inCommands,
      defaultText: 'the unit that a package brought',
    }),
    attribute('user', 'string', 'User it runs as.', { defaultText: 'root' }),
    attribute('group', 'string', 'Group it runs as.', { defaultText: "the user's" }),
    attribute('environment', 'map(string)', 'Environment variables.', { default: {}, instead: inCommands }),
    attribute('working_directory', 'path', 'Directory it runs in.', { defaultText: '/' }),
    attribute('drain', 'string', 'Command run before a stop.', { instead: inCommands }),
    attribute(
      'reload',
      'string',
      'Command that makes it read its configuration anew, run instead of a restart.',
      {
        instead: inCommands,
      },
    ),
    attribute('restart_on', 'list(string)', 'Resources (`"file.config"`) whose change restarts it.', {
      defaultFrom: 'all above',
    }),
    attribute('enabled_at_boot', 'bool', 'Whether the machine starts it.', { default: true }),
    attribute('stop_timeout', 'duration', 'How long a stop may take before it is forced.', {
      default: 30,
      defaultText: '30s',
    }),
  ]),
  resource('script', 'Shell text for all that the kinds above cannot say.', [
    attribute('once', 'bool', 'For the component, not per instance: runs on the lowest index.', {
      default: false,
    }),
    attribute('create', 'string', 'What is run.', { required: true, instead: inScripts }),
    attribute('unless', 'string', 'Read-only; exit 0: already as wanted.', { instead: inScripts }),
    attribute('destroy', 'string', 'What is run at removal.', { instead: inScripts }),
    attribute('triggers', 'list(any)', 'It runs again when one of these changed.', {
      default: [],
      sensitive: 'allowed',
    }),
    attribute('secrets', 'map(string)', 'Files in the directory $SECRETS while it runs, by name.', {
      default: {},
      sensitive: 'allowed',
    }),
    attribute('timeout', 'duration', 'How long it may run.', { default: 600, defaultText: '10m' }),
  ]),
];
