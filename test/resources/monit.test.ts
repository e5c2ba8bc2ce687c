import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HostObservation, MonitAnswer, ProbeAnswer } from '../../src/host/observation.ts';
import { EMPTY_RECORD, type RecordEntry } from '../../src/host/record.ts';
import { driftOf } from '../../src/resources/drift.ts';
import { renderControl } from '../../src/resources/monit-control.ts';
import { MONIT_RUN_PROGRAM } from '../../src/resources/monit-program.ts';
import { monitStatus } from '../../src/resources/monit-status.ts';
import type {
  DesiredService,
  KindContext,
  Observed,
  RecordedResource,
  ResourceChange,
} from '../../src/resources/resource.ts';
import { serviceProgram } from '../../src/resources/supervisor.ts';
import { sha256 } from '../../src/resources/service-driver.ts';
import { servicePowerBody } from '../../src/resources/service-power.ts';
import { decodeRecorded } from '../../src/resources/service-driver.ts';
import { service } from '../../src/resources/service.ts';
import { openStepHost, SHELLS } from './step-host.ts';

const context = {
  lineage: 'L',
  instance: 'web@h',
  init: 'monit',
  layout: { confined: false },
  triggersDigest: 'T1',
} as KindContext;

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
const started = entry({ started: 'T1' });

function recorded(of: DesiredService, at = context): RecordedResource {
  return { kind: 'service', address: of.address, key: 'unit web', attributes: service.attributes(of, at) };
}

/** As monit answers of a service that is as wanted. */
function answer(of: DesiredService, more: Partial<MonitAnswer> = {}): MonitAnswer {
  return {
    probe: 'monit',
    silent: null,
    rc: '/etc/monit/monitrc',
    folder: '/etc/monit/conf.d',
    listed: true,
    watched: true,
    status: 'OK',
    control: of.command === null ? null : `${renderControl(of)}  onreboot start\n`,
    running: true,
    pid: 77,
    sinceSeconds: 1000,
    restarts: 0,
    ...more,
  };
}
const NOTHING: Partial<MonitAnswer> = {
  listed: false,
  watched: false,
  control: null,
  running: false,
  pid: null,
};

function observation(
  of: DesiredService,
  found: MonitAnswer,
  known: RecordEntry | null = started,
  program = of.command === null ? '' : serviceProgram(of),
): HostObservation {
  const path = `${of.dir}/.slipway/${of.name}/program`;
  const file = { type: 'file', digest: sha256(program), content: null } as never;
  const answers = new Map<string, ProbeAnswer>([
    [`monit ${of.name}`, found],
    [`path ${path}`, { probe: 'path', found: file }],
  ]);
  const record = { ...EMPTY_RECORD, entries: new Map(known === null ? [] : [['unit web', known]]) };
  return { answers, record } as unknown as HostObservation;
}

type Change = ResourceChange & { resource: DesiredService };

/** `former`: what lies on the host. */
function plan(
  of: DesiredService,
  found: Partial<MonitAnswer> = {},
  former: DesiredService = of,
  prior: RecordedResource | null = recorded(former),
  known: RecordEntry | null = started,
): Change {
  const observed = service.observe(of, observation(former, answer(former, found), known), context);
  return service.diff(of, observed, prior, known, context) as Change;
}

/** Which of monit's functions a step calls, in order, without what they are given. */
function calls(change: Change, known: RecordEntry | null = started): string[] {
  const body = service.apply(change, known, context, new Map())?.body ?? '';
  const program = body.slice(body.lastIndexOf('MONIT_RUN='));
  return [...program.matchAll(/^(?:if )?((?:monit|service)_\w+)(.*)/gm)]
    .map(([, name = '', rest = '']) => (/_(?:at_boot)/.test(name) ? `${name}${rest}` : name))
    .filter((name) => name !== 'monit_open');
}

