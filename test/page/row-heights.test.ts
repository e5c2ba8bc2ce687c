import { expect, it } from 'vitest';
import { drawnRows, rowAt, topsOf } from '../../src/page/parts/row-heights.ts';

it('finds the row at a height', () => {
  const tops = topsOf([40, 100, 40]);
  expect(tops).toEqual([0, 40, 140, 180]);
  expect([-5, 0, 39, 40, 139, 140, 999].map((pixels) => rowAt(tops, pixels))).toEqual([0, 0, 0, 1, 1, 2, 2]);
  expect(rowAt(topsOf([]), 10)).toBe(0);
});

it('draws a stretch of rows, and the one that has the focus wherever it is', () => {
  expect(drawnRows(2, 4, 10, 3)).toEqual([2, 3, 4]);
  expect(drawnRows(2, 4, 10, 0)).toEqual([0, 2, 3, 4]);
  expect(drawnRows(2, 4, 10, 9)).toEqual([2, 3, 4, 9]);
  expect(drawnRows(0, 4, 0, 0)).toEqual([]);
});
