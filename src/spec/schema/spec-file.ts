import { localProvider, sshProvider } from './providers.ts';
import { attribute, block } from './schema.ts';
import type { BlockSchema } from './schema.ts';

const validation = block(
  'validation',
  'A rule that a value must keep. Any number.',
  [
    attribute('condition', 'expression', 'True when the value is fine.', { required: true }),
    attribute('error_message', 'expression', 'Shown when it is not.', { required: true }),
  ],
  { occurs: 'many' },
);

const cluster = block(
  'cluster',
  'Names the whole. At most one.',
  [
    attribute(
      'version',
      'string',
      'Your own label of this spec, shown in history and given to definitions as `cluster.version`.',
    ),
    attribute(
      'max_deployments',
      'integer',
      'Quota: once so many deployments have succeeded, `plan` and `apply` refuse to change anything more; `destroy` is always allowed.',
      { defaultText: 'no quota' },
    ),
  ],
  { labels: ['name'], names: 'text' },
);

const variable = block(
  'variable',
  'A value that is given from outside: by `--var`, `--var-file`, `*.auto.vars.json`, `*.auto.vars.hcl` or `SLIPWAY_VAR_name`.',
  [
    attribute('type', 'type', 'Type constraint; without it any value is taken.', { defaultText: 'any' }),
    attribute('description', 'string', 'Shown when the value is asked for.', { default: '' }),
    attribute('default', 'expression', 'Taken when no value is given; without it the variable is required.'),
    attribute('sensitive', 'bool', 'Never shown, never kept in state or history.', { default: false }),
    attribute('nullable', 'bool', 'With `false`, null counts as not given.', { default: true }),
  ],
  { labels: ['name'], occurs: 'named', blocks: [validation] },
);

const locals = block('locals', 'Named expressions, read as `local.NAME`. Any number of blocks.', [], {
  occurs: 'many',
  open: true,
});

const state = block(
  'state',
  'Where the state is kept. At most one; it is read before variables are, so its attributes are constants.',
  [
    attribute('path', 'string', 'State file, relative to the working directory.', {
      default: 'slipway.state.json',
    }),
  ],
  { labels: ['store'], variant: 'local' },
);

const run = block('run', 'How runs work. At most one.', [
  attribute('parallelism', 'integer', 'Hosts worked on at once; `--parallelism` wins.', {
    defaultText: '64',
  }),
]);

const host = block(
  'host',
  'A machine that has something of its own: a name, labels, connection settings. Other machines need no block.',
  [
    attribute('address', 'string', 'IPv4, IPv6 or DNS name: the identity of the machine.', {
      required: true,
    }),
    attribute('labels', 'map(string)', 'Your own marks, read as `host.labels` in definitions.', {
      default: {},
    }),
  ],
  { labels: ['name'], occurs: 'named', blocks: [sshProvider, localProvider] },
);

const update = block(
  'update',
  'How fast existing instances may be changed. First installs are not limited.',
  [
    attribute('canaries', 'integer', 'So many first, watched, before the rest.', { default: 0 }),
    attribute('max_in_flight', 'share', 'Number or share of instances changed at once, at least 1.', {
      default: '25%',
    }),
    attribute('watch', 'duration', 'An instance must be healthy for so long before the next batch.', {
      default: 0,
      defaultText: '0s',
    }),
  ],
);

const component = block(
  'component',
  'A definition placed on hosts.',
  [
    attribute(
      'source',
      'string',
      'Directory of the definition, relative to the working directory. A constant.',
      {
        required: true,
      },
    ),
    attribute(
      'hosts',
      'list(string)',
      'Addresses, or names of `host` blocks. Each once; with `[]` it is placed nowhere.',
      { required: true },
    ),
    attribute('inputs', 'expression', "Values for the definition's inputs.", { defaultText: '{}' }),
    attribute(
      'depends_on',
      'list(component)',
      'Components to be applied before this one, beside those whose endpoints it reads.',
      {
        defaultText: '[]',
      },
    ),
    attribute(
      'ignore_changes',
      'list(string)',
      'Resources (`"file.motd"`) that are installed, then left as they are found.',
      {
        default: [],
      },
    ),
    attribute(
      'prevent_destroy',
      'bool',
      'Kept in state: its instances are not removed until an apply sets it to `false`.',
      {
        default: false,
      },
    ),
  ],
  { labels: ['name'], occurs: 'named', blocks: [update] },
);

const moved = block(
  'moved',
  'A component was renamed: its instances stay as they are.',
  [
    attribute('from', 'component', 'The old name.', { required: true }),
    attribute('to', 'component', 'The new name.', { required: true }),
  ],
  { occurs: 'many' },
);

const output = block(
  'output',
  'A value shown after an apply and by `slipway output`.',
  [
    attribute('value', 'expression', 'What is shown.', { required: true }),
    attribute('description', 'string', 'What it is for.', { default: '' }),
    attribute('sensitive', 'bool', 'Not shown and not kept; needed when `value` is sensitive.', {
      default: false,
    }),
  ],
  { labels: ['name'], occurs: 'named' },
);

/** What may stand in the `*.hcl` files of a working directory. */
export const SPEC_SCHEMA: BlockSchema = block(
  '',
  'The spec: all `*.hcl` files of the working directory together.',
  [],
  {
    blocks: [
      cluster,
      variable,
      locals,
      sshProvider,
      localProvider,
      state,
      run,
      host,
      component,
      moved,
      output,
    ],
  },
);

/** `validation` stands in variables and in inputs. */
export const VALIDATION_SCHEMA = validation;
