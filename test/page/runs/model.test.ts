import { describe, expect, it } from 'vitest';
import type { KeptRun } from '../../../src/page/api/types.ts';
import { countsText, filteredRuns, runRows } from '../../../src/page/views/runs/model.ts';

const run = (id: string, outcome: KeptRun['outcome'], more: Partial<KeptRun> = {}): KeptRun => ({
  run: id,
  operation: 'apply',
  owner: 'anna@desk',
  startedAt: '2026-11-21T04:15:00.000Z',
  finishedAt: '2026-11-21T04:15:12.500Z',
  outcome,
  counts: { succeeded: 3, failed: 0, skipped: 0 },
  ...more,
});
const START = Date.UTC(2026, 10, 21, 4, 15);

describe('rows of runs', () => {
  it('tell how long they took; one that goes on, until now', () => {
    const rows = runRows(
      [
        run('c', 'running', { finishedAt: null }),
        run('b', 'broken', { finishedAt: null }),
        run('a', 'succeeded'),
      ],
      null,
      START + 4_000,
    );
    expect(rows.map(({ tookMs }) => tookMs)).toEqual([4_000, null, 12_500]);
  });

  it('offer to resume the one that is unfinished, and no older one', () => {
    const runs = [run('c', 'succeeded'), run('b', 'broken'), run('a', 'interrupted')];
    const resumed = (interrupted: string | null, of = runs): readonly string[] =>
      runRows(of, interrupted, START)
        .filter(({ isToResume }) => isToResume)
        .map((row) => row.run);
    expect(resumed(null)).toEqual([]);
    expect(resumed('b')).toEqual(['b']);
    expect(resumed(null, runs.slice(1))).toEqual(['b']);
  });

  it('are filtered by words and outcome', () => {
    const rows = runRows(
      [
        run('c', 'failed', { operation: 'restart' }),
        run('b', 'broken', { operation: null, owner: null }),
        run('a', 'succeeded'),
      ],
      null,
      START,
    );
    const found = (filter: string, ...outcomes: readonly KeptRun['outcome'][]): readonly string[] =>
      filteredRuns(rows, filter, new Set(outcomes)).map((row) => row.run);
    expect(found('')).toEqual(['c', 'b', 'a']);
    expect(found('anna APPLY')).toEqual(['a']);
    expect(found('', 'failed', 'broken')).toEqual(['c', 'b']);
    expect(found('anna', 'broken')).toEqual([]);
  });

  it('count what became of instances', () => {
    const counts = { succeeded: 2, failed: 1, skipped: 3 };
    expect(countsText({ outcome: 'failed', counts })).toBe('2 done, 1 failed, 3 skipped');
    expect(countsText({ outcome: 'running', counts: null })).toBe('');
    const none = { succeeded: 0, failed: 0, skipped: 0 };
    expect(countsText({ outcome: 'succeeded', counts: none })).toBe('nothing to do');
    expect(countsText({ outcome: 'running', counts: none })).toBe('nothing done yet');
    expect(countsText({ outcome: 'broken', counts: none })).toBe('nothing done');
  });
});
