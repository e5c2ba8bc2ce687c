import { randomBytes } from 'node:crypto';

/** What a feed tells, besides lines, is of its own types. */
export interface FeedItem {
  readonly type: 'line' | 'notice';
  readonly data: unknown;
}

/** An item with what its reader sends to go on after it. */
export interface FeedEvent extends FeedItem {
  /** `FEED-NUMBER` */
  readonly id: string;
}

/**
 * A stream of lines that outlives the connection of its reader for a while: whoever comes back goes on where he was. Nothing is read ahead:
 * a feed whose reader is away stands still, and keeps no more than what may have been lost on the way.
 */
export interface Feed {
  /** Events after a number, until the signal, another reader, or the end. */
  read(after: number, signal: AbortSignal): AsyncGenerator<FeedEvent, void, undefined>;
}

export interface Feeds {
  open(source: (signal: AbortSignal) => AsyncGenerator<FeedItem, void, undefined>): Feed;
  /** By the id of the last event that its reader has; null: there is none any more, or what came after that is gone. */
  resume(id: string): { readonly feed: Feed; readonly after: number } | null;
}

/** So long a feed waits for its reader. */
const WAIT_MS = 60_000;
/** What has been sent and may not have arrived. */
const KEPT_CHARACTERS = 1024 * 1024;
/** Feeds without readers; the oldest goes first. */
const MAX_WAITING = 32;

export function createFeeds(closing: AbortSignal): Feeds {
  const feeds = new Map<string, OpenFeed>();
  const waiting = new Set<OpenFeed>();
  const drop = (feed: OpenFeed): void => {
    feeds.delete(feed.name);
    waiting.delete(feed);
    feed.end();
  };
  const onIdle = (feed: OpenFeed): (() => void) => {
    waiting.add(feed);
    const timer = setTimeout(drop, WAIT_MS, feed);
    timer.unref();
    for (const oldest of waiting) {
      if (waiting.size <= MAX_WAITING) break;
      drop(oldest);
    }
    return () => {
      clearTimeout(timer);
      waiting.delete(feed);
    };
  };
  return {
    open(source) {
      const feed = openFeed(source, closing, onIdle);
      feeds.set(feed.name, feed);
      return feed;
    },
    resume(id) {
      const [, name = '', number = ''] = /^([0-9a-f]{16})-(\d+)$/.exec(id) ?? [];
      const feed = feeds.get(name);
      const after = Number(number);
      return feed?.has(after) === true ? { feed, after } : null;
    },
  };
}

interface OpenFeed extends Feed {
  readonly name: string;
  /** Whether all that came after this event is still there. */
  has(after: number): boolean;
  end(): void;
}

function openFeed(
  produce: (signal: AbortSignal) => AsyncGenerator<FeedItem, void, undefined>,
  closing: AbortSignal,
  onIdle: (feed: OpenFeed) => () => void,
): OpenFeed {
  const name = randomBytes(8).toString('hex');
  const own = new AbortController();
  const source = produce(AbortSignal.any([own.signal, closing]));
  /** Of those that were sent the last ones, in their order; `firstKept` is the number of the first. */
  let kept: FeedEvent[] = [];
  let keptCharacters = 0;
  let firstKept = 1;
  let isBroken = false;
  let next: Promise<boolean> | null = null;
  let leave = (): void => undefined;
  let endIdle = (): void => undefined;

  const keep = (item: FeedItem): void => {
    kept.push({ ...item, id: `${name}-${firstKept + kept.length}` });
    keptCharacters += sizeOf(item);
    if (keptCharacters < 2 * KEPT_CHARACTERS) return;
    let gone = 0;
    while (keptCharacters > KEPT_CHARACTERS && gone < kept.length - 1)
      keptCharacters -= sizeOf(kept[gone++] as FeedEvent);
    kept = kept.slice(gone);
    firstKept += gone;
  };
  /** Takes one more from the source; false: there are no more. A reader that leaves meanwhile leaves it to the next one. */
  const advance = (): Promise<boolean> =>
    (next ??= source
      .next()
      .then((result) => {
        if (result.done === true) return false;
        keep(result.value);
        return true;
      })
      .catch((error: unknown) => {
        isBroken = true;
        throw error;
      })
      .finally(() => (next = null)));

  const feed: OpenFeed = {
    name,
    has: (after) => !isBroken && after >= firstKept - 1 && after < firstKept + kept.length,
    async *read(after, signal) {
      leave();
      endIdle();
      let isMine = true;
      let wake = (): void => undefined;
      const goAway = (): void => {
        isMine = false;
        wake();
      };
      leave = goAway;
      signal.addEventListener('abort', goAway, { once: true });
      try {
        for (let at = after + 1; isMine && !signal.aborted;) {
          const event = kept[at - firstKept];
          if (event !== undefined) {
            at++;
            yield event;
            continue;
          }
          const isMore = await new Promise<boolean>((resolve, reject) => {
            wake = () => resolve(false);
            advance().then(resolve, reject);
          });
          if (!isMore) break;
        }
      } finally {
        signal.removeEventListener('abort', goAway);
        if (leave === goAway) {
          leave = () => undefined;
          endIdle = onIdle(feed);
        }
      }
    },
    end() {
      own.abort();
      void source.return(undefined).catch(() => undefined);
    },
  };
  return feed;
}

function sizeOf({ data }: FeedItem): number {
  return 200 + ((data as { readonly text?: string }).text?.length ?? 0);
}
