import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DesiredService, KindContext } from '../../src/resources/resource.ts';
import { decodeRecorded, recordedService, type RecordedService } from '../../src/resources/service-driver.ts';
import { powerFunctions, servicePowerBody, type PowerAction } from '../../src/resources/service-power.ts';
import { service } from '../../src/resources/service.ts';
import { RANGE } from './resource-life.ts';
import { openStepHost, SHELLS, type StepHost } from './step-host.ts';

const UNIT: RecordedService = {
  driver: 'unit',
  name: 'web',
  dir: '/opt/slipway/web',
  enabled: true,
  drain: null,
  stopTimeoutSeconds: 10,
};

describe('under systemd', () => {
  const lines = (more: Partial<RecordedService>, action: PowerAction): string[] =>
    servicePowerBody({ ...UNIT, ...more }, action).split('\n');

  it('a unit of ours is enabled before it is started, and disabled once it is down', () => {
    const [parents, ...start] = lines({}, 'start');
    expect(parents).toMatch(/^\[ -d \/etc\/systemd\/system\/multi-user.target.wants \] \|\| make_parents /);
    expect(start).toEqual(['unit_link web.service', 'unit_runs web.service || unit_restart web.service 40']);
    expect(lines({}, 'stop')).toEqual([
      'unit_stop web.service 40',
      'unit_down web.service',
      'unit_unlink web.service',
    ]);
    expect(lines({}, 'restart')).toEqual(['unit_restart web.service 40']);
  });

  it('one that its definition does not enable is not enabled by a start', () => {
    expect(lines({ enabled: false }, 'start')).toEqual([
      'unit_runs web.service || unit_restart web.service 40',
    ]);
  });

  it('a unit of a package is switched as systemd does it, and may be gone when it is stopped', () => {
    const driver = 'package-unit';
    expect(lines({ driver }, 'start')).toEqual([
      'unit_switch web.service enable',
      'unit_runs web.service || unit_restart web.service 310',
    ]);
    expect(lines({ driver }, 'stop')).toEqual([
      'if unit_exists web.service; then',
      'unit_stop web.service 40',
      'unit_down web.service',
      'unit_switch web.service disable',
      'fi',
    ]);
  });

  it.each(['stop', 'restart'] as const)('drains before a %s, where it runs', (action) => {
    expect(lines({ drain: 'lb off' }, action)[0]).toBe(
      `if systemctl -q is-active web.service; then service_drain 10 'lb off'; fi`,
    );
  });
});

describe.concurrent.each(SHELLS)('under the pidfile supervisor on %s', (_name, shell) => {
  const context = {
    lineage: 'L',
    instance: 'web@h',
    init: 'none',
    layout: { confined: true },
    triggersDigest: 'T1',
  } as KindContext;

  function desired(at: StepHost, more: Partial<DesiredService> = {}): DesiredService {
    return {
      kind: 'service',
      address: 'service.web',
      range: RANGE,
      name: 'web',
      command: '/bin/sh -c "echo on >>life; exec sleep 1000"',
      user: null,
      group: null,
      environment: {},
      workingDirectory: at.root,
      drain: `echo drain >>${join(at.root, 'life')}`,
      reload: null,
      triggers: [],
      enabledAtBoot: true,
      stopTimeoutSeconds: 3,
      dir: join(at.root, 'web'),
      ...more,
    };
  }

  async function create(at: StepHost, resource: DesiredService): Promise<void> {
    const change = { action: 'create', resource, reason: { because: 'new' } } as const;
    const step = service.apply(change, at.entry('unit web'), context, new Map());
    expect(await at.run(service.functions, step)).toEqual({ code: 0, output: '' });
  }

  function power(at: StepHost, resource: DesiredService, action: PowerAction) {
    const attributes = service.attributes(resource, context);
    const recorded = decodeRecorded({ kind: 'service', address: 'service.web', key: 'unit web', attributes });
    const body = servicePowerBody(recorded, action);
    return at.run(powerFunctions(new Set([recorded.driver])), { id: 'service.web', body });
  }

  const file = (at: StepHost, name: string): string => join(at.root, 'web/.slipway/web', name);
  const life = (at: StepHost): string[] => readFileSync(join(at.root, 'life'), 'utf8').trim().split('\n');
  const pid = (at: StepHost): string | null =>
    existsSync(file(at, 'child')) ? readFileSync(file(at, 'child'), 'utf8').split(' ')[0]! : null;
  const isUp = (at: StepHost): boolean => {
    const process = pid(at);
    return process !== null && existsSync(`/proc/${process}`);
  };

  it('stops and starts what was recorded, each as often as one likes', async ({ onTestFinished }) => {
    const at = openStepHost(shell);
    onTestFinished(() => at.close());
    const resource = desired(at);
    await create(at, resource);
    for (let i = 0; i < 2; i++) {
      expect(await power(at, resource, 'stop')).toEqual({ code: 0, output: '' });
      expect(isUp(at)).toBe(false);
    }
    expect(life(at)).toEqual(['on', 'drain']);
    expect(await power(at, resource, 'start')).toEqual({ code: 0, output: '' });
    const started = pid(at);
    expect(isUp(at)).toBe(true);
    await power(at, resource, 'start');
    expect(pid(at)).toBe(started);
    await power(at, resource, 'restart');
    expect(pid(at)).not.toBe(started);
    expect(life(at)).toEqual(['on', 'drain', 'on', 'drain', 'on']);
    await power(at, resource, 'stop');
  });

  it('says what is missing where nothing was put there', async ({ onTestFinished }) => {
    const at = openStepHost(shell);
    onTestFinished(() => at.close());
    const result = await power(at, desired(at), 'start');
    expect(result).toEqual({
      code: 1,
      output: 'died: there is nothing of web to start: an apply puts it there\n',
    });
  });

  it('an apply puts a new program of a stopped service there and does not start it', async ({
    onTestFinished,
  }) => {
    const at = openStepHost(shell);
    onTestFinished(() => at.close());
    const resource = desired(at, { stopped: true });
    await create(at, resource);
    expect(isUp(at)).toBe(false);
    expect(at.entry('unit web')?.notes.get('started')).toBe('T1');
    expect(existsSync(file(at, 'program'))).toBe(true);
    await power(at, resource, 'start');
    expect(isUp(at)).toBe(true);

    const observed = { state: 'present', attributes: { active: true }, content: null } as const;
    const reason = { because: 'stopped-by-user' } as const;
    for (const change of [
      { action: 'stop', resource, reason },
      { action: 'update', resource, attributes: [], diff: null, reason, observed },
    ] as const) {
      const step = service.apply(change, at.entry('unit web'), context, new Map());
      expect(await at.run(service.functions, step)).toEqual({ code: 0, output: '' });
      expect(isUp(at)).toBe(false);
      expect(life(at).at(-1)).toBe('drain');
      await power(at, resource, 'start');
    }
    await power(at, resource, 'stop');
  });
});

it('what is desired and what was recorded of it are powered alike', () => {
  const wanted = {
    ...(UNIT as unknown as DesiredService),
    kind: 'service',
    command: '/bin/web',
    environment: {},
    enabledAtBoot: true,
    user: null,
    group: null,
    workingDirectory: null,
    reload: null,
    stopTimeoutSeconds: 9.5,
  } as DesiredService;
  const context = { init: 'systemd', layout: { confined: false } } as KindContext;
  const attributes = service.attributes(wanted, context);
  const recorded = decodeRecorded({ kind: 'service', address: 'service.web', key: 'unit web', attributes });
  expect(recordedService(wanted, 'unit')).toEqual(recorded);
});
