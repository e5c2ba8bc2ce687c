import type { InstanceChange, Plan, PlannedHost } from '../../src/plan/plan.ts';
import type {
  DesiredDirectory,
  DesiredFile,
  DesiredResource,
  DesiredScript,
  DesiredService,
  DesiredUser,
  RecordedResource,
  ResourceChange,
  ResourceRemoval,
} from '../../src/resources/resource.ts';
import type { InstanceState } from '../../src/state/model.ts';

/** Plans out of literal objects, for the views; nothing here is decoded or planned. */

const at = { line: 1, column: 1, byte: 0 };
const range = { file: 'component.hcl', start: at, end: at };
export const SECRET = 'hunter2-correct-horse';
const digest = (letter: string): string => letter.repeat(64);

export function user(name: string): DesiredUser {
  return {
    kind: 'user',
    address: `user.${name}`,
    range,
    name,
    uid: null,
    group: null,
    groups: [],
    home: null,
    shell: null,
    comment: null,
    system: true,
  };
}

export function directory(label: string, path: string): DesiredDirectory {
  return {
    kind: 'directory',
    address: `directory.${label}`,
    range,
    path,
    owner: 'nats',
    group: null,
    mode: '0750',
    onRemove: 'keep',
  };
}

export function file(label: string, path: string, text: string, sensitive = false): DesiredFile {
  return {
    kind: 'file',
    address: `file.${label}`,
    range,
    path,
    content: { type: 'text', text, digest: digest('a'), sensitive },
    owner: 'nats',
    group: null,
    mode: '0640',
  };
}

export function service(name: string, triggers: readonly string[] = []): DesiredService {
  return {
    kind: 'service',
    address: `service.${name}`,
    range,
    name,
    command: `/usr/sbin/${name}-server -c /etc/${name}/${name}.conf`,
    user: name,
    group: null,
    environment: {},
    workingDirectory: null,
    drain: null,
    reload: null,
    triggers,
    enabledAtBoot: true,
    stopTimeoutSeconds: 90,
    dir: `/opt/slipway/${name}`,
  };
}

export function script(label: string): DesiredScript {
  return {
    kind: 'script',
    address: `script.${label}`,
    range,
    once: false,
    create: 'set -e\npsql -f schema.sql\n',
    unless: 'psql -c "select 1 from users"',
    destroy: null,
    triggersDigest: digest('c'),
    secrets: new Map([['pw', SECRET]]),
    timeoutSeconds: 600,
  };
}

export function create(resource: DesiredResource): ResourceChange {
  return { action: 'create', resource, reason: { because: 'new' } };
}

export function removal(
  kind: RecordedResource['kind'],
  label: string,
  subject: Readonly<Record<string, string>>,
  fate: ResourceRemoval['fate'],
): ResourceRemoval {
  const recorded = { kind, address: `${kind}.${label}`, key: `${kind} ${label}`, attributes: subject };
  return { action: 'remove', recorded, reason: { because: 'removed-from-spec' }, fate };
}

const prior = { index: 0, resources: [], endpoints: [], status: 'installed' } as unknown as InstanceState;
const desired = {
  declaration: { index: 0, endpoints: [] },
  resources: [],
} as unknown as Extract<InstanceChange, { action: 'install' }>['desired'];

export function install(
  component: string,
  host: string,
  resources: readonly ResourceChange[],
): InstanceChange {
  return {
    action: 'install',
    address: `${component}@${host}`,
    component,
    host,
    desired,
    resources,
    notes: [],
  };
}

export function update(
  component: string,
  host: string,
  resources: readonly ResourceChange[],
  notes: readonly string[],
  removals: readonly ResourceRemoval[] = [],
): InstanceChange {
  return {
    action: 'update',
    address: `${component}@${host}`,
    component,
    host,
    desired,
    prior,
    movedFrom: null,
    resources,
    removals,
    notes,
  };
}

export function remove(
  component: string,
  host: string,
  removals: readonly ResourceRemoval[],
): InstanceChange {
  return { action: 'remove', address: `${component}@${host}`, component, host, prior, removals, notes: [] };
}

export function unchanged(component: string, host: string): InstanceChange {
  return {
    action: 'none',
    address: `${component}@${host}`,
    component,
    host,
    desired,
    prior,
    bookkeeping: false,
  };
}

