import { describe, expect, it } from 'vitest';
import { createLogReader } from '../../../src/page/views/run/log-reader.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a log that is read in pieces', () => {
  it('is put together from wherever it was cut, with the times of its lines', () => {
    const reader = createLogReader();
    reader.begin(false);
    const whole = bytes('2026-11-21T04:00:00.000Z grün\nplain\n');
    // In the middle of a letter.
    const at = whole.indexOf(0xc3) + 1;
    expect(reader.take(whole.slice(0, at), false)).toBe(false);
    expect(reader.take(whole.slice(at), false)).toBe(true);
    expect(reader.log().lines).toEqual([
      { text: 'grün', time: Date.parse('2026-11-21T04:00:00.000Z') },
      { text: 'plain' },
    ]);
  });

  it('leaves out a first line that is not whole, and takes a last one without its end', () => {
    const reader = createLogReader();
    reader.begin(true);
    reader.take(bytes('f of a line\nsecond\nlast'), true);
    expect(reader.log().lines.map(({ text }) => text)).toEqual(['second', 'last']);
  });

  it('lets go of the oldest lines, and counts on', () => {
    const reader = createLogReader(3);
    reader.begin(false);
    reader.take(bytes('1\n2\n3\n4\n5\n'), false);
    expect(reader.log()).toMatchObject({ first: 2, lines: [{ text: '3' }, { text: '4' }, { text: '5' }] });
  });
});
