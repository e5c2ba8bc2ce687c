import { describe, expect, it } from 'vitest';
import type { Cluster, ClusterReport, Condition, Instance } from '../../../src/page/api/types.ts';
import { totalsOf } from '../../../src/page/cluster/totals.ts';
import {
  conditionText,
  dependentsOf,
  filterSpots,
  groupsOf,
  hostNamesOf,
  matrixOf,
  spotsOf,
  stepInGrid,
} from '../../../src/page/views/map/model.ts';
import { consequencesOf, questionOf } from '../../../src/page/views/map/power.ts';

const component = (name: string, hosts: readonly number[], dependsOn: readonly string[] = []) => ({
  name,
  dependsOn,
  instances: hosts.map((host) => `${name}@10.0.0.${host}`),
  preventDestroy: false,
});
const cluster = {
  components: [
    component('nats', [1, 2, 10]),
    component('backend', [2, 3], ['nats']),
    component('balancer', [10], ['backend']),
  ],
} as unknown as Cluster;

const instance = (address: string, condition: Condition, stoppedByUser = false): Instance =>
  ({ address, condition, stoppedByUser }) as Instance;
const report = {
  instances: [
    instance('nats@10.0.0.1', 'running'),
    instance('nats@10.0.0.2', 'failed'),
    instance('nats@10.0.0.10', 'stopped'),
    instance('backend@10.0.0.2', 'running'),
    instance('balancer@10.0.0.10', 'running'),
  ],
  hosts: [
    { address: '10.0.0.1', name: null },
    { address: '10.0.0.10', name: 'edge' },
  ],
} as unknown as ClusterReport;

const spots = spotsOf(cluster, report);
const names = hostNamesOf(report);
const order = cluster.components.map(({ name }) => name);
const addresses = (found: readonly ({ readonly address: string } | null)[]) =>
  found.map((spot) => spot?.address ?? null);

describe('the map', () => {
  it('shows instances that nobody has looked at yet', () => {
    expect(spots.find(({ address }) => address === 'backend@10.0.0.3')?.condition).toBe('unknown');
    expect(spotsOf(cluster, null).every(({ condition }) => condition === 'unknown')).toBe(true);
  });

  it('has hosts in the order of their numbers, and components in that of the cluster', () => {
    const { components, rows } = matrixOf(spots, order, names);
    expect(components).toEqual(['nats', 'backend', 'balancer']);
    expect(rows.map(({ host, name }) => name ?? host)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'edge']);
    expect(addresses(rows[1]?.spots ?? [])).toEqual(['nats@10.0.0.2', 'backend@10.0.0.2', null]);
  });

  it('leaves out the columns of what a filter leaves out', () => {
    const shown = filterSpots(spots, { text: 'nats 10.0.0', condition: null }, names);
    expect(matrixOf(shown, order, names).components).toEqual(['nats']);
  });

  it.each([
    ['edge', null, ['nats@10.0.0.10', 'balancer@10.0.0.10']],
    ['', 'failed', ['nats@10.0.0.2']],
    ['BACK', 'running', ['backend@10.0.0.2']],
    ['backend edge', null, []],
  ])('filters by %j and %j', (text, condition, expected) => {
    expect(addresses(filterSpots(spots, { text, condition }, names))).toEqual(expected);
  });

  it('groups by component, the worst first', () => {
    const [nats, backend] = groupsOf(spots, order);
    expect(addresses(nats?.spots ?? [])).toEqual(['nats@10.0.0.2', 'nats@10.0.0.10', 'nats@10.0.0.1']);
    expect(nats?.totals).toEqual([
      { condition: 'failed', count: 1 },
      { condition: 'stopped', count: 1 },
      { condition: 'running', count: 1 },
    ]);
    expect(addresses(backend?.spots ?? [])).toEqual(['backend@10.0.0.3', 'backend@10.0.0.2']);
  });

  it.each([
    ['ArrowDown', [2, 0]],
    ['ArrowUp', [-1, 0]],
    ['ArrowLeft', [0, -1]],
    ['ArrowRight', [0, 2]],
    ['Home', [0, 0]],
    ['End', [2, 0]],
    ['Enter', null],
  ] as const)('%s leads over what is empty', (key, to) => {
    const places = [
      [-1, 0],
      [-1, 2],
      [0, -1],
      [0, 0],
      [0, 2],
      [2, -1],
      [2, 0],
    ] as const;
    expect(stepInGrid(places, [0, 0], key)).toEqual(to);
    expect(stepInGrid([[0, 0]], [0, 0], 'ArrowDown')).toBeNull();
  });

  it('says whether a stop was wanted', () => {
    const stopped = spots.find(({ condition }) => condition === 'stopped');
    expect(stopped === undefined ? '' : conditionText(stopped)).toBe('stopped by itself');
  });

  it('counts the worst first', () => {
    expect(totalsOf(report)).toEqual([
      { condition: 'failed', count: 1 },
      { condition: 'stopped', count: 1 },
      { condition: 'running', count: 3 },
    ]);
  });
});

describe('stopping and restarting', () => {
  it('names what depends on it, through others too', () => {
    expect(dependentsOf('nats', cluster)).toEqual(['backend', 'balancer']);
    expect(dependentsOf('balancer', cluster)).toEqual([]);
  });

  it('asks for one instance, or for all of a component', () => {
    const one = { does: 'restart', component: 'nats', instance: 'nats@10.0.0.1' } as const;
    expect(questionOf(one, cluster)).toBe('Restart nats@10.0.0.1?');
    expect(questionOf({ ...one, instance: null }, cluster)).toBe('Restart all 3 instances of nats?');
    expect(questionOf({ does: 'stop', component: 'balancer', instance: null }, cluster)).toBe(
      'Stop 1 instance of balancer?',
    );
  });

  it('says what happens', () => {
    expect(consequencesOf({ does: 'stop', component: 'nats', instance: 'nats@10.0.0.1' }, cluster)).toEqual([
      'Its services are stopped. It stays stopped until started here or by `slipway start`; an apply does not change that.',
      'backend and balancer depend on nats, and may notice.',
    ]);
    expect(consequencesOf({ does: 'start', component: 'nats', instance: null }, cluster)).toEqual([
      'Their services are started, and their checks awaited.',
    ]);
  });
});
