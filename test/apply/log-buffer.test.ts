import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogBuffer, logLine, MAX_LOG_LINE_BYTES, type LogBuffer } from '../../src/apply/log-buffer.ts';

let directory: string;
let file: string;
let buffer: LogBuffer;
/** Bytes in each file. */
let sizes: Map<string, number>;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-log-'));
  file = path.join(directory, 'local.log');
  buffer = createLogBuffer();
  sizes = new Map();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Logs lines as a run does: into the buffer at once, into the file later. */
async function log(lines: readonly string[], to = file): Promise<void> {
  const bytes = lines.reduce((sum, line) => sum + buffer.push(to, line), 0);
  await appendFile(to, lines.map((line) => `${line}\n`).join(''));
  sizes.set(to, (sizes.get(to) ?? 0) + bytes);
  buffer.written(to, sizes.get(to) ?? 0);
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

async function take(lines: AsyncGenerator<string>, count: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const next = await lines.next();
    if (next.done === true) break;
    found.push(next.value);
  }
  return found;
}

describe('a viewer', () => {
  it('sees lines at once, before they lie in the file', async () => {
    const viewer = buffer.follow(file);
    const first = viewer.next();
    buffer.push(file, 'hello');
    expect((await first).value).toBe('hello');
  });

  it('that comes late begins with the last 1000 lines', async () => {
    await log(numbered(0, 2500));
    buffer.end();
    expect(await all(buffer.follow(file))).toEqual(numbered(1500, 2500));
  });

  it('gets the last 1000 of its log though another log has filled the buffer since', async () => {
    const other = path.join(directory, 'noisy_0.log');
    await log(numbered(0, 1200));
    await log(numbered(0, 990), other);
    await log(numbered(1200, 1203));
    buffer.end();
    expect(await all(buffer.follow(file))).toEqual(numbered(203, 1203));
    expect(await all(buffer.follow(other))).toEqual(numbered(0, 990));
  });

  it('that is slow loses nothing and repeats nothing', async () => {
    const viewer = buffer.follow(file);
    await log(numbered(0, 10));
    const seen = await take(viewer, 3);
    await log(numbered(10, 20_000));
    seen.push(...(await take(viewer, 5000)));
    await log(numbered(20_000, 20_010));
    buffer.end();
    seen.push(...(await all(viewer)));
    expect(seen).toEqual(numbered(0, 20_010));
  });

  it('that never reads holds up neither the run nor another viewer', async () => {
    const asleep = buffer.follow(file);
    await log(numbered(0, 1));
    await asleep.next();
    const awake = take(buffer.follow(file), 5001);
    for (let at = 1; at < 5001; at += 500) await log(numbered(at, at + 500));
    expect(await awake).toEqual(numbered(0, 5001));
  });

  it('waits for more until the run ends', async () => {
    const viewing = all(buffer.follow(file));
    await log(['a']);
    await log(['b']);
    buffer.end();
    expect(await viewing).toEqual(['a', 'b']);
  });

  it('may leave at any time', async () => {
    const leave = new AbortController();
    const viewing = all(buffer.follow(file, leave.signal));
    await log(['a']);
    setTimeout(() => leave.abort(), 20);
    expect(await viewing).toEqual(['a']);
  });

  it('passes over lines that could never be written', async () => {
    const viewer = buffer.follow(file);
    buffer.push(file, 'a');
    expect((await viewer.next()).value).toBe('a');
    for (const line of numbered(0, 1500)) buffer.push(file, line);
    buffer.end();
    expect(await all(viewer)).toEqual(numbered(500, 1500));
  });

  it('gets lines with any characters whole', async () => {
    const lines = ['ünï ✓', '', '  ', '\u0000\u001b[31m', 'x'.repeat(60_000)];
    await log(lines);
    // Out of the buffer: now they come from the file.
    await log(numbered(0, 1000), path.join(directory, 'noisy_0.log'));
    buffer.end();
    expect(await all(buffer.follow(file))).toEqual(lines);
  });
});

describe('viewers who read in pieces', () => {
  /** Lines are pushed at once and written later, as by a run; two files share the buffer. */
  async function run(lines: readonly string[], pause: () => Promise<void>): Promise<void> {
    const other = path.join(directory, 'other_0.log');
    for (let at = 0; at < lines.length; at += 700) {
      const some = lines.slice(at, at + 700);
      const bytes = some.reduce((sum, line) => sum + buffer.push(file, line), 0);
      for (const line of some) buffer.push(other, line);
      await pause();
      await appendFile(file, some.map((line) => `${line}\n`).join(''));
      sizes.set(file, (sizes.get(file) ?? 0) + bytes);
      buffer.written(file, sizes.get(file) ?? 0);
      await pause();
    }
    buffer.end();
  }

  it('get all lines in order, each at its own speed', async () => {
    const lines = numbered(0, 20_000);
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const watch = async (i: number): Promise<string[]> => {
      const seen: string[] = [];
      for (let from = await buffer.lastLines(file); ;) {
        const piece = await buffer.read(file, from);
        if (piece === null) return seen;
        seen.push(...piece.lines);
        from = piece.to;
        if (i % 4 === 0) await pause(i % 60);
      }
    };
    const watching = Promise.all(Array.from({ length: 100 }, (_, i) => watch(i)));
    await run(lines, () => pause(Math.floor(Math.random() * 12)));
    for (const seen of await watching) {
      expect(seen.length).toBe(lines.length);
      expect(seen.every((line, i) => line === lines[i])).toBe(true);
    }
  });
});

describe('what long lines take', () => {
  it('is bounded: the buffer keeps fewer of them, the viewer gets them from the file', async () => {
    const long = Array.from({ length: 600 }, (_, i) => `${i} ${'x'.repeat(60_000)}`);
    await log(long);
    buffer.end();
    const seen = await all(buffer.follow(file));
    expect(seen.length).toBe(600);
    expect(seen[0] === long[0] && seen.at(-1) === long.at(-1)).toBe(true);
  });

  it('is cut at 64 KiB, between two characters', () => {
    const cut = logLine('é'.repeat(100_000));
    expect(Buffer.byteLength(cut)).toBeLessThan(MAX_LOG_LINE_BYTES);
    expect(cut).toMatch(/^é+ \[cut\]$/);
    expect(logLine('two\nlines')).toBe('two lines');
  });
});
