import { describe, expect, it } from 'vitest';
import type { HostObservation, ProbeAnswer, UnitObservation } from '../../src/host/observation.ts';
import { EMPTY_RECORD, type RecordEntry } from '../../src/host/record.ts';
import type {
  AttributeMap,
  DesiredService,
  KindContext,
  RecordedResource,
  ResourceChange,
  ResourceRemoval,
} from '../../src/resources/resource.ts';
import {
  expectStartLine,
  service,
  serviceEffect,
  withTriggeredRestart,
} from '../../src/resources/service.ts';
import { renderUnit } from '../../src/resources/unit-file.ts';

const FILE = '/etc/systemd/system/web.service';
const LINK = '/etc/systemd/system/multi-user.target.wants/web.service';

function context(triggersDigest = 'T1', more: Partial<KindContext> = {}): KindContext {
  const layout = { confined: false };
  return {
    lineage: 'L',
    instance: 'web@h',
    init: 'systemd',
    layout,
    triggersDigest,
    ...more,
  } as KindContext;
}

function desired(more: Partial<DesiredService> = {}): DesiredService {
  return {
    kind: 'service',
    address: 'service.web',
    range: {} as DesiredService['range'],
    name: 'web',
    command: '/usr/bin/web --port 80',
    user: 'web',
    group: null,
    environment: {},
    workingDirectory: null,
    drain: null,
    reload: null,
    triggers: ['file.config'],
    enabledAtBoot: true,
    stopTimeoutSeconds: 10,
    dir: '/opt/slipway/web',
    ...more,
  };
}

const packaged = (more: Partial<DesiredService> = {}) => desired({ command: null, user: null, ...more });

function entry(notes: Record<string, string>, before: string | null = null): RecordEntry {
  const owners = [{ lineage: 'L', instance: 'web@h', resource: 'service.web' }];
  return { key: 'unit web', owners, before, notes: new Map(Object.entries(notes)) };
}

function prior(of: DesiredService, at = context()): RecordedResource {
  return { kind: 'service', address: of.address, key: 'unit web', attributes: service.attributes(of, at) };
}

interface Seen {
  readonly unit?: Partial<UnitObservation>;
  /** Text of the unit file. */
  readonly file?: string;
  readonly link?: boolean;
}

function observation(resource: DesiredService, seen: Seen, known: RecordEntry | null): HostObservation {
  const shown: UnitObservation = {
    load: 'loaded',
    active: 'active',
    sub: 'running',
    enabled: 'enabled',
    fragmentPath: FILE,
    pid: 1,
    restarts: 0,
    sinceSeconds: 0,
    needsReload: false,
    result: 'success',
    exitStatus: 0,
    changedSeconds: 0,
    ...seen.unit,
  };
  const path = (type: string, digest: string | null, content: string | null) =>
    ({
      type,
      mode: '0644',
      owner: 'root',
      group: 'root',
      sizeBytes: 0,
      target: null,
      digest,
      content,
    }) as never;
  const same = seen.file === renderUnit(desired());
  const digest = same ? String(service.attributes(resource, context())['unit']) : 'abc';
  const answers = new Map<string, ProbeAnswer>([
    ['unit web.service', { probe: 'unit', found: shown }],
    [
      `path ${FILE}`,
      {
        probe: 'path',
        found: seen.file === undefined ? null : path('file', digest, same ? null : seen.file),
      },
    ],
    [`path ${LINK}`, { probe: 'path', found: seen.link === true ? path('link', null, null) : null }],
  ]);
  const record = { ...EMPTY_RECORD, entries: new Map(known === null ? [] : [['unit web', known]]) };
  return { answers, record } as unknown as HostObservation;
}

function plan(
  resource: DesiredService,
  seen: Seen,
  before: RecordedResource | null,
  known: RecordEntry | null,
  at = context(),
): ResourceChange & { resource: DesiredService } {
  const observed = service.observe(resource, observation(resource, seen, known), at);
  return service.diff(resource, observed, before, known, at) as ResourceChange & { resource: DesiredService };
}

function body(change: ResourceChange & { resource: DesiredService }, known: RecordEntry | null): string {
  return service.apply(change, known, context(), new Map())?.body ?? '';
}

const absent: Seen = { unit: { load: 'not-found', active: 'inactive', sub: 'dead', enabled: '' } };
const running: Seen = { file: renderUnit(desired()), link: true };
const started = entry({ started: 'T1' });

