import { describe, expect, it } from 'vitest';
import {
  instanceRequests,
  judgeInstance,
  type InstanceLook,
} from '../../../src/app/operate/judge-instance.ts';
import type { CheckResult } from '../../../src/host/check.ts';
import { probeKey } from '../../../src/host/observation.ts';
import type {
  HostObservation,
  PathObservation,
  ProbeAnswer,
  UnitObservation,
} from '../../../src/host/observation.ts';
import type { InstanceState } from '../../../src/state/model.ts';
import { fakeObservation } from '../../host/fake-session.ts';
import { fileResource, HOST, instanceState, unitResource } from './instance-state.ts';

const RUNNING: UnitObservation = {
  load: 'loaded',
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  fragmentPath: '/etc/systemd/system/nats.service',
  pid: 42,
  restarts: 0,
  sinceSeconds: 1_700_000_000,
  needsReload: false,
  result: 'success',
  exitStatus: 0,
  changedSeconds: 1_700_000_100,
};
const FILE: PathObservation = {
  type: 'file',
  mode: '0644',
  owner: 'root',
  group: 'root',
  sizeBytes: 3,
  target: null,
  digest: 'abc',
  content: null,
};

/** What a host says on which all is as slipway left it, but for what a test changes. */
function look(
  instance: InstanceState,
  units: Readonly<Record<string, Partial<UnitObservation>>> = {},
  {
    paths = {},
    check = { healthy: true },
    answers = [],
  }: {
    readonly paths?: Readonly<Record<string, Partial<PathObservation> | null>>;
    readonly check?: CheckResult;
    readonly answers?: readonly (readonly [string, ProbeAnswer])[];
  } = {},
): InstanceLook {
  const observation = fakeObservation(HOST, instanceRequests(instance));
  const all = new Map(observation.answers);
  for (const request of instanceRequests(instance)) {
    if (request.probe === 'unit')
      all.set(probeKey(request), { probe: 'unit', found: { ...RUNNING, ...units[request.name] } });
    if (request.probe === 'usage')
      all.set(probeKey(request), { probe: 'usage', cpuPercent: 12.5, memoryBytes: 2 * 1024 ** 3 });
    if (request.probe === 'path') {
      const isUnit = request.path.startsWith('/etc/systemd/system/');
      const changed = paths[request.path];
      const found =
        changed === null ? null : { ...FILE, ...(isUnit ? { digest: 'digest' } : {}), ...changed };
      all.set(probeKey(request), { probe: 'path', found });
    }
  }
  for (const [key, answer] of answers) all.set(key, answer);
  const asked: HostObservation = { ...observation, answers: all };
  return { observation: asked, checks: new Map(instance.checks.map(({ name }) => [name, check])) };
}

const UNIT = 'nats.service';
const refused: CheckResult = { healthy: false, why: 'connection refused' };

