import { extendedRegex } from '../../app/operate/extended-regex.ts';
import { followLogs } from '../../app/operate/follow-logs.ts';
import { listLogs } from '../../app/operate/list-logs.ts';
import type { LogEvent } from '../../app/operate/log-event.ts';
import { selectLogs, type LogSource } from '../../app/operate/log-sources.ts';
import { showLogs, type ShowRequest } from '../../app/operate/logs.ts';
import type { OpenCluster } from '../../app/operate/open-cluster.ts';
import { HttpError } from '../http-error.ts';
import type { PluginContext } from '../plugin.ts';
import { appliedState, known } from './known.ts';
import type { Handler } from './operation.ts';
import { sendStream, serverSentEvent, taken, untilGone, withBeats } from './stream.ts';

export const PARALLELISM = 64;
const SHOWN_LINES = 1000;
const FOLLOWED_LINES = 100;

interface LogQuery {
  readonly lines?: number;
  readonly sinceMs?: number;
  readonly grep?: string;
  readonly follow?: boolean;
  readonly download?: boolean;
}

export const LOG_HANDLERS: Readonly<Record<'logs' | 'log', Handler>> = {
  async logs(request, reply, { use, closing }) {
    const { select = [] } = request.query as { select?: readonly string[] };
    await appliedState(use);
    const signal = untilGone(reply, closing);
    const cluster = await use.openCluster(signal);
    try {
      const sources = await known(() => selectLogs(cluster.state, select, undefined));
      return {
        logs: await listLogs(cluster, sources, { parallelism: PARALLELISM, signal, clock: use.clock }),
      };
    } finally {
      await cluster.close();
    }
  },

  async log(request, reply, context) {
    const { instance, log } = request.params as { instance: string; log: string };
    const query = request.query as LogQuery;
    const state = await appliedState(context.use);
    if (!state.instances.has(instance))
      throw new HttpError(404, `There is no instance ${instance}`, 'GET /api/v1/cluster names them.');
    const sources = await known(() => selectLogs(state, [instance], log));
    const grep = grepOf(query.grep);
    const signal = untilGone(reply, context.closing);
    if (query.follow === true) {
      const events = follow(sources, query, grep?.regex ?? null, context, signal);
      return sendStream(reply, 'text/event-stream', withBeats(events), signal);
    }
    if (query.download === true) {
      const name = `${instance}-${log}.log`.replace(/[^\w.@-]/g, '_');
      void reply.header('content-disposition', `attachment; filename="${name}"`);
    }
    const { sinceMs, lines } = query;
    const all = lines === 0 || (lines === undefined && sinceMs !== undefined);
    const request_: Omit<ShowRequest, 'signal'> = {
      lines: all ? null : (lines ?? SHOWN_LINES),
      since: sinceMs === undefined ? null : { atMs: sinceMs },
      grep,
      parallelism: PARALLELISM,
      clock: context.use.clock,
    };
    return sendStream(reply, 'text/plain', show(sources, request_, context, signal), signal);
  },
};

async function* show(
  sources: readonly LogSource[],
  request: Omit<ShowRequest, 'signal'>,
  { use }: PluginContext,
  outer: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let isFirst = true;
  const events = onCluster(use.openCluster, outer, (cluster, give, signal) =>
    showLogs(cluster, sources, { ...request, signal }, give),
  );
  for await (const event of events) {
    if (event.type === 'notice') {
      if (event.failed && isFirst) throw new HttpError(502, `${event.host} cannot be read`, event.text);
      yield Buffer.from(`[${event.host}: ${event.text}]\n`);
    } else yield Buffer.concat([event.bytes, NEWLINE]);
    isFirst = false;
  }
}

const NEWLINE = Buffer.from('\n');

async function* follow(
  sources: readonly LogSource[],
  { lines = FOLLOWED_LINES, sinceMs }: LogQuery,
  grep: RegExp | null,
  { use }: PluginContext,
  outer: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const since = sinceMs === undefined ? null : { atMs: sinceMs };
  const events = onCluster(use.openCluster, outer, (cluster, give, signal) =>
    followLogs(cluster, sources, { lines, since, grep, signal, clock: use.clock }, give),
  );
  for await (const event of events) {
    yield event.type === 'notice'
      ? serverSentEvent('notice', { text: `${event.host}: ${event.text}` })
      : serverSentEvent('line', { file: event.file, timeMs: event.timeMs, text: event.bytes.toString() });
  }
}

/** Events of a use case over a cluster that is open so long. */
export function onCluster(
  open: (signal: AbortSignal) => Promise<OpenCluster>,
  outer: AbortSignal,
  work: (
    cluster: OpenCluster,
    give: (event: LogEvent) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<unknown>,
): AsyncGenerator<LogEvent, void, undefined> {
  return taken<LogEvent>(async (give, signal) => {
    const cluster = await open(signal);
    try {
      await work(cluster, give, signal);
    } finally {
      await cluster.close();
    }
  }, outer);
}

export function grepOf(expression: string | undefined): ShowRequest['grep'] {
  if (expression === undefined || expression === '') return null;
  const read = extendedRegex(expression);
  if ('problem' in read) throw new HttpError(400, '`grep` cannot be read', read.problem);
  return { expression, regex: read.regex };
}
