import { describe, expect, test } from 'vitest';
import { sketchPlan } from './plan-builder.ts';
import { FAILED, runScripted } from './scripted-run.ts';

/** Every one of `first` ended before any of `then` started. */
function inOrder(order: readonly string[], first: readonly string[], then: readonly string[]): boolean {
  const lastEnd = Math.max(...first.map((name) => order.indexOf(`end ${name}`)));
  const firstStart = Math.min(...then.map((name) => order.indexOf(`start ${name}`)));
  return lastEnd >= 0 && firstStart > lastEnd;
}

describe('the order of a run', () => {
  test('dependencies are placed before what needs them', async () => {
    const plan = sketchPlan(
      { db: {}, api: { needs: ['db'] } },
      { 'api@a': 'install', 'api@b': 'install', 'db@c': 'install' },
    );
    const { order, outcome } = await runScripted(plan);
    expect(inOrder(order, ['db@c'], ['api@a', 'api@b'])).toBe(true);
    expect(outcome).toBe('succeeded');
  });

  test('a balancer forgets a backend before the backend goes', async () => {
    const plan = sketchPlan(
      { backend: {}, balancer: { needs: ['backend'] } },
      { 'backend@c': 'remove', 'balancer@d': 'update' },
    );
    const { order } = await runScripted(plan);
    expect(inOrder(order, ['balancer@d'], ['backend@c'])).toBe(true);
  });

  test('dependants are removed before dependencies', async () => {
    const plan = sketchPlan({ db: {}, api: { needs: ['db'] } }, { 'api@a': 'remove', 'db@c': 'remove' });
    expect(inOrder((await runScripted(plan)).order, ['api@a'], ['db@c'])).toBe(true);
  });

  test('a port is released before another instance takes it, and the gap is named when that breaks the order', async () => {
    const plan = sketchPlan(
      { backend: {}, balancer: { needs: ['backend'] } },
      {
        'backend@a': { action: 'remove', port: 80 },
        'balancer@b': 'update',
        'backend2@a': { action: 'install', port: 80 },
      },
    );
    const withTaker = {
      ...plan,
      components: new Map([
        ...plan.components,
        ['backend2', { ...plan.components.get('backend')!, name: 'backend2' }],
      ]),
    };
    withTaker.components.set('balancer', {
      ...plan.components.get('balancer')!,
      dependsOn: ['backend', 'backend2'],
    });
    const { order, events } = await runScripted(withTaker);
    expect(inOrder(order, ['backend@a'], ['backend2@a'])).toBe(true);
    const warning = events.find((event) => event.type === 'warning');
    expect(warning?.type === 'warning' && warning.message).toContain(
      'backend@a is removed before backend2@a takes its place',
    );
  });

  test('two instances are never worked on at the same time on one host', async () => {
    const plan = sketchPlan(
      { a: {}, b: {}, c: {} },
      { 'a@one': 'install', 'b@one': 'install', 'c@one': 'install' },
    );
    expect((await runScripted(plan)).mostAtOnce()).toBe(1);
  });

  test('no more hosts at once than asked for', async () => {
    const changes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a@h${i}`, 'install' as const]));
    expect((await runScripted(sketchPlan({ a: {} }, changes), { parallelism: 3 })).mostAtOnce()).toBe(3);
  });
});

describe('rolling updates', () => {
  const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`web@h${i}`, 'update' as const]));

  test('a quarter of the instances at a time by default', async () => {
    expect((await runScripted(sketchPlan({ web: {} }, eight))).mostAtOnce()).toBe(2);
  });

  test('canaries go first and alone', async () => {
    const rules = { canaries: 1, maxInFlight: { unit: 'percent', amount: 100 } } as const;
    const { order } = await runScripted(sketchPlan({ web: { update: rules } }, eight));
    expect(order.slice(0, 2)).toEqual(['start web@h0', 'end web@h0']);
    expect(order.slice(2, 9).every((entry) => entry.startsWith('start'))).toBe(true);
  });

  test('a failed batch stops the later ones', async () => {
    const { counts, events, outcome } = await runScripted(sketchPlan({ web: {} }, eight), {
      outcomes: { 'web@h1': [FAILED] },
    });
    expect(outcome).toBe('failed');
    expect(counts).toEqual({ succeeded: 1, failed: 1, skipped: 6 });
    const skipped = events.filter((event) => event.type === 'instance-skipped');
    expect(skipped[0]?.type === 'instance-skipped' && skipped[0].because).toBe(
      'an earlier batch of its component failed',
    );
  });

  test('first installs are not limited', async () => {
    const installs = Object.fromEntries(Object.keys(eight).map((address) => [address, 'install' as const]));
    expect((await runScripted(sketchPlan({ web: {} }, installs))).mostAtOnce()).toBe(8);
  });
});

describe('failures', () => {
  test('dependants are skipped, the rest goes on', async () => {
    const plan = sketchPlan(
      { db: {}, api: { needs: ['db'] }, other: {} },
      { 'db@a': 'install', 'api@b': 'install', 'other@c': 'install' },
    );
    const { counts, events } = await runScripted(plan, { outcomes: { 'db@a': [FAILED] } });
    expect(counts).toEqual({ succeeded: 1, failed: 1, skipped: 1 });
    const failed = events.find((event) => event.type === 'instance-failed');
    expect(failed).toMatchObject({
      instance: 'db@a',
      failure: { resource: 'file.config', message: 'it broke', lastLines: ['no'] },
    });
  });

  test('a backend stays when its balancer could not be told', async () => {
    const plan = sketchPlan(
      { backend: {}, balancer: { needs: ['backend'] } },
      { 'backend@c': 'remove', 'balancer@d': 'update' },
    );
    const { order, counts } = await runScripted(plan, { outcomes: { 'balancer@d': [FAILED] } });
    expect(order).not.toContain('start backend@c');
    expect(counts.skipped).toBe(1);
  });

  test('a script that vanished is started again', async () => {
    const plan = sketchPlan({ a: {} }, { 'a@x': 'install' });
    const vanished = { outcome: 'vanished', step: 'file.config', lastLines: [] } as const;
    const { outcome, scripts } = await runScripted(plan, { outcomes: { 'a@x': [vanished] } });
    expect(outcome).toBe('succeeded');
    expect(scripts).toHaveLength(2);
  });

  test('after a first Ctrl-C nothing new is started', async () => {
    const stopping = new AbortController();
    const plan = sketchPlan({ db: {}, api: { needs: ['db'] } }, { 'db@a': 'install', 'api@b': 'install' });
    const { outcome, counts } = await runScripted(plan, { stopping, onStart: () => stopping.abort() });
    expect(outcome).toBe('interrupted');
    expect(counts).toEqual({ succeeded: 1, failed: 0, skipped: 1 });
  });
});

describe('the journal', () => {
  test('an intent stands before the script, the outcome after it', async () => {
    const { journal } = await runScripted(sketchPlan({ a: {} }, { 'a@x': 'install' }));
    expect(journal.map((entry) => entry.type)).toEqual(['host', 'intent', 'outcome', 'outputs']);
    expect(journal[1]).toMatchObject({ change: 'install', instance: { status: 'incomplete' } });
    expect(journal[2]).toMatchObject({ instance: { status: 'installed' } });
  });

  test('an instance whose removal failed is marked as one that goes', async () => {
    const { journal } = await runScripted(sketchPlan({ a: {} }, { 'a@x': 'remove' }), {
      outcomes: { 'a@x': [FAILED] },
    });
    const marks = journal.filter((entry) => entry.type === 'intent' || entry.type === 'outcome');
    expect(marks).toMatchObject([
      { type: 'intent', change: 'remove', instance: { status: 'removing' } },
      { type: 'outcome', instance: { status: 'removing' } },
    ]);
  });

  test('a failed instance is marked, so that the next apply repairs it', async () => {
    const { journal } = await runScripted(sketchPlan({ a: {} }, { 'a@x': 'install' }), {
      outcomes: { 'a@x': [FAILED] },
    });
    expect(journal.at(-2)).toMatchObject({ type: 'outcome', instance: { status: 'failed' } });
  });
});
