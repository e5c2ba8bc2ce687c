import { describe, expect, it } from 'vitest';
import { orderByNeeds } from '../../src/graph/order.ts';

const needs = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

describe('order by needs', () => {
  it('puts what is needed first, and equals in the order given', () => {
    const { order, cycles } = orderByNeeds(needs({ c: ['a'], a: [], b: ['a'], d: ['b', 'c'] }));
    expect(order).toEqual(['a', 'c', 'b', 'd']);
    expect(cycles).toEqual([]);
  });

  it('finds each cycle once, by its shortest path, and orders the rest', () => {
    const { order, cycles } = orderByNeeds(
      needs({ a: ['b'], b: ['c', 'a'], c: ['a'], self: ['self'], above: ['a'], fine: [] }),
    );
    expect(order).toEqual(['fine']);
    expect(cycles).toEqual([
      ['a', 'b', 'a'],
      ['self', 'self'],
    ]);
  });

  it('takes a chain of 50,000 without running out of stack', () => {
    const chain = new Map(Array.from({ length: 50_000 }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`]]));
    expect(orderByNeeds(chain).order.at(-1)).toBe('n49999');
  });
});
