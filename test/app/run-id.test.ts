import { describe, expect, it } from 'vitest';
import { newRunId } from '../../src/app/run-id.ts';

describe('ids of runs', () => {
  const second = Date.UTC(2026, 10, 20, 10, 15, 30);

  it('begin with the time and have one form', () => {
    for (const ms of [0, 1, 500, 999]) expect(newRunId(second + ms)).toMatch(/^20261120T101530-[0-9a-f]{4}$/);
  });

  it('are sorted as the runs were begun, within a second too', () => {
    const ids = Array.from({ length: 1001 }, (_, ms) => newRunId(second + ms));
    expect([...ids].sort()).toEqual(ids);
  });
});