describe('a service with a command under monit', () => {
  it.each<
    [
      string,
      DesiredService,
      Partial<MonitAnswer>,
      RecordedResource | null,
      RecordEntry | null,
      string,
      string[],
    ]
  >([
    [
      'is new',
      desired(),
      NOTHING,
      null,
      null,
      'create',
      ['monit_stop', 'monit_files', 'monit_write', 'monit_start'],
    ],
    ['is as wanted', desired(), {}, recorded(desired()), started, 'none', []],
    ['is down', desired(), { running: false }, recorded(desired()), started, 'start', ['monit_start']],
    [
      'is not looked after',
      desired(),
      { watched: false },
      recorded(desired()),
      started,
      'start',
      ['monit_start'],
    ],
    [
      'has another command',
      desired({ command: '/usr/bin/web', drain: 'x' }),
      {},
      recorded(desired({ drain: 'x' })),
      started,
      'update',
      ['service_drain', 'monit_stop', 'monit_files', 'monit_write', 'monit_start'],
    ],
    [
      'does not come up at boot any more',
      desired(),
      { control: `${renderControl(desired())}  mode manual\n` },
      recorded(desired()),
      started,
      'update',
      ['monit_at_boot web start'],
    ],
    [
      'was given new triggers',
      desired(),
      {},
      recorded(desired()),
      entry({ started: 'T0' }),
      'restart',
      ['monit_stop', 'monit_start'],
    ],
    [
      'reloads instead',
      desired({ reload: 'kill -HUP 1' }),
      {},
      recorded(desired({ reload: 'kill -HUP 1' })),
      entry({ started: 'T0' }),
      'reload',
      ['service_reload'],
    ],
    [
      'is stopped, and its text changed',
      desired({ stopped: true, stopTimeoutSeconds: 20 }),
      { control: `${renderControl(desired())}  onreboot nostart\n`, running: false, watched: false },
      recorded(desired()),
      started,
      'update',
      ['monit_files', 'monit_write'],
    ],
    [
      'is stopped, but somebody started it',
      desired({ stopped: true }),
      { control: `${renderControl(desired())}  onreboot nostart\n` },
      recorded(desired()),
      started,
      'stop',
      ['monit_stop', 'monit_at_boot web nostart'],
    ],
  ])('%s', (_what, of, found, prior, known, action, expected) => {
    const former = desired({ drain: of.drain, reload: of.reload });
    const change = plan(of, found, former, prior, known);
    expect(change.action).toBe(action);
    expect(calls(change, known)).toEqual(expected);
  });

  it('shows what of its control file was edited', () => {
    const control = `${renderControl(desired()).replace('30 seconds', '31 seconds')}  onreboot start\n`;
    const change = plan(desired(), { control });
    expect(change).toMatchObject({ action: 'update', reason: { because: 'drifted' } });
    expect('diff' in change && change.diff).toContain('31 seconds\n+');
  });

  it.each<[string, Partial<MonitAnswer>, string]>([
    [
      'monit does not answer',
      { silent: 'no httpd' },
      'monit, which runs services there, does not answer (no httpd)',
    ],
    ['it reads no folder', { ...NOTHING, folder: null }, 'monit reads no folder of control files'],
    ['it has one of that name', { control: null }, 'monit has a service "web" already'],
    ['the file is not ours', { control: 'check process web' }, 'that slipway did not write'],
  ])('is not put in place when %s', (_when, found, what) => {
    const observed = service.observe(desired(), observation(desired(), answer(desired(), found)), context);
    expect(observed.state).toBe('conflict');
    expect('what' in observed && observed.what).toContain(what);
  });

  it('is not handed to the supervisor because monit is down', () => {
    const none = { ...context, init: 'none' } as const;
    const observed: Observed = { state: 'absent' };
    const change = service.diff(desired(), observed, recorded(desired()), started, none);
    expect(change).toMatchObject({ action: 'update', observed: { state: 'conflict' } });
  });

  it('takes off what the supervisor ran before there was monit', () => {
    const none = { ...context, init: 'none' } as const;
    const change = plan(desired(), NOTHING, desired(), recorded(desired(), none));
    expect(change.action).toBe('update');
    const body = service.apply(change, started, context, new Map())?.body ?? '';
    expect(body).toMatch(/^supervisor_stop \/opt\/slipway\/web\/.slipway\/web 10$/m);
    expect(calls(change)).toEqual(['monit_files', 'monit_write', 'monit_start']);
  });

  it('is taken off with its files', () => {
    const removal = {
      action: 'remove',
      recorded: recorded(desired({ drain: 'x' })),
      reason: { because: 'removed-from-spec' },
      fate: { fate: 'deleted' },
    } as const;
    const body = service.remove(removal, started, context)?.body ?? '';
    expect(body).toContain('if process_of /run/slipway-web.pid; then service_drain 10 x; fi\n');
    expect(body).toContain(
      "monit_remove web 'unit web' /opt/slipway/web/.slipway/web /run/slipway-web.pid 10\n",
    );
  });
});