describe('an instance', () => {
  it('that runs is told with what it takes', () => {
    const instance = instanceState();
    expect(judgeInstance(instance, look(instance))).toMatchObject({
      condition: 'running',
      detail: null,
      sinceMs: 1_700_000_000_000,
      version: '1.4.0',
      cpuPercent: 12.5,
      memoryBytes: 2 * 1024 ** 3,
      memoryPercent: 25,
      restarts: 0,
      services: [{ resource: 'service.nats', name: UNIT, state: 'running', pid: 42 }],
      checks: [{ name: 'client', healthy: true, why: null }],
      drift: [],
    });
  });

  const crashed = { active: 'failed', result: 'exit-code', exitStatus: 3, pid: 0 };
  const dead = { active: 'inactive', sub: 'dead', pid: 0 };
  it.each<[string, Partial<UnitObservation>, Partial<InstanceState>, string, string | null]>([
    ['runs', {}, {}, 'running', null],
    ['reloads', { active: 'reloading' }, {}, 'running', null],
    ['ended with its work done, and stays active', { sub: 'exited', pid: 0 }, {}, 'running', null],
    ['is starting', { active: 'activating', sub: 'start' }, {}, 'degraded', 'nats.service is starting'],
    ['was stopped by hand', dead, {}, 'stopped', 'nats.service was stopped on the host, not by slipway'],
    ['was stopped by slipway', dead, { stopped: true }, 'stopped', 'stopped with `slipway stop`'],
    ['failed when slipway stopped it', crashed, { stopped: true }, 'stopped', 'stopped with `slipway stop`'],
    [
      'was stopped by slipway, and runs',
      {},
      { stopped: true },
      'drifted',
      'runs, but was stopped with `slipway stop`',
    ],
    ['is masked', { ...dead, load: 'masked' }, {}, 'stopped', 'nats.service is masked'],
    [
      'is gone',
      { load: 'not-found', active: 'inactive' },
      {},
      'stopped',
      'nats.service is not there any more',
    ],
    ['crashed', crashed, {}, 'failed', 'nats.service ended with exit code 3'],
    [
      'was killed',
      { ...crashed, result: 'signal', exitStatus: 9 },
      {},
      'failed',
      'nats.service was killed by SIGKILL',
    ],
    [
      'used up the memory',
      { ...crashed, result: 'oom-kill' },
      {},
      'failed',
      'nats.service was killed: the memory was used up',
    ],
    [
      'crashes again and again',
      { active: 'activating', sub: 'auto-restart', result: 'exit-code', exitStatus: 1 },
      {},
      'failed',
      'nats.service ended with exit code 1, and is started again',
    ],
    [
      'runs, though its last run failed',
      {},
      { status: 'failed' },
      'running',
      'its last run failed: the next apply repairs it',
    ],
    [
      'is down, and its last run broke off',
      dead,
      { status: 'incomplete' },
      'stopped',
      'nats.service was stopped on the host, not by slipway; its last run did not finish: the next apply goes on with it',
    ],
  ])('whose unit %s', (_, unit, state, condition, detail) => {
    const instance = instanceState(state);
    expect(judgeInstance(instance, look(instance, { [UNIT]: unit }))).toMatchObject({
      condition,
      detail,
      stoppedByUser: condition === 'stopped' && state.stopped === true,
    });
  });

  it('that a run has in hand is not told as left half done', () => {
    const told = (status: InstanceState['status'], currentRun: string | null): string | null => {
      const instance = instanceState({ status, run: 'run-2' });
      return judgeInstance(instance, look(instance, { [UNIT]: {} }), currentRun).detail;
    };
    expect(told('incomplete', 'run-2')).toBe('a run is at work on it');
    expect(told('removing', 'run-2')).toBe('a run removes it');
    expect(told('incomplete', 'run-3')).toMatch(/^its last run did not finish/);
    expect(told('removing', null)).toMatch(/^its removal did not finish/);
  });

  it('with a check that fails is degraded, and says why', () => {
    const instance = instanceState();
    expect(judgeInstance(instance, look(instance, {}, { check: refused }))).toMatchObject({
      condition: 'degraded',
      detail: 'check client: connection refused',
      sinceMs: null,
    });
  });

  it('that does not run has no checks that were looked at', () => {
    const instance = instanceState();
    const report = judgeInstance(instance, look(instance, { [UNIT]: dead }, { check: refused }));
    expect(report).toMatchObject({
      condition: 'stopped',
      checks: [{ name: 'client', healthy: null, why: null }],
    });
  });

  it('of which one of two services runs has failed', () => {
    const instance = instanceState({ resources: [unitResource('nats'), unitResource('exporter')] });
    expect(judgeInstance(instance, look(instance, { 'exporter.service': dead }))).toMatchObject({
      condition: 'failed',
      detail: 'only 1 of 2 services runs: exporter.service was stopped',
      cpuPercent: 25,
    });
  });

  it('without services runs as long as nothing drifted', () => {
    const instance = instanceState({ resources: [fileResource()], checks: [] });
    expect(judgeInstance(instance, look(instance))).toMatchObject({
      condition: 'running',
      services: [],
      restarts: null,
    });
  });

  it('without services, of which a run failed, is not taken for one that is there', () => {
    const instance = instanceState({ resources: [fileResource()], checks: [], status: 'failed' });
    expect(judgeInstance(instance, look(instance))).toMatchObject({
      condition: 'failed',
      detail: 'its last run failed: the next apply repairs it',
    });
  });

  it('whose host does not answer is unreachable', () => {
    expect(judgeInstance(instanceState(), { problem: 'no route' })).toMatchObject({
      condition: 'unreachable',
      detail: 'no route',
      checks: [{ name: 'client', healthy: null }],
      cpuPercent: null,
    });
  });

  it('has the version of its package', () => {
    const nats = {
      kind: 'package',
      address: 'package.nats',
      key: 'package nats',
      attributes: { name: 'nats', version: '2.*' },
    } as const;
    const instance = instanceState({ resources: [nats, unitResource()] });
    const version = (installed: string) =>
      judgeInstance(
        instance,
        look(instance, {}, { answers: [['package nats', { probe: 'package', installed, candidate: null }]] }),
      );
    expect(version('2.9.1')).toMatchObject({ condition: 'running', version: '2.9.1' });
    expect(version('3.0')).toMatchObject({
      condition: 'drifted',
      detail: 'package.nats: version 3.0 instead of 2.*',
    });
  });
});

