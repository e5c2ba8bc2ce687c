import { describe, expect, it } from 'vitest';
import { createFeeds, type FeedEvent, type FeedItem } from '../../src/server/api/log-feed.ts';

const line = (text: string): FeedItem => ({ type: 'line', data: { text } });
const textOf = ({ data }: FeedItem): string => (data as { text: string }).text;

/** A source that tells how far it was read. */
function counting(lines: readonly string[]) {
  const taken: string[] = [];
  async function* source(): AsyncGenerator<FeedItem, void, undefined> {
    for (const text of lines) {
      await Promise.resolve();
      taken.push(text);
      yield line(text);
    }
  }
  return { taken, source };
}

async function take(events: AsyncGenerator<FeedEvent, void, undefined>, count: number) {
  const got: FeedEvent[] = [];
  while (got.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    got.push(value);
  }
  return got;
}

describe('a feed of lines', () => {
  const numbers = Array.from({ length: 100 }, (_, i) => String(i + 1));

  it('goes on where its reader was, with what was lost on the way', async () => {
    const feeds = createFeeds(new AbortController().signal);
    const { source } = counting(numbers);
    const first = feeds.open(source).read(0, new AbortController().signal);
    const seen = await take(first, 10);
    await first.return();
    const back = feeds.resume(seen[6]?.id ?? '');
    expect(back?.after).toBe(7);
    const rest = await take(back!.feed.read(back!.after, new AbortController().signal), 1000);
    expect(rest.map(textOf)).toEqual(numbers.slice(7));
  });

  it('reads nothing ahead while its reader is away', async () => {
    const feeds = createFeeds(new AbortController().signal);
    const { taken, source } = counting(numbers);
    const leaving = new AbortController();
    const reading = feeds.open(source).read(0, leaving.signal);
    await take(reading, 3);
    leaving.abort();
    expect(await take(reading, 1)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).toEqual(['1', '2', '3']);
  });

  it('leaves the line that was awaited to whoever comes next', async () => {
    const feeds = createFeeds(new AbortController().signal);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const feed = feeds.open(async function* () {
      yield line('a');
      await held;
      yield line('b');
    });
    const first = feed.read(0, new AbortController().signal);
    const [a] = await take(first, 1);
    const awaited = first.next();
    const back = feeds.resume(a?.id ?? '');
    const second = back!.feed.read(back!.after, new AbortController().signal);
    const b = second.next();
    expect((await awaited).done).toBe(true);
    release();
    expect(textOf((await b).value as FeedEvent)).toBe('b');
  });

  it('knows nobody whose lines are gone, or who makes up an id', async () => {
    const feeds = createFeeds(new AbortController().signal);
    const { source } = counting(numbers.map((number) => number.padEnd(60_000, '.')));
    const reading = feeds.open(source).read(0, new AbortController().signal);
    const all = await take(reading, 100);
    expect(feeds.resume(all[0]?.id ?? '')).toBeNull();
    expect(feeds.resume(all[95]?.id ?? '')).not.toBeNull();
    expect(feeds.resume('0123456789abcdef-1')).toBeNull();
    expect(feeds.resume('end')).toBeNull();
    expect(feeds.resume(`${all[0]?.id.split('-')[0]}-101`)).toBeNull();
  });

  it('is over when its source broke', async () => {
    const feeds = createFeeds(new AbortController().signal);
    const feed = feeds.open(async function* () {
      yield line('a');
      await Promise.resolve();
      throw new Error('broken');
    });
    const reading = feed.read(0, new AbortController().signal);
    const [a] = await take(reading, 1);
    await expect(reading.next()).rejects.toThrow('broken');
    expect(feeds.resume(a?.id ?? '')).toBeNull();
  });

  it('keeps a bounded number of feeds without readers', async () => {
    const feeds = createFeeds(new AbortController().signal);
    const ids: string[] = [];
    for (let i = 0; i < 40; i++) {
      const reading = feeds.open(counting(numbers).source).read(0, new AbortController().signal);
      const [first] = await take(reading, 1);
      ids.push(first?.id ?? '');
      await reading.return();
    }
    expect(ids.filter((id) => feeds.resume(id) !== null)).toEqual(ids.slice(8));
  });
});