describe('a service that a package brings, under monit', () => {
  it.each<
    [
      string,
      DesiredService,
      Partial<MonitAnswer>,
      RecordedResource | null,
      RecordEntry | null,
      string,
      string[],
    ]
  >([
    ['comes with its package', packaged(), NOTHING, null, null, 'create', ['monit_known', 'monit_begin']],
    ['runs already', packaged(), {}, null, null, 'adopt', []],
    [
      'is there, but down',
      packaged(),
      { running: false, watched: false },
      null,
      null,
      'update',
      ['monit_begin'],
    ],
    [
      'is restarted, its control file read anew',
      packaged(),
      {},
      recorded(packaged()),
      entry({ started: 'T0' }),
      'restart',
      ['monit_reload', 'monit_end', 'monit_begin'],
    ],
  ])('%s', (_what, of, found, prior, known, action, expected) => {
    const change = plan(of, found, of, prior, known);
    expect(change.action).toBe(action);
    expect(calls(change, known)).toEqual(expected);
  });

  it('is left running at its removal when it ran before', () => {
    const before = JSON.stringify({ attributes: { enabled: null, active: true }, backup: false });
    const removal = (known: RecordEntry) => {
      const fate = { fate: 'restored' } as const;
      const reason = { because: 'removed-from-spec' } as const;
      const change = { action: 'remove', recorded: recorded(packaged()), reason, fate } as const;
      return service.remove(change, known, context)?.body.split('MONIT_RUN=').at(-1) ?? '';
    };
    expect(removal(entry({}, before))).toContain('\nmonit_begin web 310\n');
    expect(removal(entry({}))).toContain('\nmonit_end web 70\n');
  });
});

describe('start, stop and restart under monit', () => {
  const of = decodeRecorded(recorded(desired()));
  it.each([
    [
      'start',
      ['monit_at_boot web start', 'monit_start web /opt/slipway/web/.slipway/web /run/slipway-web.pid'],
    ],
    [
      'stop',
      [
        'monit_open web',
        'monit_stop web /opt/slipway/web/.slipway/web /run/slipway-web.pid 10',
        'monit_at_boot web nostart',
      ],
    ],
  ] as const)('%s', (action, lines) => {
    expect(servicePowerBody(of, action).split('\n')).toEqual(lines);
  });
});

describe('the status of a service under monit', () => {
  it.each<[Partial<MonitAnswer>, string, string | null]>([
    [{}, 'running', null],
    [{ silent: 'no httpd' }, 'running', null],
    [
      { running: false, silent: 'no httpd' },
      'stopped',
      'does not run, and monit cannot be asked why: no httpd',
    ],
    [NOTHING, 'missing', 'is not there any more'],
    [{ running: false, watched: false }, 'stopped', null],
    [{ running: false, status: 'Initializing' }, 'starting', 'is starting'],
    [
      { running: false, status: 'Execution failed' },
      'failed',
      'does not run, and is started again and again (monit: Execution failed)',
    ],
  ])('%o', (found, state, why) => {
    expect(monitStatus('web', answer(desired(), found))).toMatchObject({ state, why });
  });

  it.each<[Partial<MonitAnswer>, string[]]>([
    [{}, []],
    [{ control: null }, ['its files are gone']],
    [{ control: `${renderControl(desired())}  onreboot laststate\n` }, ['not started at boot any more']],
    [
      { control: `${renderControl(desired())}#\n  onreboot start\n` },
      ['its control file or program changed'],
    ],
    [{ watched: false }, ['runs, but monit does not look after it']],
  ])('drift of %o', (found, drift) => {
    const at = observation(desired(), answer(desired(), found));
    expect(driftOf(recorded(desired()), at, { stopped: false })).toEqual(drift);
  });

  it('drift of what is executed', () => {
    const at = observation(desired(), answer(desired()), started, 'another');
    expect(driftOf(recorded(desired()), at, { stopped: false })).toEqual([
      'its control file or program changed',
    ]);
  });
});