describe('drift', () => {
  const FILE_PATH = '/etc/nats.conf';
  const UNIT_PATH = '/etc/systemd/system/nats.service';
  const LINK = '/etc/systemd/system/multi-user.target.wants/nats.service';
  it.each<[string, Readonly<Record<string, Partial<PathObservation> | null>>, string]>([
    ['of content', { [FILE_PATH]: { digest: 'other' } }, 'file.config: content changed'],
    [
      'of mode and owner',
      { [FILE_PATH]: { mode: '0600', owner: 'bob' } },
      'file.config: mode 0600 instead of 0644, owner bob instead of root',
    ],
    ['of a file that is gone', { [FILE_PATH]: null }, 'file.config: deleted'],
    [
      'of what stands in its place',
      { [FILE_PATH]: { type: 'directory' } },
      'file.config: a directory stands in its place',
    ],
    ['of a unit', { [UNIT_PATH]: { digest: 'other' } }, 'service.nats: nats.service changed'],
    ['of a unit that was disabled', { [LINK]: null }, 'service.nats: not started at boot any more'],
  ])('%s', (_, paths, words) => {
    const instance = instanceState({ resources: [fileResource(), unitResource()] });
    expect(judgeInstance(instance, look(instance, {}, { paths }))).toMatchObject({
      condition: 'drifted',
      drift: [words],
      detail: words,
    });
  });

  it('of content too large to be read at each look is not told', () => {
    const instance = instanceState({ resources: [fileResource(), unitResource()] });
    const large = { [FILE_PATH]: { digest: null, sizeBytes: 1e9 } };
    expect(judgeInstance(instance, look(instance, {}, { paths: large }))).toMatchObject({
      condition: 'running',
    });
  });

  it('of sensitive content is not told, that of its mode is', () => {
    const instance = instanceState({ resources: [fileResource({ content: 'hmac:1' }), unitResource()] });
    const other = (found: Partial<PathObservation>) =>
      judgeInstance(instance, look(instance, {}, { paths: { [FILE_PATH]: found } })).condition;
    expect(other({ digest: 'other' })).toBe('running');
    expect(other({ mode: '0666' })).toBe('drifted');
  });

  it('is no drift where slipway stopped it and keeps it down at boot', () => {
    const instance = instanceState({ stopped: true });
    const down = { [UNIT]: { active: 'inactive', pid: 0 } };
    expect(judgeInstance(instance, look(instance, down, { paths: { [LINK]: null } }))).toMatchObject({
      condition: 'stopped',
      stoppedByUser: true,
      drift: [],
    });
  });

  it('is told with a failing check, for it may be why', () => {
    const instance = instanceState({ resources: [fileResource(), unitResource()] });
    const seen = look(instance, {}, { paths: { [FILE_PATH]: { digest: 'other' } }, check: refused });
    expect(judgeInstance(instance, seen)).toMatchObject({
      condition: 'degraded',
      detail: 'check client: connection refused; file.config: content changed',
    });
  });
});
