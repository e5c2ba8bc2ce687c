import { describe, expect, it } from 'vitest';
import { createEventReader } from '../../../src/page/api/event-stream.ts';

describe('server-sent events', () => {
  it('come whole, wherever the stream was cut', () => {
    const text = ':\n\nid: 1\nevent: output\ndata: {"line":"a\\n"}\n\n:\n\nid: end\nevent: end\ndata: {}\n\n';
    const expected = [
      { id: '1', type: 'output', data: { line: 'a\n' } },
      { id: 'end', type: 'end', data: {} },
    ];
    for (const size of [1, 2, 7, 1000]) {
      const read = createEventReader();
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(pieces.flatMap(read)).toEqual(expected);
    }
  });

  it('without an id do not bear the one before', () => {
    const read = createEventReader();
    expect(read('id: 4\ndata: 1\n\nevent: gap\ndata: 2\n\n')).toEqual([
      { id: '4', type: 'message', data: 1 },
      { id: '', type: 'gap', data: 2 },
    ]);
  });
});