describe.concurrent.each(SHELLS)('what monit calls, on %s', (_name, shell) => {
  /** Runs it as monit would, for a program of these lines. */
  function place(program: string) {
    const at = openStepHost(shell);
    const folder = join(at.root, 'web');
    mkdirSync(folder);
    writeFileSync(join(folder, 'program'), program);
    writeFileSync(join(folder, 'run'), MONIT_RUN_PROGRAM);
    writeFileSync(join(folder, 'log'), '');
    const file = join(at.root, 'pid');
    const run = async (action: string, seconds = 2) =>
      (await at.run('', { id: 'run', body: `sh ${folder}/run ${action} ${folder} ${file} ${seconds}` })).code;
    const words = () => readFileSync(file, 'utf8').trim().split(' ');
    const log = () => readFileSync(join(folder, 'log'), 'utf8');
    return { at, folder, file, run, words, log };
  }

  it('starts a program once, stops it with all that it started, and leaves no pid file', async () => {
    const { at, run, words, file, log } = place('echo up; sleep 1000 & exec sleep 1001\n');
    expect(await run('start')).toBe(0);
    const [pid = '', , , restarts] = words();
    expect(restarts).toBe('0');
    expect(isAlive(pid)).toBe(true);
    expect(await run('start')).toBe(0);
    expect(words()[0]).toBe(pid);
    expect(log()).toBe('up\n');
    expect(await run('stop')).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(file)).toBe(false);
    at.close();
  });

  it('counts starts after a death, and ends what the dead one left', async () => {
    const { at, run, words, folder } = place('sleep 1002 & echo $! >left; exec sleep 1003\n');
    expect(await run('start')).toBe(0);
    const [pid = ''] = words();
    const left = readFileSync(join(folder, 'left'), 'utf8').trim();
    process.kill(Number(pid), 'SIGKILL');
    expect(isAlive(left)).toBe(true);
    expect(await run('start')).toBe(0);
    expect(words()[3]).toBe('1');
    expect(isAlive(left)).toBe(false);
    await run('stop');
    at.close();
  });

  it('fails for a program that ends at once, and for one that does not heed TERM waits no longer than it may', async () => {
    const short = place('echo no such port; exit 3\n');
    expect(await short.run('start')).toBe(1);
    expect(existsSync(join(short.folder, 'failed'))).toBe(true);
    expect(short.log()).toBe('no such port\n');
    short.at.close();
    const deaf = place("trap '' TERM; while :; do sleep 0.2; done\n");
    expect(await deaf.run('start')).toBe(0);
    const [pid = ''] = deaf.words();
    const sinceMs = Date.now();
    expect(await deaf.run('stop', 1)).toBe(0);
    expect(Date.now() - sinceMs).toBeGreaterThan(900);
    expect(isAlive(pid)).toBe(false);
    deaf.at.close();
  });

  it('never stops a stranger who has the number by now', async () => {
    const { at, run, file } = place('exec sleep 1004\n');
    writeFileSync(file, `${process.pid} 1 0 0\n`);
    expect(await run('stop')).toBe(0);
    expect(isAlive(String(process.pid))).toBe(true);
    expect(existsSync(file)).toBe(false);
    at.close();
  });

  it('moves a log that has grown past 10 MiB away', async () => {
    const { at, run, folder, log } = place('');
    writeFileSync(join(folder, 'log'), 'x'.repeat(11 * 1024 * 1024));
    expect(await run('rotate')).toBe(0);
    expect(log()).toBe('');
    expect(readFileSync(join(folder, 'log.1')).length).toBe(11 * 1024 * 1024);
    at.close();
  });
});

function isAlive(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(') ') + 2));
  } catch {
    return false;
  }
}