describe('the unit of a service', () => {
  it('says what the spec says, escaped for systemd', () => {
    const resource = desired({
      command: '/usr/bin/web --name "a b" --rate 5%',
      group: 'www',
      environment: { B: 'say "hi" \\ 100%\nbye', A: '$x' },
      workingDirectory: '/srv/100%',
    });
    expect(renderUnit(resource)).toBe(`# managed by slipway: changes made here are overwritten
[Unit]
Description=web
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/bin/web --name "a b" --rate 5%%
User=web
Group=www
WorkingDirectory=/srv/100%%
Environment="A=$x"
Environment="B=say \\"hi\\" \\\\ 100%%\\nbye"
Restart=on-failure
RestartSec=1
TimeoutStopSec=10

[Install]
WantedBy=multi-user.target
`);
  });
});

describe('planning a service with a unit of ours', () => {
  const resource = desired();
  const old = desired({ command: '/usr/bin/web --port 8080' });

  it.each([
    ['nothing there', absent, null, null, 'create', 'new', 'start'],
    ['as it was started', running, prior(resource), started, 'none', null, null],
    ['not known to the record', running, null, null, 'adopt', null, null],
    [
      'stopped',
      { ...running, unit: { active: 'inactive', sub: 'dead' } },
      prior(resource),
      started,
      'start',
      'not-running',
      'start',
    ],
    [
      'crashing again and again',
      { ...running, unit: { active: 'activating', sub: 'auto-restart' } },
      prior(resource),
      started,
      'start',
      'not-running',
      'start',
    ],
    [
      'still starting',
      { ...running, unit: { active: 'activating', sub: 'start' } },
      prior(resource),
      started,
      'none',
      null,
      null,
    ],
    [
      'a start that a crash swallowed',
      running,
      prior(resource),
      entry({ started: 'T0' }),
      'restart',
      'start-swallowed',
      'restart',
    ],
    ['a start that failed', running, prior(resource), entry({}), 'restart', 'unfinished', 'restart'],
    ['gone from the host', absent, prior(resource), started, 'create', 'missing', 'start'],
    [
      'another command',
      { ...running, file: renderUnit(old) },
      prior(old),
      started,
      'update',
      'input-changed',
      'restart',
    ],
    [
      'edited on the host',
      { ...running, file: '[Unit]\n' },
      prior(resource),
      started,
      'update',
      'drifted',
      'restart',
    ],
    [
      'disabled on the host',
      { ...running, link: false },
      prior(resource),
      started,
      'update',
      'drifted',
      null,
    ],
  ] as const)('%s', (_case, seen, before, known, action, because, effect) => {
    const change = plan(resource, seen, before, known);
    expect(change.action).toBe(action);
    expect('reason' in change ? change.reason.because : null).toBe(because);
    expect(serviceEffect(change)).toBe(effect);
  });

  it('shows the diff of the unit file', () => {
    const change = plan(resource, { ...running, file: renderUnit(old) }, prior(old), started);
    if (change.action !== 'update') throw new Error(change.action);
    expect(change.attributes.map(({ name }) => name)).toEqual(['unit', 'command']);
    expect(change.diff).toContain('-ExecStart=/usr/bin/web --port 8080\n+ExecStart=/usr/bin/web --port 80\n');
  });

  it('lets only state learn of another drain', () => {
    const drained = desired({ drain: 'drain' });
    const change = plan(drained, running, prior(resource), started);
    expect(change.action === 'update' && change.attributes.map(({ name }) => name)).toEqual(['drain']);
    expect(serviceEffect(change)).toBe(null);
    expect(body(change, started)).toBe('');
  });

  it('does not touch a unit that somebody masked, or that belongs to another cluster', () => {
    const observe = (seen: Seen, known: RecordEntry | null) =>
      service.observe(resource, observation(resource, seen, known), context());
    expect(observe({ unit: { load: 'masked' } }, null)).toEqual({
      state: 'conflict',
      what: 'the unit web.service is masked',
    });
    const foreign = { ...started, owners: [{ lineage: 'X', instance: 'w@h', resource: 'service.web' }] };
    expect(observe(running, foreign).state).toBe('conflict');
  });
});

describe('planning a service of a package', () => {
  it.each([
    ['not installed yet', packaged(), absent, null, null, 'create', null],
    ['as wanted', packaged(), {}, null, null, 'adopt', null],
    ['static: cannot be enabled', packaged(), { unit: { enabled: 'static' } }, null, null, 'adopt', null],
    [
      'there, disabled and stopped',
      packaged(),
      { unit: { enabled: 'disabled', active: 'inactive' } },
      null,
      null,
      'update',
      ['enabled', 'active'],
    ],
    ['wanted disabled', packaged({ enabledAtBoot: false }), {}, null, null, 'update', ['enabled']],
    [
      'ours, stopped by hand',
      packaged(),
      { unit: { active: 'inactive' } },
      prior(packaged()),
      started,
      'start',
      null,
    ],
  ] as const)('%s', (_case, resource, seen, before, known, action, names) => {
    const change = plan(resource, seen, before, known);
    expect(change.action).toBe(action);
    if (change.action === 'update') expect(change.attributes.map(({ name }) => name)).toEqual(names);
  });

  it('conflicts with a host that has no systemd', () => {
    const seen = observation(packaged(), {}, null);
    expect(service.observe(packaged(), seen, context('T1', { init: 'none' })).state).toBe('conflict');
  });
});

