import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { runPower } from '../../src/apply/power.ts';
import { HostError, type Connection } from '../../src/host/connection.ts';
import type { ScriptOutcome } from '../../src/host/script.ts';
import type { HostSession, SessionScript } from '../../src/host/session.ts';
import { planPower } from '../../src/plan/power-plan.ts';
import type { PowerAction } from '../../src/resources/service-power.ts';
import { decodeInstance } from '../../src/state/codec.ts';
import type { ComponentState, InstanceState } from '../../src/state/model.ts';
import type { JournalEntry } from '../../src/state/store.ts';
import { sampleComponent, sampleInstance } from '../state/sample-state.ts';
import { FAILED } from './scripted-run.ts';

const RULES = { canaries: 0, maxInFlight: { unit: 'instances', amount: 1 }, watchSeconds: 0 } as const;

interface World {
  /** Components with what they need, and the hosts of their instances. */
  readonly components: Readonly<Record<string, { needs?: string[]; hosts: string[] }>>;
  readonly update?: ComponentState['update'];
  readonly stopped?: readonly string[];
  readonly outcomes?: Readonly<Record<string, ScriptOutcome>>;
  /** Hosts that cannot be connected to. */
  readonly away?: Readonly<Record<string, HostError['kind']>>;
  readonly parallelism?: number;
  readonly stopping?: AbortController;
  readonly onStart?: (instance: string) => void;
}

/** Operates all of a cluster on hosts that answer in memory. */
async function run(action: PowerAction, world: World) {
  const order: string[] = [];
  const scripts = new Map<string, SessionScript>();
  const events: RunEvent[] = [];
  const journal: JournalEntry[] = [];
  const components = new Map<string, ComponentState>();
  const instances = new Map<string, InstanceState>();
  for (const [name, { needs = [], hosts }] of Object.entries(world.components)) {
    components.set(name, { ...sampleComponent, dependsOn: needs, update: world.update ?? RULES });
    for (const host of hosts) {
      const attributes = { name, driver: 'unit', enabled: true, drain: null, stop_timeout: 10, dir: '/opt' };
      const resource = {
        kind: 'service',
        address: `service.${name}`,
        key: `unit ${name}`,
        attributes,
      } as const;
      const address = `${name}@${host}`;
      const isStopped = world.stopped?.includes(address) === true ? { stopped: true as const } : {};
      instances.set(address, sampleInstance(name, host, { resources: [resource], checks: [], ...isStopped }));
    }
  }
  let running = 0;
  let most = 0;
  const session = (host: string): HostSession => ({
    host,
    connection() {
      const kind = world.away?.[host];
      return kind === undefined
        ? Promise.resolve({} as Connection)
        : Promise.reject(new HostError(host, kind, `${host} is away`));
    },
    probe: () => Promise.reject(new Error('not probed')),
    adopt: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    async run(script) {
      const { instance } = script;
      scripts.set(instance, script);
      order.push(`start ${instance}`);
      world.onStart?.(instance);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      order.push(`end ${instance}`);
      return world.outcomes?.[instance] ?? { outcome: 'succeeded' };
    },
  });
  const plan = planPower({ components, instances }, action, [...instances.values()]);
  let time = 0;
  const result = await runPower(plan, {
    run: 'run-2',
    sessionOf: session,
    journal: { append: (entry) => Promise.resolve(void journal.push(entry)), close: () => Promise.resolve() },
    emit: (event) => void events.push(event),
    clock: () => time++,
    stopping: (world.stopping ?? new AbortController()).signal,
    abort: new AbortController().signal,
    parallelism: world.parallelism ?? 64,
    logPathOf: (instance) => `${instance}.log`,
  });
  const skipped = events.flatMap((e) =>
    e.type === 'instance-skipped' ? [`${e.instance}: ${e.because}`] : [],
  );
  const failed = events.flatMap((e) => (e.type === 'instance-failed' ? [e.instance] : []));
  return { ...result, order, scripts, events, journal, skipped, failed, most };
}

const THREE = {
  a: { hosts: ['1'] },
  b: { needs: ['a'], hosts: ['2', '3'] },
  c: { needs: ['b'], hosts: ['4'] },
};

