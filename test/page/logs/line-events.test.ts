import { describe, expect, it } from 'vitest';
import { lineReader } from '../../../src/page/views/logs/line-events.ts';

const line = (instance: string, text: string, log = 'main', timeMs: number | null = null) => ({
  id: '',
  type: 'line',
  data: { instance, log, file: null, timeMs, text },
});

describe('events of a stream of lines', () => {
  it('give each instance a name and a colour of its own', () => {
    const read = lineReader('instance');
    const [lines] = read([line('a@1', 'x'), line('b@1', 'y'), line('a@1', 'z')]);
    expect(lines).toMatchObject([
      { text: 'x', prefix: 'a@1', hue: 0 },
      { text: 'y', prefix: 'b@1', hue: 1 },
      { text: 'z', prefix: 'a@1', hue: 0 },
    ]);
    const [more] = read([line('a@1', 'w', 'other')]);
    expect(more).toMatchObject([{ prefix: 'a@1 other', hue: 0 }]);
  });

  it('say nothing of it where there is but one', () => {
    const [lines] = lineReader('none')([line('a@1', 'x')]);
    expect(lines).toEqual([{ text: 'x', time: undefined }]);
    const [several] = lineReader('log')([line('a@1', 'x'), line('a@1', 'y', 'other')]);
    expect(several).toMatchObject([
      { prefix: 'main', hue: 0 },
      { prefix: 'other', hue: 1 },
    ]);
  });

  it('tell the time of a journal by itself', () => {
    const [lines] = lineReader('none')([line('a@1', '2026-01-02T03:04:05.678Z nats[1]: up', 'main', 1000)]);
    expect(lines).toEqual([{ text: 'nats[1]: up', time: 1000 }]);
  });

  it('tell what happened to a connection', () => {
    const read = lineReader('instance');
    const notice = (failed: boolean) => ({
      id: '',
      type: 'notice',
      data: { host: '10.0.0.1', text: 'gone', failed },
    });
    expect(read([notice(false), notice(true)])).toEqual([
      [
        { text: '10.0.0.1: gone', kind: 'notice' },
        { text: '10.0.0.1: gone', kind: 'error' },
      ],
    ]);
  });

  it('forget what came before when all comes again', () => {
    const parts = lineReader('none')([
      line('a@1', 'old'),
      { id: '', type: 'anew', data: {} },
      line('a@1', 'new'),
    ]);
    expect(parts).toHaveLength(2);
    expect(parts[0]).toBe('anew');
    expect(parts[1]).toMatchObject([{ kind: 'notice' }, { text: 'new' }]);
  });
});
