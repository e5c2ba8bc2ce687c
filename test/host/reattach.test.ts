import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScriptEvent } from '../../src/host/script.ts';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace, run, until } from './workplace.ts';
import type { Workplace } from './workplace.ts';

describe.each(SHELLS)('a script whose controller is cut off, under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  /** Prints numbered lines, slowly, and notes each of its runs. */
  const counting = (lines: number): string =>
    `echo ran >>${place.notes}/runs; i=0; while [ "$i" -lt ${lines} ]; do echo "line $i"; sleep 0.1; i=$((i + 1)); done`;

  it('runs once, and not a line of it is lost or doubled', async () => {
    const session = place.session();
    const running = run(session, counting(15));
    await until(async () => (await place.noted('runs')) !== '');
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await place.cut();
    }
    const { outcome, lines } = await running;
    expect(outcome).toEqual({ outcome: 'succeeded' });
    expect(lines).toEqual(Array.from({ length: 15 }, (_, i) => `line ${i}`));
    expect(await place.noted('runs')).toBe('ran\n');
    expect(place.connections).toBe(4);
  });

  it('is found when it ended during the outage', async () => {
    const session = place.session();
    const running = run(session, `${counting(3)}; exit 4`);
    await until(async () => (await place.noted('runs')) !== '');
    await place.cut(1500);
    const { outcome, lines } = await running;
    expect(outcome).toMatchObject({ outcome: 'failed', code: 4, lastLines: ['line 0', 'line 1', 'line 2'] });
    expect(lines).toEqual(['line 0', 'line 1', 'line 2']);
  });

  it('is given up when the outage does not end', async () => {
    const session = place.session({ outageMs: 500 });
    const running = run(session, counting(5));
    const failed = expect(running).rejects.toMatchObject({ kind: 'unreachable' });
    await until(async () => (await place.noted('runs')) !== '');
    await place.cut(60_000);
    await failed;
    await place.cut();
    await until(() => finished(place));
  });

  it('vanished when it was killed, with what it had said', async () => {
    const session = place.session();
    const running = run(session, `echo "$$" >${place.notes}/pid; echo before; sleep 60 & wait`);
    await until(async () => (await place.noted('pid')) !== '');
    await until(() => readdirSync(path.join(place.stateDir, 'runs')).length > 0);
    process.kill(Number(await place.noted('pid')), 'SIGKILL');
    const { outcome } = await running;
    expect(outcome).toEqual({ outcome: 'vanished', step: 'script.it', lastLines: ['before'] });
    await until(() => readdirSync(path.join(place.stateDir, 'runs')).length === 0, 'the clean-up');
    expect((await run(session, 'echo again')).outcome).toEqual({ outcome: 'succeeded' });
  });

  it('vanished when its end could not be written, as on a full disk', async () => {
    const { outcome } = await run(place.session(), 'echo before; exec >/dev/null; echo after');
    expect(outcome).toEqual({ outcome: 'vanished', step: 'script.it', lastLines: ['before'] });
    await until(() => readdirSync(path.join(place.stateDir, 'runs')).length === 0, 'the clean-up');
  });

  it('ends in order when it is asked to', async () => {
    const session = place.session();
    const running = run(session, `echo "$$" >${place.notes}/pid; while :; do sleep 0.1; done`);
    await until(async () => (await place.noted('pid')) !== '');
    process.kill(Number(await place.noted('pid')), 'SIGTERM');
    expect((await running).outcome).toMatchObject({ outcome: 'failed', code: 143 });
  });

  it('goes on when the following is cancelled', async () => {
    const abort = new AbortController();
    const session = place.session();
    const running = run(session, `${counting(5)}; echo end >${place.notes}/end`, { signal: abort.signal });
    const cancelled = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    await until(async () => (await place.noted('runs')) !== '');
    abort.abort();
    await cancelled;
    await session.close();
    expect(await place.noted('end')).toBe('');
    await until(async () => (await place.noted('end')) !== '');
    expect(await place.noted('runs')).toBe('ran\n');
  });

  it('is adopted by the next run of its lineage, which sees its whole output', async () => {
    const abort = new AbortController();
    const first = place.session();
    const running = run(first, counting(8), { signal: abort.signal });
    const cancelled = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    await until(async () => (await place.noted('runs')) !== '');
    abort.abort();
    await cancelled;
    await first.close();

    const second = place.session({ run: 'run-2' });
    const observation = await second.probe([]);
    expect(observation.lock.holder).toMatchObject({ run: 'run-1', scriptRunning: true });
    const events: ScriptEvent[] = [];
    expect(await second.adopt(observation, (event) => events.push(event))).toEqual({ outcome: 'succeeded' });
    const lines = events.flatMap((event) => (event.type === 'output' ? [event.line] : []));
    expect(lines).toEqual(Array.from({ length: 8 }, (_, i) => `line ${i}`));
    expect(await second.adopt(await second.probe([]), () => undefined)).toBe(null);
    expect((await run(second, 'echo mine')).lines).toEqual(['mine']);
  });

  it('is awaited by a run of its lineage that did not look before', async () => {
    const abort = new AbortController();
    const first = place.session();
    const running = run(first, `${counting(4)}; echo first >>${place.notes}/order`, { signal: abort.signal });
    const cancelled = expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    await until(async () => (await place.noted('runs')) !== '');
    abort.abort();
    await cancelled;
    const second = place.session({ run: 'run-2' });
    await run(second, `echo second >>${place.notes}/order`);
    expect(await place.noted('order')).toBe('first\nsecond\n');
  });
});

/** No script of the host lives. */
function finished(place: Workplace): boolean {
  const runs = path.join(place.stateDir, 'runs');
  return !existsSync(runs) || readdirSync(runs).every((name) => existsSync(path.join(runs, name, 'exit')));
}

describe('a controller that is killed', () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  it('leaves its script running and no other process; the next one adopts it', async () => {
    const bundle = path.join(place.directory, 'controller.mjs');
    await build({
      entryPoints: [path.join(import.meta.dirname, 'controller.ts')],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
      },
    });
    const body = `echo ran >>${place.notes}/runs; i=0; while [ "$i" -lt 20 ]; do echo "line $i"; sleep 0.1; i=$((i + 1)); done; own 'file /a' x`;
    const controller = spawn(process.execPath, [bundle, place.directory, body], { stdio: 'ignore' });
    await until(async () => (await place.noted('runs')) !== '');
    controller.kill('SIGKILL');
    await until(() => processesNaming(place.directory).length === 1, 'only the script is left');

    const next = place.session({ run: 'run-2' });
    const observation = await next.probe([]);
    expect(observation.lock.holder).toMatchObject({ run: 'run-killed', scriptRunning: true });
    const events: ScriptEvent[] = [];
    expect(await next.adopt(observation, (event) => events.push(event))).toEqual({ outcome: 'succeeded' });
    expect(events.filter(({ type }) => type === 'output')).toHaveLength(20);
    expect((await next.probe([])).record.entries.has('file /a')).toBe(true);
    expect(await place.noted('runs')).toBe('ran\n');
    expect((await readFile(path.join(place.stateDir, 'lock.1'), 'utf8')).startsWith('free\t')).toBe(true);
    await next.close();
    expect(processesNaming(place.directory)).toEqual([]);
  });
});

/** Command lines in which a directory stands. */
function processesNaming(directory: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(directory));
}
