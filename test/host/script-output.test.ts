import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES, ScriptOutput } from '../../src/host/script-output.ts';
import type { ScriptEvent } from '../../src/host/script.ts';

const NONCE = 'abcabcabcabcabcabcabcabcabcabcd0';

function read(chunks: Iterable<Buffer>): { output: ScriptOutput; events: ScriptEvent[] } {
  const events: ScriptEvent[] = [];
  const output = new ScriptOutput(NONCE, (event) => events.push(event));
  for (const chunk of chunks) output.feed(chunk);
  return { output, events };
}

const lines = (events: readonly ScriptEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'output' ? [event.line] : []));

describe('script output', () => {
  const text = `early\n${NONCE} step file.a\nhello\nno newline${NONCE} done\n${NONCE} step file.b\nabcabc\n${NONCE} die went wrong: 5%\n${NONCE} end 3\n`;

  it.each([1, 2, 7, 31, 33, 1000])('is the same in pieces of %i bytes', (size) => {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const { output, events } = read(chunks);
    expect(events).toEqual([
      { type: 'output', step: null, line: 'early' },
      { type: 'step-started', step: 'file.a' },
      { type: 'output', step: 'file.a', line: 'hello' },
      { type: 'output', step: 'file.a', line: 'no newline' },
      { type: 'step-finished', step: 'file.a' },
      { type: 'step-started', step: 'file.b' },
      { type: 'output', step: 'file.b', line: 'abcabc' },
    ]);
    expect(output.offset).toBe(bytes.length);
    expect(output.outcome()).toEqual({
      outcome: 'failed',
      step: 'file.b',
      code: 3,
      message: 'went wrong: 5%',
      lastLines: ['abcabc'],
    });
  });

  it('keeps the last 20 lines of the step that failed', () => {
    const many = Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join('');
    const { output } = read([Buffer.from(`${NONCE} step a\n${many}${NONCE} end 1\n`)]);
    const outcome = output.outcome();
    expect(outcome.outcome === 'failed' && outcome.lastLines).toEqual(
      Array.from({ length: 20 }, (_, i) => `line ${30 + i}`),
    );
  });

  it('cuts a line of ten megabytes without keeping it', () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    function* chunks(): Generator<Buffer> {
      yield Buffer.from(`${NONCE} step a\n`);
      for (let i = 0; i < 160; i++) yield chunk;
      yield Buffer.from(`${NONCE} done\n${NONCE} end 0\n`);
    }
    const { output, events } = read(chunks());
    const [line = ''] = lines(events);
    expect(lines(events)).toHaveLength(1);
    expect(line).toHaveLength(MAX_LINE_BYTES);
    expect(line).toMatch(/x \[10420224 more bytes on this line\]$/);
    expect(output.outcome()).toEqual({ outcome: 'succeeded' });
  });

  it('keeps little of a marker that does not end', () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    function* chunks(): Generator<Buffer> {
      yield Buffer.from(`${NONCE} step a\n${NONCE} die `);
      for (let i = 0; i < 160; i++) yield chunk;
      yield Buffer.from(`\n${NONCE} end 1\n`);
    }
    const { output } = read(chunks());
    expect(output.outcome()).toMatchObject({ outcome: 'failed', message: 'x'.repeat(MAX_LINE_BYTES) });
  });

  it('replaces what is not UTF-8', () => {
    const { events } = read([Buffer.from([0xff, 0x00, 0x61, 0x0a])]);
    expect(lines(events)).toEqual(['\ufffd\0a']);
  });

  it('hands over a last line that a killed script left unfinished', () => {
    const { output, events } = read([Buffer.from(`${NONCE} step a\nhalf`)]);
    expect(output.vanished()).toEqual({ outcome: 'vanished', step: 'a', lastLines: ['half'] });
    expect(lines(events)).toEqual(['half']);
  });
});