describe('when what a service depends on changes in the same plan', () => {
  const by = ['file.config'];
  const reason = { because: 'triggered', by } as const;
  const none = (resource: DesiredService) => ({ action: 'none', resource }) as const;

  it('it restarts, or reloads where the spec says how', () => {
    expect(withTriggeredRestart(none(desired()), by)).toMatchObject({ action: 'restart', reason });
    expect(withTriggeredRestart(none(desired({ reload: '' })), by)).toMatchObject({ action: 'restart' });
    expect(withTriggeredRestart(none(desired({ reload: 'kill' })), by)).toMatchObject({
      action: 'reload',
      reason,
    });
  });

  it('an update that would let it run restarts it too; a changed unit is never only reloaded', () => {
    const change = (name: string) =>
      withTriggeredRestart(
        {
          action: 'update',
          resource: desired({ reload: 'kill' }),
          attributes: [{ name, before: null, after: 'x', sensitive: false }],
          diff: null,
          reason: { because: 'input-changed' },
          observed: { state: 'present', attributes: { active: true }, content: null },
        },
        by,
      );
    expect(serviceEffect(change('drain'))).toBe('reload');
    expect(serviceEffect(change('unit'))).toBe('restart');
  });

  it('a restart that a crash cuts off before it happens is seen by the next plan', () => {
    const restart = withTriggeredRestart(none(desired()), by);
    expect(expectStartLine(restart)).toBe(`note 'unit web' started expected`);
    expect(expectStartLine(none(desired()))).toBe(null);
    const cutOff = plan(desired(), running, prior(desired()), entry({ started: 'expected' }));
    expect(cutOff).toMatchObject({ action: 'restart', reason: { because: 'start-swallowed' } });
  });

  it('a start stays a start', () => {
    const start = { action: 'start', resource: desired(), reason: { because: 'not-running' } } as const;
    expect(withTriggeredRestart(start, by)).toBe(start);
  });
});

describe('the steps under systemd', () => {
  it('install: writes the unit, links it, starts it, notes the start', () => {
    expect(body(plan(desired(), absent, null, null), null)).toBe(
      [
        `own 'unit web' service.web`,
        `unit_write web.service '${renderUnit(desired())}' ''`,
        `[ -d /etc/systemd/system/multi-user.target.wants ] || make_parents 'directory /etc' /etc 'directory /etc/systemd' /etc/systemd 'directory /etc/systemd/system' /etc/systemd/system 'directory /etc/systemd/system/multi-user.target.wants' /etc/systemd/system/multi-user.target.wants`,
        'unit_link web.service',
        'unit_load web.service',
        'unit_restart web.service 40',
        `note 'unit web' started T1`,
      ].join('\n'),
    );
  });

  it('a restart drains, restarts and notes', () => {
    const change = {
      action: 'restart',
      resource: desired({ drain: 'lb off' }),
      reason: { because: 'unfinished' },
    } as const;
    expect(body(change, started)).toBe(
      `service_drain 10 'lb off'\nunit_restart web.service 40\nnote 'unit web' started T1`,
    );
  });

  it('keeps a unit file that was there before slipway, once', () => {
    const seen: Seen = { file: '[Service]\nExecStart=/old\n', unit: { active: 'inactive' } };
    const lines = body(plan(desired(), seen, null, null), null).split('\n');
    expect(lines[0]).toMatch(/^unit_backup web.service [0-9a-f]{32}$/);
    expect(lines[1]).toBe(
      `before 'unit web' '{"attributes":{"enabled":false,"active":false},"backup":true}'`,
    );
    expect(body(plan(desired(), seen, prior(desired()), started), started)).not.toContain('unit_backup');
  });

  it('a unit of a package is switched on and started, and given back as it was', () => {
    const seen: Seen = { unit: { enabled: 'disabled', active: 'inactive' } };
    expect(body(plan(packaged(), seen, null, null), null)).toBe(
      [
        `before 'unit web' '{"attributes":{"enabled":false,"active":false},"backup":false}'`,
        `own 'unit web' service.web`,
        'unit_switch web.service enable',
        'unit_restart web.service 310',
        `note 'unit web' started T1`,
      ].join('\n'),
    );
  });

  function removal(of: DesiredService, fate: ResourceRemoval['fate'], known: RecordEntry): string {
    const reason = { because: 'removed-from-spec' } as const;
    return (
      service.remove({ action: 'remove', recorded: prior(of), reason, fate }, known, context())?.body ?? ''
    );
  }
  const leave = [`disown 'unit web' service.web`, `forget 'unit web'`];

  it('removal of a unit of ours', () => {
    expect(removal(desired({ drain: 'lb off' }), { fate: 'deleted' }, started)).toBe(
      [
        `if systemctl -q is-active web.service; then service_drain 10 'lb off'; fi`,
        'unit_stop web.service 40',
        `rm -f ${LINK} ${FILE}`,
        `prune_parents 'directory /etc/systemd/system/multi-user.target.wants' /etc/systemd/system/multi-user.target.wants 'directory /etc/systemd/system' /etc/systemd/system 'directory /etc/systemd' /etc/systemd 'directory /etc' /etc`,
        'unit_forget web.service',
        ...leave,
      ].join('\n'),
    );
  });

  it('removal puts back a unit file that was there before', () => {
    const before = '{"attributes":{"enabled":true,"active":true},"backup":true}';
    const lines = removal(desired(), { fate: 'restored' }, entry({ started: 'T1' }, before)).split('\n');
    expect(lines.map((line) => line.replace(/[0-9a-f]{32}/, 'NAME'))).toEqual([
      'unit_stop web.service 40',
      'unit_restore web.service NAME',
      'unit_link web.service',
      'systemctl daemon-reload',
      'systemctl start web.service',
      ...leave,
      'rm -f "$BACKUPS"/NAME',
    ]);
  });

  it('removal of an adopted or shared unit leaves it running', () => {
    const kept = (why: 'adopted' | 'shared') =>
      ({ fate: 'kept', why, entries: null, bytes: null }) as ResourceRemoval['fate'];
    expect(removal(packaged(), kept('adopted'), started)).toBe(leave.join('\n'));
    expect(removal(packaged(), kept('shared'), started)).toBe(leave[0]);
  });
});

