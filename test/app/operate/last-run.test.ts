import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lastRunOf } from '../../../src/app/operate/last-run.ts';
import type { InstanceState } from '../../../src/state/model.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'last-run-'));
const runs = path.join(directory, '.slipway', 'runs');
const instance = { component: 'nats', index: 2, run: 'r1' } as InstanceState;

afterEach(() => rmSync(runs, { recursive: true, force: true }));

function keep(files: Readonly<Record<string, string>>): void {
  mkdirSync(path.join(runs, 'r1'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(runs, 'r1', name), text);
}

test('a finished run is told with its outcome and the log of the instance', async () => {
  const summary = {
    run: 'r1',
    operation: 'apply',
    owner: 'ann@ops',
    startedAt: '2026-11-20T12:00:00.000Z',
    finishedAt: '2026-11-20T12:00:04.000Z',
    outcome: 'failed',
    counts: { succeeded: 0, failed: 1, skipped: 0 },
  };
  keep({ 'run.json': JSON.stringify(summary), 'nats_2.log': '' });
  expect(await lastRunOf(instance, runs, directory)).toEqual({
    run: 'r1',
    operation: 'apply',
    owner: 'ann@ops',
    startedAt: Date.UTC(2026, 10, 20, 12),
    finishedAt: Date.UTC(2026, 10, 20, 12, 0, 4),
    outcome: 'failed',
    logPath: path.join('.slipway', 'runs', 'r1', 'nats_2.log'),
  });
});

test('a killed run has no end and no outcome', async () => {
  keep({ 'local.log': '' });
  expect(await lastRunOf(instance, runs, directory)).toMatchObject({
    finishedAt: null,
    outcome: null,
    logPath: null,
  });
});

test('of a run whose logs were deleted nothing is known', async () => {
  expect(await lastRunOf(instance, runs, directory)).toBeNull();
});
