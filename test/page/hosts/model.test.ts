import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterReport, Hosts } from '../../../src/page/api/types.ts';
import { filterHosts, fitText, hostRows, shortages, sortHosts } from '../../../src/page/views/hosts/model.ts';

const usage = (cpuPercent: number | null, problem: string | null = null) => ({
  problem,
  cores: 2,
  cpuPercent,
  memoryBytes: 1024,
  memoryUsedPercent: 50,
  diskUsedPercent: 10,
  uptimeSeconds: 60,
});
const cluster = {
  components: [
    { name: 'nats', dependsOn: [], instances: ['nats@10.0.0.2', 'nats@10.0.0.10'], preventDestroy: false },
    { name: 'web', dependsOn: [], instances: ['web@10.0.0.2'], preventDestroy: false },
  ],
  hosts: ['10.0.0.2', '10.0.0.10', '10.0.0.11'],
} as unknown as Cluster;
const fits = [
  { what: 'memory', components: ['nats'], needs: '3 GiB', has: '2 GiB', short: '1 GiB' },
  { what: 'cpu', components: ['nats'], needs: '1 core', has: '2 cores', short: null },
  { what: 'os', components: ['web'], needs: 'debian', has: 'Alpine Linux', short: '' },
] as const;
const hosts = {
  time: 1,
  hosts: [
    {
      address: '10.0.0.2',
      name: 'core',
      instances: [],
      usage: usage(1),
      hardware: { problem: null, machine: { os: { name: 'Debian 12' }, cores: 2 }, fits },
    },
  ],
} as unknown as Hosts;
const report = {
  instances: [{ address: 'web@10.0.0.2', condition: 'failed' }],
  hosts: [
    { address: '10.0.0.2', name: 'core', ...usage(70) },
    { address: '10.0.0.10', name: null, ...usage(90) },
    { address: '10.0.0.11', name: null, ...usage(null, 'refused') },
  ],
} as unknown as ClusterReport;

describe('the list of hosts', () => {
  const rows = hostRows(cluster, report, hosts);

  it('knows all hosts before anybody looked', () => {
    const early = hostRows(cluster, null, null);
    expect(early.map(({ address }) => address)).toEqual(cluster.hosts);
    expect(early[0]).toMatchObject({ problem: null, cpuPercent: null, machine: null });
  });

  it('takes usage from the newest look, and hardware from its own', () => {
    expect(rows[0]).toMatchObject({ name: 'core', cpuPercent: 70, machine: { os: { name: 'Debian 12' } } });
    expect(rows[2]?.problem).toBe('refused');
  });

  it('says what is on a host and how that is', () => {
    expect(rows[0]?.instances).toEqual([
      { address: 'nats@10.0.0.2', component: 'nats', condition: 'unknown' },
      { address: 'web@10.0.0.2', component: 'web', condition: 'failed' },
    ]);
  });

  it.each([
    [{ by: 'cpu', isDown: true }, ['10.0.0.10', '10.0.0.2', '10.0.0.11']],
    [{ by: 'cpu', isDown: false }, ['10.0.0.2', '10.0.0.10', '10.0.0.11']],
    [{ by: 'host', isDown: false }, ['10.0.0.10', '10.0.0.11', '10.0.0.2']],
    [{ by: 'instances', isDown: true }, ['10.0.0.2', '10.0.0.10', '10.0.0.11']],
  ])('sorts by %j; what is not known comes last', (order, expected) => {
    expect(sortHosts(rows, order).map(({ address }) => address)).toEqual(expected);
  });

  it.each([
    ['nats', ['10.0.0.2', '10.0.0.10']],
    ['debian web', ['10.0.0.2']],
    ['core', ['10.0.0.2']],
    ['nothing', []],
  ])('filters by %j', (text, expected) => {
    expect(filterHosts(rows, text).map(({ address }) => address)).toEqual(expected);
  });

  it('names what a host is too small for', () => {
    expect(shortages(fits).map(fitText)).toEqual([
      'Memory: 3 GiB needed, 2 GiB there, 1 GiB short',
      'System: debian needed, it is Alpine Linux',
    ]);
  });
});
