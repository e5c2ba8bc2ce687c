import { describe, expect, it } from 'vitest';
import { createLineBuffer } from '../../../src/page/views/logs/line-buffer.ts';

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => ({ text: String(from + n) }));

describe('the last lines of what never ends', () => {
  it('lets the oldest go, and counts them', () => {
    const buffer = createLineBuffer(10);
    for (let n = 1; n <= 100; n += 7) buffer.add(lines(n, Math.min(100, n + 6)));
    const { lines: kept, first } = buffer.snapshot();
    expect(kept.map(({ text }) => text)).toEqual(lines(91, 100).map(({ text }) => text));
    expect(first).toBe(90);
  });

  it('bounds what long lines take', () => {
    const buffer = createLineBuffer(1000, 100);
    buffer.add(Array.from({ length: 5 }, () => ({ text: 'x'.repeat(40) })));
    expect(buffer.snapshot()).toMatchObject({ first: 3, lines: [{}, {}] });
    buffer.add([{ text: 'y'.repeat(500) }]);
    expect(buffer.snapshot().lines).toHaveLength(1);
  });

  it('gives no line the number of another, also after it was emptied', () => {
    const buffer = createLineBuffer(10);
    buffer.add(lines(1, 4));
    buffer.clear();
    expect(buffer.snapshot()).toEqual({ lines: [], first: 4 });
    buffer.add(lines(5, 6));
    expect(buffer.snapshot().first).toBe(4);
  });

  it('leaves alone what was given out', () => {
    const buffer = createLineBuffer(3);
    buffer.add(lines(1, 3));
    const { lines: before } = buffer.snapshot();
    buffer.add(lines(4, 9));
    expect(before.map(({ text }) => text)).toEqual(['1', '2', '3']);
  });
});
