import { describe, expect, it } from 'vitest';
import { columnsOf, createLineRows } from '../../../src/page/parts/line-rows.ts';

describe('where lines stand', () => {
  it('finds the line at a row, whatever the lines take', () => {
    const rows = createLineRows();
    const heights = [1, 3, 1, 2];
    rows.update(0, 4, (index) => heights[index] ?? 0);
    expect(rows.total()).toBe(7);
    expect([0, 1, 2, 3].map((number) => rows.top(number))).toEqual([0, 1, 4, 5]);
    expect([-5, 0, 1, 3, 4, 6, 99].map((row) => rows.at(row))).toEqual([0, 0, 1, 1, 2, 3, 3]);
  });

  it('measures only what is new', () => {
    const rows = createLineRows();
    const measured: number[] = [];
    const rowsOf = (index: number): number => {
      measured.push(index);
      return 1;
    };
    rows.update(0, 1000, rowsOf);
    measured.length = 0;
    rows.update(10, 1000, rowsOf);
    expect(measured).toEqual(Array.from({ length: 10 }, (_, i) => 990 + i));
    expect([rows.first, rows.end, rows.total(), rows.top(10), rows.at(0)]).toEqual([10, 1010, 1000, 0, 10]);
  });

  it('keeps its bounds while lines come and go for ever', () => {
    const rows = createLineRows();
    for (let first = 0; first < 200_000; first += 5_000) rows.update(first, 10_000, () => 2);
    expect([rows.first, rows.total(), rows.top(rows.end - 1)]).toEqual([195_000, 20_000, 19_998]);
  });

  it('begins anew with other lines, and after a change of width', () => {
    const rows = createLineRows();
    rows.update(100, 10, () => 1);
    rows.update(500, 3, () => 2);
    expect([rows.first, rows.total()]).toEqual([500, 6]);
    rows.clear();
    rows.update(500, 3, () => 4);
    expect(rows.total()).toBe(12);
    rows.update(500, 1, () => 4);
    expect(rows.total()).toBe(4);
  });

  it('is nothing without lines', () => {
    const rows = createLineRows();
    rows.update(0, 0, () => 1);
    expect([rows.total(), rows.at(3)]).toEqual([0, 0]);
  });

  it('counts the columns of a text', () => {
    expect(columnsOf('abc')).toBe(3);
    expect(columnsOf('grüße')).toBe(5);
    expect(columnsOf('日本')).toBe(4);
  });
});
