import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OpenCluster } from '../../../src/app/operate/open-cluster.ts';
import { lookAtCluster } from '../../../src/app/operate/look-at-cluster.ts';
import { HostError } from '../../../src/host/connection.ts';
import { probeKey } from '../../../src/host/observation.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest } from '../../../src/host/observation.ts';
import type { HostSession } from '../../../src/host/session.ts';
import { EMPTY_LAYOUT, emptyState } from './open-cluster.ts';
import { fakeObservation, fakeSession } from '../../host/fake-session.ts';
import { instanceState } from './instance-state.ts';

const RUNNING = { load: 'loaded', active: 'active', sub: 'running', pid: 7, sinceSeconds: 5 } as const;

/** A host on which all units run and nothing drifted. */
function healthy(requests: readonly ProbeRequest[]): Partial<HostObservation> {
  const { answers } = fakeObservation('any', requests);
  const all = new Map(answers);
  for (const [key, answer] of answers) {
    if (answer.probe === 'unit') all.set(key, { probe: 'unit', found: { ...answer.found, ...RUNNING } });
    if (answer.probe === 'path') all.set(key, { probe: 'path', found: { ...UNIT_FILE } });
  }
  all.set(probeKey({ probe: 'load' }), { probe: 'load', cpuPercent: 20 } satisfies ProbeAnswer);
  return { answers: all };
}
const UNIT_FILE = {
  type: 'file',
  mode: '0644',
  owner: 'root',
  group: 'root',
  sizeBytes: 1,
  target: null,
  digest: 'digest',
  content: null,
} as const;

function clusterOf(
  sessions: Readonly<Record<string, HostSession>>,
  changes: Partial<OpenCluster> = {},
): OpenCluster {
  const hosts = Object.keys(sessions);
  return {
    state: emptyState(hosts),
    hosts: new Map(hosts.map((address) => [address, { address, provider: 'ssh', settings: {} } as const])),
    problems: [],
    secrets: [],
    layoutOf: () => EMPTY_LAYOUT,
    sessionOf: (host: string) => sessions[host] as HostSession,
    ...changes,
  } as OpenCluster;
}

const on = (host: string, component = 'nats', index = 0) =>
  instanceState({ address: `${component}@${host}`, component, host, index, checks: [] });
const OPTIONS = { parallelism: 8, clock: () => 1_000_000 };

afterEach(() => void vi.useRealTimers());

describe('a look at the cluster', () => {
  it('asks each host once, however many instances it has', async () => {
    const sessions = {
      '10.0.0.10': fakeSession({ host: '10.0.0.10', observe: healthy }),
      '10.0.0.9': fakeSession({ host: '10.0.0.9', observe: healthy }),
    };
    const instances = [on('10.0.0.10', 'web', 1), on('10.0.0.10'), on('10.0.0.9', 'web')];
    const report = await lookAtCluster(clusterOf(sessions), instances, OPTIONS);
    expect(Object.values(sessions).map(({ probes }) => probes)).toEqual([1, 1]);
    expect(report.instances.map(({ address, condition }) => `${address} ${condition}`)).toEqual([
      'nats@10.0.0.10 running',
      'web@10.0.0.9 running',
      'web@10.0.0.10 running',
    ]);
    expect(report.hosts.map(({ address }) => address)).toEqual(['10.0.0.9', '10.0.0.10']);
    expect(report.hosts[0]).toMatchObject({
      cpuPercent: 20,
      memoryUsedPercent: 25,
      diskUsedPercent: 20,
      problem: null,
    });
  });

  it('goes on without hosts that are down, unknown, or lack a setting', async () => {
    const down = fakeSession({ host: '10.0.0.2' });
    const session: HostSession = {
      ...down,
      connection: () =>
        Promise.reject(new HostError('10.0.0.2', 'refused', '10.0.0.2 refuses', 'Start sshd.')),
    };
    const cluster = clusterOf(
      {
        '10.0.0.1': fakeSession({ host: '10.0.0.1', observe: healthy }),
        '10.0.0.2': session,
        '10.0.0.3': down,
      },
      {
        problems: [
          {
            host: '10.0.0.3',
            diagnostic: {
              severity: 'error',
              summary: 'No value for variable "pw"',
              detail: 'Give it.',
              host: null,
              range: null,
            },
          } as never,
        ],
      },
    );
    const instances = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((host) => on(host));
    const report = await lookAtCluster(cluster, instances, OPTIONS);
    expect(report.instances.map(({ detail }) => detail)).toEqual([
      null,
      '10.0.0.2 refuses. Start sshd.',
      'No value for variable "pw". Give it.',
      'the state does not know how to reach this host',
    ]);
  });

  it('does not wait for a host that let us in and says nothing', async () => {
    vi.useFakeTimers();
    const mute: HostSession = {
      ...fakeSession({ host: '10.0.0.1' }),
      probe: () => new Promise(() => undefined),
    };
    const looking = lookAtCluster(clusterOf({ '10.0.0.1': mute }), [on('10.0.0.1')], OPTIONS);
    await vi.advanceTimersByTimeAsync(15_001);
    const { instances } = await looking;
    expect(instances[0]).toMatchObject({ condition: 'unreachable' });
    expect(instances[0]?.detail).toContain('did not answer any more (waited 15 s)');
  });

  it('masks secrets in what checks print, and looks at none of what is meant to be down', async () => {
    let commands = 0;
    const connection = {
      ...(await fakeSession({ host: '10.0.0.1' }).connection()),
      exec: async () => {
        commands += 1;
        return {
          code: 1,
          stdout: Buffer.from('login with hunter2-hunter2 failed\n'),
          stderr: Buffer.alloc(0),
        };
      },
    };
    const session = fakeSession({ host: '10.0.0.1', observe: healthy, connection });
    const check = {
      name: 'login',
      target: { type: 'command', command: 'login' },
      intervalMs: 1,
      timeoutMs: 1000,
    } as const;
    const cluster = clusterOf({ '10.0.0.1': session }, { secrets: ['hunter2-hunter2'] });
    const instances = [
      { ...on('10.0.0.1'), checks: [check] },
      { ...on('10.0.0.1', 'web'), checks: [check], stopped: true as const },
    ];
    const report = await lookAtCluster(cluster, instances, OPTIONS);
    expect(report.instances[0]?.detail).toBe('check login: login with (sensitive) failed (exit code 1)');
    expect(JSON.stringify(report)).not.toContain('hunter2');
    expect(commands).toBe(1);
  });

  it('remembers since when a host does not answer', async () => {
    let isDown = false;
    const up = fakeSession({ host: '10.0.0.1', observe: healthy });
    const session: HostSession = {
      ...up,
      connection: () =>
        isDown ? Promise.reject(new HostError('10.0.0.1', 'timeout', 'no answer')) : up.connection(),
    };
    const cluster = clusterOf({ '10.0.0.1': session });
    const look = (time: number, previous: Awaited<ReturnType<typeof lookAtCluster>> | null) =>
      lookAtCluster(cluster, [on('10.0.0.1')], { parallelism: 1, clock: () => time, previous });
    const first = await look(1_000_000, null);
    isDown = true;
    const second = await look(1_002_000, first);
    const third = await look(1_004_000, second);
    expect([first, second, third].map((report) => report.instances[0]?.sinceMs)).toEqual([
      5_000, 1_002_000, 1_002_000,
    ]);
  });
});