describe('what state keeps of a service', () => {
  it('is enough for its removal', () => {
    const attributes: AttributeMap = service.attributes(
      desired({ environment: { A: 'b' }, drain: 'd' }),
      context(),
    );
    expect(attributes).toMatchObject({
      name: 'web',
      driver: 'unit',
      drain: 'd',
      stop_timeout: 10,
      'environment.A': 'b',
    });
    const confined = service.attributes(desired(), context('T1', { init: 'none' }));
    expect(confined).toMatchObject({ driver: 'supervisor', enabled: null, dir: '/opt/slipway/web' });
  });
});

describe('planning a service of an instance that stays stopped', () => {
  const resource = desired({ stopped: true });
  const down = { active: 'inactive', sub: 'dead' };
  const old = desired({ command: '/usr/bin/web --port 8080' });

  it.each([
    ['down', { file: running.file, unit: down }, prior(resource), 'none', null, null],
    ['started by hand', { file: running.file }, prior(resource), 'stop', 'stopped-by-user', 'stop'],
    ['started and enabled by hand', running, prior(resource), 'update', 'stopped-by-user', 'stop'],
    ['enabled by hand', { ...running, unit: down }, prior(resource), 'update', 'drifted', null],
    ['another command', { file: renderUnit(old), unit: down }, prior(old), 'update', 'input-changed', null],
    [
      'another command, and it runs',
      { file: renderUnit(old) },
      prior(old),
      'update',
      'input-changed',
      'stop',
    ],
    ['gone from the host', absent, prior(resource), 'create', 'missing', null],
    ['new in its definition', absent, null, 'create', 'new', null],
  ] as const)('%s', (_case, seen, before, action, because, effect) => {
    const change = plan(resource, seen as Seen, before, entry({ started: 'T0' }));
    expect(change.action).toBe(action);
    expect('reason' in change ? change.reason.because : null).toBe(because);
    expect(serviceEffect(change)).toBe(effect);
    expect(withTriggeredRestart(change, ['file.config'])).toBe(change);
  });

  it('writes its unit and takes it out of the boot, and starts nothing', () => {
    const change = plan(resource, absent, prior(resource), started);
    expect(body(change, started)).not.toContain('unit_restart');
    expect(body(change, started)).toContain('unit_unlink web.service');
    expect(body(change, started)).not.toContain('unit_link');
  });

  it('drains and stops what runs', () => {
    const drained = desired({ stopped: true, drain: 'lb off' });
    const change = plan(drained, { file: running.file! }, prior(drained), started);
    expect(body(change, started).split('\n').slice(0, 4)).toEqual([
      `service_drain 10 'lb off'`,
      'unit_stop web.service 40',
      'unit_down web.service',
      'unit_unlink web.service',
    ]);
  });

  it('keeps on record that it is meant to come up at boot once it is started', () => {
    expect(service.attributes(resource, context())).toEqual(service.attributes(desired(), context()));
  });
});