describe('a start', () => {
  test('does dependencies first, and all instances of a component at once', async () => {
    const { order, outcome, counts } = await run('start', { components: THREE });
    expect(order).toEqual([
      'start a@1',
      'end a@1',
      'start b@2',
      'start b@3',
      'end b@2',
      'end b@3',
      'start c@4',
      'end c@4',
    ]);
    expect({ outcome, counts }).toEqual({
      outcome: 'succeeded',
      counts: { succeeded: 4, failed: 0, skipped: 0 },
    });
  });

  test('that fails skips what needs it', async () => {
    const { failed, skipped, outcome } = await run('start', {
      components: THREE,
      outcomes: { 'b@2': FAILED },
    });
    expect(failed).toEqual(['b@2']);
    expect(skipped).toEqual(['c@4: it needs b, which did not succeed']);
    expect(outcome).toBe('failed');
  });

  test('is what the state and the host say from then on, also when it fails', async () => {
    const world = { components: { a: { hosts: ['1'] } }, stopped: ['a@1'], outcomes: { 'a@1': FAILED } };
    const { journal, scripts } = await run('start', world);
    expect(journal.map((entry) => entry.type)).toEqual(['intent', 'outcome']);
    for (const entry of journal)
      expect(entry).toMatchObject({ instance: { address: 'a@1', run: 'run-2', status: 'installed' } });
    expect(journal.every((entry) => !('instance' in entry) || !('stopped' in entry.instance))).toBe(true);
    expect(scripts.get('a@1')?.steps.map((step) => step.id)).toEqual(['record', 'service.a']);
  });
});

describe('a stop', () => {
  test('does dependants first, and notes what is stopped', async () => {
    const { order, journal, scripts } = await run('stop', { components: THREE });
    expect(order.filter((line) => line.startsWith('start'))).toEqual([
      'start c@4',
      'start b@2',
      'start b@3',
      'start a@1',
    ]);
    expect(journal.every((entry) => 'instance' in entry && entry.instance.stopped === true)).toBe(true);
    const [record] = scripts.get('a@1')?.steps ?? [];
    const json = /^record_instance a@1 '(.*)'$/.exec(record?.body ?? '')?.[1] ?? '';
    expect(decodeInstance(json)).toMatchObject({ address: 'a@1', stopped: true });
  });

  test('leaves running what something needs that could not be stopped', async () => {
    const { skipped, outcome } = await run('stop', { components: THREE, outcomes: { 'c@4': FAILED } });
    expect(skipped).toEqual([
      'b@2: c may need it and was not stopped',
      'b@3: c may need it and was not stopped',
      'a@1: c, b may need it and were not stopped',
    ]);
    expect(outcome).toBe('failed');
  });

  test('is not held up by a machine that is off; of that one the state still says what it said', async () => {
    const { failed, counts, journal, events } = await run('stop', {
      components: THREE,
      away: { '4': 'timeout' },
    });
    expect(failed).toEqual(['c@4']);
    expect(counts).toEqual({ succeeded: 3, failed: 1, skipped: 0 });
    expect(journal.some((entry) => 'instance' in entry && entry.instance.address === 'c@4')).toBe(false);
    expect(events.find((event) => event.type === 'instance-failed')).toMatchObject({
      failure: { message: '4 is away', resource: null },
    });
  });

  test('is held up where we are not let in: what runs there may need the rest', async () => {
    const { counts } = await run('stop', { components: THREE, away: { '4': 'authentication' } });
    expect(counts).toEqual({ succeeded: 0, failed: 1, skipped: 3 });
  });
});

describe('a restart', () => {
  const SIX = { a: { hosts: ['1', '2', '3', '4', '5', '6'] } };
  const update = { canaries: 1, maxInFlight: { unit: 'instances', amount: 2 }, watchSeconds: 0 } as const;

  test('goes in batches: canaries, then so many as may be in flight', async () => {
    const { order, most } = await run('restart', { components: SIX, update });
    expect(most).toBe(2);
    expect(order.slice(0, 4)).toEqual(['start a@1', 'end a@1', 'start a@2', 'start a@3']);
  });

  test('that fails in a batch stops the later ones', async () => {
    const { skipped, counts } = await run('restart', {
      components: SIX,
      update,
      outcomes: { 'a@3': FAILED },
    });
    expect(counts).toEqual({ succeeded: 2, failed: 1, skipped: 3 });
    expect(skipped[0]).toBe('a@4: an earlier batch of its component failed');
  });

  test('leaves what is stopped as it is', async () => {
    const { scripts } = await run('restart', { components: SIX, update, stopped: ['a@2'] });
    expect([...scripts.keys()]).toEqual(['a@1', 'a@3', 'a@4', 'a@5', 'a@6']);
  });
});

test('the first Ctrl-C lets what runs come to its end and starts nothing new', async () => {
  const stopping = new AbortController();
  const { outcome, counts, journal } = await run('stop', {
    components: THREE,
    stopping,
    onStart: (instance) => instance === 'c@4' && stopping.abort(),
  });
  expect({ outcome, counts }).toEqual({
    outcome: 'interrupted',
    counts: { succeeded: 1, failed: 0, skipped: 3 },
  });
  expect(journal).toHaveLength(2);
});

test('two instances of one host take turns, and so many hosts are worked on as was said', async () => {
  const components = { a: { hosts: ['1', '2', '3', '4'] }, b: { hosts: ['1', '2', '3', '4'] } };
  expect((await run('start', { components, parallelism: 3 })).most).toBe(3);
  expect((await run('start', { components: { a: { hosts: ['1'] }, b: { hosts: ['1'] } } })).most).toBe(1);
});
