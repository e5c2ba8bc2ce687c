import { describe, expect, it } from 'vitest';
import type { JournalEntry, Store } from '../../src/state/store.ts';
import { StateError } from '../../src/state/store.ts';
import { emptyState } from '../../src/state/fold.ts';
import { sampleComponent, sampleHost, sampleInstance, sampleState } from './sample-state.ts';

const HOLDER = { run: '20260102T030405-0001', operation: 'apply', owner: 'ada@desk' };

/**
 * What every store must do. `makeStore` opens the same new, empty place again each time its result is called, as another process would.
 */
export function storeConformance(name: string, makeStore: () => Promise<() => Store>): void {
  describe(`${name}: state`, () => {
    it('has nothing before the first write', async () => {
      const open = await makeStore();
      expect(await open().read()).toBeNull();
      expect(await open().lockInfo()).toBeNull();
    });

    it('gives back what was written, to another process as well', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      expect(await open().read()).toEqual({ state: sampleState(1), recovered: null });
    });

    it('counts writes: the next serial replaces the state', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      await open().write({ ...sampleState(2), specVersion: '1.5.0' });
      const stored = await open().read();
      expect(stored?.state.serial).toBe(2);
      expect(stored?.state.specVersion).toBe('1.5.0');
    });

    it.each([
      ['the same serial', 1],
      ['an older serial', 0],
      ['a serial that skips one', 3],
    ])('refuses %s', async (_, serial) => {
      const open = await makeStore();
      await open().write(sampleState(1));
      expect(await kindOf(open().write(sampleState(serial)))).toBe('conflict');
      expect((await open().read())?.state.serial).toBe(1);
    });

    it('refuses a first state that does not start at serial 1', async () => {
      const open = await makeStore();
      expect(await kindOf(open().write(sampleState(7)))).toBe('conflict');
    });

    it('refuses the state of another cluster', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      const other = { ...sampleState(2), lineage: '6f1f9d0e-0000-4000-8000-000000000002' };
      expect(await kindOf(open().write(other))).toBe('other-lineage');
    });
  });

  describe(`${name}: journal`, () => {
    const nats = sampleInstance('nats', '10.0.0.1', { status: 'incomplete' });
    const installed = { ...nats, status: 'installed' } as const;

    it('tells the next reader what a killed run did, and what it left in the middle', async () => {
      const open = await makeStore();
      await open().write({ ...emptyState(sampleState().lineage), serial: 1 });
      const journal = await open().journal('run-1', sampleState().lineage);
      await journal.append({ type: 'host', address: '10.0.0.1', host: sampleHost() });
      await journal.append({ type: 'component', name: 'nats', component: sampleComponent });
      await journal.append({ type: 'intent', change: 'install', instance: nats });
      await journal.append({ type: 'outcome', instance: installed });
      const api = sampleInstance('api', '10.0.0.1', { status: 'incomplete' });
      await journal.append({ type: 'intent', change: 'install', instance: api });

      const stored = await open().read();
      expect(stored?.recovered).toEqual({ run: 'run-1', unfinished: ['api@10.0.0.1'] });
      expect(stored?.state.serial).toBe(1);
      expect(stored?.state.instances.get('nats@10.0.0.1')).toEqual(installed);
      expect(stored?.state.instances.get('api@10.0.0.1')).toEqual(api);
      expect([...(stored?.state.hosts.keys() ?? [])]).toEqual(['10.0.0.1']);
      await journal.close();
    });

    it('is kept before there is a state at all', async () => {
      const open = await makeStore();
      const journal = await open().journal('run-1', sampleState().lineage);
      await journal.append({ type: 'intent', change: 'install', instance: nats });
      await journal.close();
      const stored = await open().read();
      expect(stored?.state.lineage).toBe(sampleState().lineage);
      expect(stored?.recovered?.unfinished).toEqual(['nats@10.0.0.1']);
      await open().write({ ...stored!.state, serial: 1 });
      expect((await open().read())?.recovered).toBeNull();
    });

    it('folds every kind of entry', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      const journal = await open().journal('run-1', sampleState().lineage);
      const bus = sampleInstance('bus', '10.0.0.1');
      const entries: readonly JournalEntry[] = [
        { type: 'renamed', from: 'nats@10.0.0.1', instance: bus },
        { type: 'removed', address: 'api@10.0.0.2' },
        { type: 'component', name: 'api', component: null },
        { type: 'host', address: '10.0.0.2', host: null },
        { type: 'outputs', outputs: new Map([['bus', { sensitive: true }]]) },
      ];
      await Promise.all(entries.map((entry) => journal.append(entry)));
      await journal.close();
      const state = (await open().read())?.state;
      expect([...(state?.instances.keys() ?? [])].sort()).toEqual(['bus@10.0.0.1', 'nats@10.0.0.2']);
      expect([...(state?.components.keys() ?? [])]).toEqual(['nats']);
      expect([...(state?.hosts.keys() ?? [])]).toEqual(['10.0.0.1']);
      expect(state?.outputs).toEqual(new Map([['bus', { sensitive: true }]]));
    });

    it('keeps the order of entries that are appended at once', async () => {
      const open = await makeStore();
      await open().write({ ...emptyState(sampleState().lineage), serial: 1 });
      const journal = await open().journal('run-1', sampleState().lineage);
      const addresses = Array.from({ length: 500 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
      await Promise.all(
        addresses.map((host) => journal.append({ type: 'outcome', instance: sampleInstance('nats', host) })),
      );
      await journal.close();
      const hosts = [...((await open().read())?.state.instances.values() ?? [])].map((i) => i.host);
      expect(hosts).toEqual(addresses);
    });

    it('ends with the write that folds it in, and the next run has one of its own', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      const journal = await open().journal('run-1', sampleState().lineage);
      await journal.append({ type: 'removed', address: 'api@10.0.0.2' });
      await journal.close();
      const folded = await open().read();
      await open().write({ ...folded!.state, serial: 2 });
      expect((await open().read())?.recovered).toBeNull();
      const next = await open().journal('run-2', sampleState().lineage);
      await next.close();
      expect((await open().read())?.state.instances.has('api@10.0.0.2')).toBe(false);
    });

    it('is refused beside one that is not folded in', async () => {
      const open = await makeStore();
      await open().write(sampleState(1));
      const journal = await open().journal('run-1', sampleState().lineage);
      await journal.append({ type: 'removed', address: 'api@10.0.0.2' });
      expect(await kindOf(open().journal('run-2', sampleState().lineage))).toBe('conflict');
      await journal.close();
    });

    it("of a run that was killed before its first entry stands in nobody's way", async () => {
      const open = await makeStore();
      await (await open().journal('run-1', sampleState().lineage)).close();
      await (await open().journal('run-2', sampleState().lineage)).close();
      await open().write(sampleState(1));
      await (await open().journal('run-3', sampleState().lineage)).close();
      await (await open().journal('run-4', sampleState().lineage)).close();
      expect((await open().read())?.recovered).toBeNull();
    });
  });

  describe(`${name}: lock`, () => {
    it('is held by one at a time, and says by whom', async () => {
      const open = await makeStore();
      const lock = await open().lock(HOLDER, { timeoutMs: 0 });
      expect(await open().lockInfo()).toMatchObject({ ...HOLDER, pid: process.pid, id: lock.info.id });
      const error = await errorOf(open().lock({ ...HOLDER, run: 'another' }, { timeoutMs: 0 }));
      expect(error).toMatchObject({ kind: 'locked' });
      expect(error.message).toContain('ada@desk');
      expect(error.remedy).toContain(`slipway force-unlock ${lock.info.id}`);
      await lock.release();
      expect(await open().lockInfo()).toBeNull();
      await (await open().lock(HOLDER, { timeoutMs: 0 })).release();
    });

    it('is waited for, and the one who waits is told once for whom', async () => {
      const open = await makeStore();
      const first = await open().lock(HOLDER, { timeoutMs: 0 });
      const told: string[] = [];
      const waiting = open().lock(
        { ...HOLDER, run: 'second' },
        { timeoutMs: 10_000, onWait: (held) => told.push(held.run) },
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      await first.release();
      const second = await waiting;
      expect(second.info.run).toBe('second');
      expect(told).toEqual([HOLDER.run]);
      await second.release();
    });

    it('is given up after the timeout, and at once when aborted', async () => {
      const open = await makeStore();
      const lock = await open().lock(HOLDER, { timeoutMs: 0 });
      expect(await kindOf(open().lock(HOLDER, { timeoutMs: 50 }))).toBe('locked');
      const abort = new AbortController();
      const waiting = open().lock(HOLDER, { timeoutMs: 60_000, signal: abort.signal });
      setTimeout(() => abort.abort(), 50);
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
      await lock.release();
    });

    it('goes to exactly one of many who want it at once', async () => {
      const open = await makeStore();
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => open().lock({ ...HOLDER, run: `run-${i}` }, { timeoutMs: 0 })),
      );
      const won = attempts.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
      expect(won).toHaveLength(1);
      const lost = attempts.flatMap((a) => (a.status === 'rejected' ? [(a.reason as StateError).kind] : []));
      expect(new Set(lost)).toEqual(new Set(['locked']));
      await won[0]?.release();
    });

    it('is broken by its id only', async () => {
      const open = await makeStore();
      const lock = await open().lock(HOLDER, { timeoutMs: 0 });
      const error = await errorOf(open().forceUnlock('wrong'));
      expect(error.kind).toBe('locked');
      expect(error.message).toContain(lock.info.id);
      await open().forceUnlock(lock.info.id);
      expect(await open().lockInfo()).toBeNull();
      expect(await kindOf(open().forceUnlock(lock.info.id))).toBe('locked');
    });

    it('that was broken is not taken from its next holder by a late release', async () => {
      const open = await makeStore();
      const first = await open().lock(HOLDER, { timeoutMs: 0 });
      await open().forceUnlock(first.info.id);
      const second = await open().lock({ ...HOLDER, run: 'second' }, { timeoutMs: 0 });
      await first.release();
      expect(await open().lockInfo()).toMatchObject({ run: 'second' });
      await second.release();
    });
  });
}

/** The `StateError` that a call rejects with. */
export async function errorOf(call: Promise<unknown>): Promise<StateError> {
  const error: unknown = await call.then(
    () => new Error('it did not reject'),
    (reason: unknown) => reason,
  );
  if (error instanceof StateError) return error;
  throw error;
}

async function kindOf(call: Promise<unknown>): Promise<string> {
  return (await errorOf(call)).kind;
}
