import { RESOURCE_SCHEMAS } from './resources.ts';
import { attribute, block } from './schema.ts';
import type { BlockSchema } from './schema.ts';
import { VALIDATION_SCHEMA } from './spec-file.ts';

const inCommands = 'Put it in a file with mode 0600 and have the command read that.';

const definition = block(
  'definition',
  'What the definition is and what it needs. At most one.',
  [attribute('description', 'string', 'One line for people.', { default: '' })],
  {
    blocks: [
      block(
        'requires',
        'What a host must have for each instance; verified by `slipway preflight`, and before anything is changed.',
        [
          attribute('cpu', 'number', 'Cores.'),
          attribute('memory', 'size', 'Memory; summed over the instances of a host.'),
          attribute('disk', 'size', 'Free disk space; counts for new installs only.'),
          attribute('os', 'list(string)', 'Ids of operating systems, as in `/etc/os-release`; `[]`: any.', {
            default: [],
          }),
          attribute('ports', 'list(port)', 'Ports that must be free, beside those of endpoints.', {
            default: [],
          }),
          attribute('resolves', 'list(host name)', 'Names that the host itself must be able to resolve.', {
            default: [],
          }),
          attribute(
            'reaches',
            'list(address:port)',
            'TCP ports that the host itself must reach within 3 s: what is there before the cluster, not what it brings.',
            { default: [] },
          ),
          attribute(
            'sysctl',
            'map(condition)',
            'Kernel settings by name: `">= 262144"` (or `<=`, `>`, `<`, `=`, `!=`); a bare value must be equal.',
            { default: {} },
          ),
          attribute(
            'limits',
            'limits',
            'Least hard limits that a service gets there, by the names of limits.conf: a number, a size such as `"64MiB"` where bytes are counted, or `"unlimited"`.',
            { default: {} },
          ),
        ],
        {
          blocks: [
            block('kernel', 'The running kernel.', [
              attribute(
                'version',
                'versions',
                'Conditions such as `">= 5.10, < 6.8"`; only as many parts as are written are compared.',
              ),
              attribute(
                'parameters',
                'list(string)',
                'Words of its command line: `"cgroup_enable=memory"`, or `"quiet"` with any value or none.',
                { default: [] },
              ),
            ]),
          ],
        },
      ),
      block('instances', 'How many instances make sense; counts only when the component is placed.', [
        attribute('min', 'integer', 'At least so many.'),
        attribute('max', 'integer', 'At most so many.'),
      ]),
    ],
  },
);

const input = block(
  'input',
  'What the spec may set, read as `input.NAME`.',
  [
    attribute('type', 'type', 'Type constraint; without it any value is taken.', { defaultText: 'any' }),
    attribute('description', 'string', 'What it is for.', { default: '' }),
    attribute('default', 'expression', 'Taken when the spec sets none; without it the input is required.'),
    attribute('sensitive', 'bool', 'Treated as sensitive whatever the spec gives.', { default: false }),
    attribute('nullable', 'bool', 'With `false`, null counts as not given.', { default: true }),
  ],
  { labels: ['name'], occurs: 'named', blocks: [VALIDATION_SCHEMA] },
);

const check = block(
  'check',
  'What must hold for an instance to be healthy. Made from the host itself.',
  [
    attribute('tcp', 'port', 'The port accepts connections.'),
    attribute('http', 'string', 'The URL answers; below 400, or with `status`.', { instead: inCommands }),
    attribute('command', 'string', 'The command exits with 0. It must change nothing.', {
      instead: inCommands,
    }),
    attribute('address', 'string', 'Address for `tcp`.', { defaultFrom: 'host.address' }),
    attribute('status', 'integer', 'The exact HTTP status wanted.'),
    attribute('interval', 'duration', 'Time between two attempts.', { default: 1, defaultText: '1s' }),
    attribute('timeout', 'duration', 'How long an instance may take to become healthy.', {
      default: 60,
      defaultText: '60s',
    }),
  ],
  { labels: ['name'], occurs: 'named', exactlyOne: ['tcp', 'http', 'command'] },
);

const endpoint = block(
  'endpoint',
  'Where others reach an instance; read as `component.X.endpoints.NAME`. It cannot depend on facts.',
  [
    attribute('port', 'port', 'The port; claimed on `bind`.', { required: true }),
    attribute('bind', 'string', 'Address it listens on.', { defaultFrom: 'host.address' }),
  ],
  { labels: ['name'], occurs: 'named' },
);

const log = block(
  'log',
  'Where the instance writes its log.',
  [attribute('path', 'path', 'Files; may hold `*`.'), attribute('unit', 'string', 'A unit of the journal.')],
  { labels: ['name'], occurs: 'named', exactlyOne: ['path', 'unit'] },
);

/** What may stand in the `*.hcl` files of a definition. */
export const DEFINITION_SCHEMA: BlockSchema = block(
  '',
  'A definition: `component.hcl` and any other `*.hcl` beside it.',
  [],
  { blocks: [definition, input, ...RESOURCE_SCHEMAS, check, endpoint, log] },
);