export function planOf(
  changes: readonly InstanceChange[],
  more: {
    mode?: 'apply' | 'destroy';
    refreshed?: boolean;
    names?: Readonly<Record<string, string>>;
    dependsOn?: Readonly<Record<string, readonly string[]>>;
    warnings?: readonly string[];
  } = {},
): Plan {
  const { mode = 'apply', refreshed = true, names = {}, dependsOn = {}, warnings = [] } = more;
  const hosts = new Map(
    changes.map(({ host }): [string, PlannedHost] => [
      host,
      { address: host, name: names[host] ?? null } as unknown as PlannedHost,
    ]),
  );
  const update = { canaries: 0, maxInFlight: { unit: 'percent', amount: 25 }, watchSeconds: 0 } as const;
  return {
    lineage: 'lineage-1',
    serial: 7,
    cluster: 'shop',
    specVersion: '1.4.0',
    specDigest: digest('d'),
    mode,
    refreshed,
    hosts,
    components: new Map(
      changes.map(({ component }) => [
        component,
        { name: component, dependsOn: dependsOn[component] ?? [], dependedOn: [], update, after: null },
      ]),
    ),
    changes,
    outputs: new Map(),
    warnings,
  };
}

/** A bit of everything: an install, an update with a diff and a restart, a removal that keeps data, a secret. */
export function samplePlan(): Plan {
  const config = file('config', '/etc/api/api.conf', 'port = 8081\nworkers = 4\n');
  const secret = file('password', '/etc/api/password', SECRET, true);
  const run = service('api', ['file.config', 'file.password']);
  return planOf(
    [
      install('nats', '10.10.101.182', [
        create({
          kind: 'package',
          address: 'package.nats-server',
          range,
          name: 'nats-server',
          version: '2.9.*',
        }),
        { action: 'adopt', resource: user('nats') },
        create(directory('data', '/var/lib/nats')),
        create(file('config', '/etc/nats/nats.conf', 'port: 4222\nserver_name: one\n')),
        create(file('token', '/etc/nats/token', SECRET, true)),
        create(service('nats', ['file.config'])),
        { action: 'run', resource: script('schema'), reason: { because: 'new' } },
      ]),
      unchanged('lb', '10.10.101.182'),
      update(
        'api',
        '10.10.101.190',
        [
          { action: 'none', resource: user('api') },
          {
            action: 'update',
            resource: config,
            reason: { because: 'input-changed' },
            observed: { state: 'present', attributes: {}, content: 'port = 8080\nworkers = 4\n' },
            attributes: [
              { name: 'mode', before: '0644', after: '0640', sensitive: false },
              {
                name: 'content',
                before: `sha256:${digest('e')}`,
                after: `sha256:${digest('a')}`,
                sensitive: false,
              },
            ],
            diff:
              '--- /etc/api/api.conf\n+++ /etc/api/api.conf\n' +
              '@@ -1,2 +1,2 @@\n-port = 8080\n+port = 8081\n workers = 4\n',
          },
          {
            action: 'update',
            resource: secret,
            reason: { because: 'input-changed' },
            observed: { state: 'present', attributes: {}, content: null },
            attributes: [
              {
                name: 'content',
                before: `hmac:${digest('1')}`,
                after: `hmac:${digest('2')}`,
                sensitive: true,
              },
            ],
            diff: null,
          },
          {
            action: 'restart',
            resource: run,
            reason: { because: 'triggered', by: ['file.config', 'file.password'] },
          },
        ],
        ['input.port changed'],
      ),
      remove('bus', '10.10.101.190', [
        removal('service', 'bus', { name: 'bus' }, { fate: 'deleted' }),
        removal('file', 'config', { path: '/etc/bus.conf' }, { fate: 'restored' }),
        removal(
          'directory',
          'data',
          { path: '/var/lib/bus' },
          { fate: 'kept', why: 'on_remove', entries: 12, bytes: 3_435_973_837 },
        ),
        removal('user', 'bus', { name: 'bus' }, { fate: 'kept', why: 'adopted', entries: null, bytes: null }),
      ]),
    ],
    {
      names: { '10.10.101.190': 'edge' },
      dependsOn: { api: ['nats'] },
      warnings: ['/var/lib/bus on 10.10.101.190 is kept with its 12 entries'],
    },
  );
}
