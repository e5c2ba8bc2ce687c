import { followLogs } from '../../app/operate/follow-logs.ts';
import type { LogEvent } from '../../app/operate/log-event.ts';
import { selectLogs, type LogSource } from '../../app/operate/log-sources.ts';
import { showLogs } from '../../app/operate/logs.ts';
import type { PluginContext } from '../plugin.ts';
import { appliedState, known } from './known.ts';
import { createFeeds, type FeedItem, type Feeds } from './log-feed.ts';
import { grepOf, onCluster, PARALLELISM } from './log-routes.ts';
import type { Handler } from './operation.ts';
import { sendStream, serverSentEvent, untilGone, withBeats } from './stream.ts';

const SHOWN_LINES = 1000;
const FOLLOWED_LINES = 100;
const ALL_LINES = 10_000_000;

interface LinesQuery {
  readonly select?: readonly string[];
  readonly log?: string;
  readonly lines?: number;
  readonly sinceMs?: number;
  readonly grep?: string;
  readonly follow?: boolean;
}

/** Lines of several logs in one stream, which goes on where it was when its reader comes back. */
export function logLineHandlers(): Readonly<Record<'logLines', Handler>> {
  let feeds: Feeds | null = null;
  return {
    async logLines(request, reply, context) {
      const { use, closing } = context;
      feeds ??= createFeeds(closing);
      const last = request.headers['last-event-id'];
      if (last === 'end') return reply.code(204).send();
      const signal = untilGone(reply, closing);
      const waiting = typeof last === 'string' ? feeds.resume(last) : null;
      if (waiting !== null)
        return sendStream(reply, 'text/event-stream', withBeats(events(waiting, signal)), signal);

      const query = request.query as LinesQuery;
      const state = await appliedState(use);
      const sources = await known(() => selectLogs(state, query.select ?? [], query.log));
      const wanted = requestOf(query, use.clock);
      const feed = feeds.open((until) => itemsOf(sources, wanted, context, until));
      const isAnew = last !== undefined;
      return sendStream(
        reply,
        'text/event-stream',
        withBeats(events({ feed, after: 0, isAnew }, signal)),
        signal,
      );
    },
  };
}

async function* events(
  {
    feed,
    after,
    isAnew = false,
  }: { readonly feed: ReturnType<Feeds['open']>; readonly after: number; readonly isAnew?: boolean },
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  if (isAnew) yield serverSentEvent('anew', {});
  for await (const { type, data, id } of feed.read(after, signal)) yield serverSentEvent(type, data, id);
  if (!signal.aborted) yield serverSentEvent('end', {}, 'end');
}

function requestOf({ lines, sinceMs, grep, follow = false }: LinesQuery, clock: () => number) {
  const isAll = lines === 0 || (lines === undefined && sinceMs !== undefined);
  return {
    follow,
    lines: isAll ? null : (lines ?? (follow ? FOLLOWED_LINES : SHOWN_LINES)),
    since: sinceMs === undefined ? null : { atMs: sinceMs },
    grep: grepOf(grep),
    parallelism: PARALLELISM,
    clock,
  };
}

async function* itemsOf(
  sources: readonly LogSource[],
  request: ReturnType<typeof requestOf>,
  { use }: PluginContext,
  outer: AbortSignal,
): AsyncGenerator<FeedItem, void, undefined> {
  const { follow, lines, since, grep, clock } = request;
  const all = onCluster(use.openCluster, outer, (cluster, give, signal) =>
    follow
      ? followLogs(
          cluster,
          sources,
          { lines: lines ?? ALL_LINES, since, grep: grep?.regex ?? null, signal, clock },
          give,
        )
      : showLogs(cluster, sources, { ...request, signal }, give),
  );
  for await (const event of all) yield itemOf(event);
}

function itemOf(event: LogEvent): FeedItem {
  if (event.type === 'notice') {
    const { host, text, failed } = event;
    return { type: 'notice', data: { host, text, failed } };
  }
  const { source, file, timeMs, bytes } = event;
  const { instance, name } = source;
  return { type: 'line', data: { instance, log: name, file, timeMs, text: bytes.toString() } };
}
