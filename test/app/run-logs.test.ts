import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunLogs, type RunLogs, type RunSummary } from '../../src/app/run-logs.ts';
import { DiagnosticsError } from '../../src/diagnostics/diagnostic.ts';

let directory: string;
let problems: string[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-logs-'));
  problems = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const NATS = 'nats@10.0.0.1';
const SUMMARY: RunSummary = {
  run: 'run-1',
  operation: 'apply',
  owner: 'ann@desk',
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: '2026-01-02T03:04:06.000Z',
  outcome: 'succeeded',
  counts: { succeeded: 1, failed: 0, skipped: 0 },
};

function openLogs(names: readonly (readonly [string, string])[] = [[NATS, 'nats_0']]): Promise<RunLogs> {
  return openRunLogs(path.join(directory, 'run-1'), new Map(names), (problem) => problems.push(problem));
}

function print(logs: RunLogs, line: string, instance = NATS): void {
  logs.onEvent({ time: Date.UTC(2026, 0, 2), type: 'output', instance, resource: 'script.x', line });
}

async function linesOf(name: string): Promise<string[]> {
  return (await readFile(path.join(directory, 'run-1', name), 'utf8')).split('\n').slice(0, -1);
}

describe('the logs of a run', () => {
  it('hold what each instance did and printed, and the course of the run, for their owner alone', async () => {
    const logs = await openLogs();
    logs.onEvent({ time: 0, type: 'instance-started', instance: NATS });
    print(logs, 'hello');
    await logs.finish(SUMMARY);
    expect(await linesOf('nats_0.log')).toEqual([
      '1970-01-01T00:00:00.000Z started',
      '2026-01-02T00:00:00.000Z hello',
    ]);
    expect(await linesOf('local.log')).toEqual([`1970-01-01T00:00:00.000Z ${NATS}: started`]);
    expect((await readdir(path.join(directory, 'run-1'))).sort()).toEqual([
      'local.log',
      'nats_0.log',
      'run.json',
    ]);
    for (const name of ['local.log', 'nats_0.log', 'run.json'])
      expect((await stat(path.join(directory, 'run-1', name))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(directory, 'run-1'))).mode & 0o777).toBe(0o700);
    expect(problems).toEqual([]);
  });

  it('can be followed while the run goes on, and afterwards', async () => {
    const logs = await openLogs();
    print(logs, 'first');
    const viewer = logs.follow(NATS);
    expect((await viewer.next()).value).toMatch(/first$/);
    for (let i = 0; i < 5000; i++) print(logs, `more ${i}`);
    await logs.finish(SUMMARY);
    const rest: string[] = [];
    for await (const line of viewer) rest.push(line.replace(/^\S+ /, ''));
    expect(rest).toEqual(Array.from({ length: 5000 }, (_, i) => `more ${i}`));
  });

  it('do not pile up in memory when a script floods them', async () => {
    const logs = await openLogs();
    const before = process.memoryUsage().rss;
    const line = 'x'.repeat(1000);
    for (let i = 0; i < 100_000; i++) print(logs, line);
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(100);
    await logs.finish(SUMMARY);
    expect((await stat(path.join(directory, 'run-1', 'nats_0.log'))).size).toBe(100_000 * 1026);
  });

  it('of thousands of instances need no open files', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => [`web@${i}`, `web_${i}`] as const);
    const logs = await openLogs(names);
    for (const [instance] of names) print(logs, 'x', instance);
    await logs.finish(SUMMARY);
    expect((await readdir(path.join(directory, 'run-1'))).length).toBe(3001);
  });

  it('keep one line of an event in one line', async () => {
    const logs = await openLogs();
    logs.onEvent({ time: 0, type: 'warning', message: 'one\n1970-01-01T00:00:00.000Z two' });
    await logs.finish(SUMMARY);
    expect(await linesOf('local.log')).toHaveLength(1);
  });
});

describe('logs that cannot be written', () => {
  it('forbid a run when there can be none', async () => {
    await writeFile(path.join(directory, 'run-1'), 'a file');
    const error = await openLogs().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DiagnosticsError);
    expect((error as DiagnosticsError).diagnostics[0]?.detail).toContain('Nothing was changed');
  });

  it('are told once and do not stop the run', async (context) => {
    const disk = path.join(directory, 'run-1');
    await mkdir(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
    if (!mounted) return context.skip('needs root, to mount a file system');
    try {
      const logs = await openLogs();
      for (let i = 0; i < 3000; i++) print(logs, 'x'.repeat(1000));
      const viewer = logs.follow(NATS);
      await logs.finish(SUMMARY);
      let seen = 0;
      for await (const line of viewer) seen += line === '' ? 0 : 1;
      expect(seen).toBeGreaterThanOrEqual(1000);
      expect(
        problems.filter((problem) => problem.includes('logs of this run are not complete')),
      ).toHaveLength(1);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
