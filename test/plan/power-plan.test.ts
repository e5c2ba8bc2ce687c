import { describe, expect, test } from 'vitest';
import { planPower, type PowerPlan } from '../../src/plan/power-plan.ts';
import type { ComponentState, InstanceState, ResourceState } from '../../src/state/model.ts';
import { sampleComponent, sampleInstance } from '../state/sample-state.ts';

const service = (name: string): ResourceState => ({
  kind: 'service',
  address: `service.${name}`,
  key: `unit ${name}`,
  attributes: { name, driver: 'unit', enabled: true, drain: null, stop_timeout: 10, dir: `/opt/${name}` },
});

function instance(component: string, host: string, more: Partial<InstanceState> = {}): InstanceState {
  return sampleInstance(component, host, { resources: [service(component)], ...more });
}

/** Components with what they need; every one on host `h`, unless instances are given. */
function cluster(
  needs: Readonly<Record<string, readonly string[]>>,
  instances = Object.keys(needs).map((name) => instance(name, 'h')),
) {
  const components = new Map<string, ComponentState>(
    Object.entries(needs).map(([name, dependsOn]) => [name, { ...sampleComponent, dependsOn }]),
  );
  return { components, instances: new Map(instances.map((i) => [i.address, i])) };
}

function stages({ components }: PowerPlan): string[] {
  return components.map(({ name, stage, after }) => `${stage} ${name}${after.map((a) => ` <${a}`).join('')}`);
}

const CHAIN = { api: ['db', 'cache'], db: [], cache: [], web: ['api'] };

describe('the order of a start, stop or restart', () => {
  test.each(['start', 'restart'] as const)('%s goes from dependencies to dependants', (action) => {
    const state = cluster(CHAIN);
    expect(stages(planPower(state, action, [...state.instances.values()]))).toEqual([
      '0 db',
      '0 cache',
      '1 api <db <cache',
      '2 web <db <cache <api',
    ]);
  });

  test('stop goes from dependants to dependencies', () => {
    const state = cluster(CHAIN);
    expect(stages(planPower(state, 'stop', [...state.instances.values()]))).toEqual([
      '0 web',
      '1 api <web',
      '2 cache <web <api',
      '2 db <web <api',
    ]);
  });

  test('holds over what is not selected in between', () => {
    const state = cluster(CHAIN);
    const selected = [state.instances.get('web@h')!, state.instances.get('db@h')!];
    expect(stages(planPower(state, 'start', selected))).toEqual(['0 db', '1 web <db']);
    expect(stages(planPower(state, 'stop', selected))).toEqual(['0 web', '1 db <web']);
  });

  test('is one all the same where a state holds a circle', () => {
    const state = cluster({ a: ['b'], b: ['a'] });
    const { components } = planPower(state, 'start', [...state.instances.values()]);
    expect(components.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(components[0]?.after).toEqual([]);
  });

  test('of services within an instance is that of its definition, and turns round for a stop', () => {
    const both = instance('a', 'h', { resources: [service('one'), service('two')] });
    const state = cluster({ a: [] }, [both]);
    const names = (action: 'start' | 'stop' | 'restart') =>
      planPower(state, action, [both]).components[0]?.work[0]?.services.map(({ resource }) => resource);
    expect(names('start')).toEqual(['service.one', 'service.two']);
    expect(names('restart')).toEqual(['service.one', 'service.two']);
    expect(names('stop')).toEqual(['service.two', 'service.one']);
  });
});

describe('what is left alone', () => {
  test.each([
    ['start', instance('a', 'h', { resources: [] }), 'it has no service'],
    ['stop', instance('a', 'h', { resources: [] }), 'it has no service'],
    ['restart', instance('a', 'h', { stopped: true }), 'it is stopped; `slipway start a@h` starts it'],
    ['start', instance('a', 'h', { status: 'removing' }), 'a run that removes it was not finished'],
    ['stop', instance('a', 'h', { status: 'removing' }), null],
    ['stop', instance('a', 'h', { stopped: true }), null],
    ['stop', instance('a', 'h', { status: 'failed' }), null],
    ['start', instance('a', 'h', { stopped: true }), null],
    ['restart', instance('a', 'h', { status: 'failed' }), null],
  ] as const)('%s of %o: %s', (action, prior, because) => {
    const { skipped, components } = planPower(cluster({ a: [] }, [prior]), action, [prior]);
    expect(skipped).toEqual(because === null ? [] : [{ instance: 'a@h', because }]);
    expect(components).toHaveLength(because === null ? 1 : 0);
  });
});

test('a share of max_in_flight counts the whole component, not the selection', () => {
  const all = ['1', '2', '3', '4'].map((host) => instance('a', host));
  const state = cluster({ a: [] }, all);
  expect(planPower(state, 'restart', all.slice(0, 1)).components[0]?.size).toBe(4);
});
