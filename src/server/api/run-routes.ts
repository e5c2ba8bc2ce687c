import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { LiveRun } from '../../app/serve/run-desk.ts';
import { asHttpError } from '../errors.ts';
import { HttpError } from '../http-error.ts';
import type { PluginContext } from '../plugin.ts';
import type { RunStarted } from './answers.ts';
import { BASE_PATH, type Handler } from './operation.ts';
import { endAnswer, lookUpRun, runAnswer, runsAnswer } from './run-answer.ts';
import { sendRunLog } from './run-log.ts';
import { sendStream, serverSentEvent, untilGone, withBeats } from './stream.ts';

const LISTED_RUNS = 20;

export const RUN_HANDLERS: Readonly<Record<'runs' | 'run' | 'cancelRun' | 'runEvents' | 'runLog', Handler>> =
  {
    runs(request, _reply, { use }) {
      const { limit = LISTED_RUNS } = request.query as { limit?: number };
      return runsAnswer(limit, use);
    },

    async run(request, _reply, { use }) {
      return runAnswer(await lookUpRun(runOf(request), use), use);
    },

    async cancelRun(request, reply, { use }): Promise<RunStarted> {
      const { live, kept } = await lookUpRun(runOf(request), use);
      const { mode } = (request.body ?? { mode: 'graceful' }) as { mode: 'graceful' | 'now' };
      const id = live?.id ?? kept?.run ?? '';
      if (live === null || live.phase() === 'finished') {
        const isElsewhere = live === null && kept?.outcome === 'running';
        throw new HttpError(
          409,
          `Run ${id} does not go on here`,
          isElsewhere ? 'Another process does it.' : 'It has ended.',
        );
      }
      live.cancel(mode);
      request.auditNote = `run ${id}, ${mode}`;
      void reply.code(202);
      return { run: id };
    },

    async runEvents(request, reply, { use, closing }) {
      const { live } = await lookUpRun(runOf(request), use);
      if (live === null) throw noEvents();
      const last = request.headers['last-event-id'];
      const { after } = request.query as { after?: number };
      // Whoever has seen the end asks no more after this answer.
      if (last === 'end') return reply.code(204).send();
      const number = Number(last ?? after ?? 0);
      if (!Number.isInteger(number) || number < 0)
        throw new HttpError(400, 'Last-Event-ID is not the number of an event', 'Send none to begin anew.');
      const signal = untilGone(reply, closing);
      async function* events(run: LiveRun): AsyncGenerator<string, void, undefined> {
        for await (const { id, type, data } of messagesOf(run, number, signal))
          yield serverSentEvent(type, data, id);
      }
      return sendStream(reply, 'text/event-stream', withBeats(events(live)), signal);
    },

    async runLog(request, reply, context) {
      const { log } = request.params as { log: string };
      const query = request.query as { from?: number; limit?: number; follow?: boolean };
      return sendRunLog(await lookUpRun(runOf(request), context.use), log, query, reply, context);
    },
  };

/** The same events over a WebSocket. */
export function addEventSocket({ use, sockets }: PluginContext): void {
  sockets.add(
    `${BASE_PATH}/runs/:run/events`,
    { changes: false },
    (socket, { params, query, signal }) =>
      void (async () => {
        try {
          const { live } = await lookUpRun(params['run'] ?? '', use);
          if (live === null) throw noEvents();
          const after = Number(query.get('after') ?? 0);
          for await (const message of messagesOf(live, Number.isInteger(after) ? after : 0, signal))
            await send(socket, JSON.stringify(message));
          socket.close(1000);
        } catch (error) {
          // 4000 and more are for such as us (RFC 6455, 7.4.2).
          const { status, summary } = asHttpError(error, () => undefined);
          socket.close(4000 + status, summary.slice(0, 60));
        }
      })(),
  );
}

interface Message {
  /** `gap` has none. */
  readonly id?: number | 'end';
  readonly type: string;
  readonly data: unknown;
}

/** Events after this one, with a `gap` where some are no longer kept, and the run's end. */
async function* messagesOf(
  run: LiveRun,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Message, void, undefined> {
  let last = after;
  for await (const { id, event } of run.events(after, signal)) {
    if (id !== last + 1) yield { type: 'gap', data: { after: last, next: id } };
    last = id;
    yield { id, type: event.type, data: event };
  }
  if (signal.aborted) return;
  yield { id: 'end', type: 'end', data: endAnswer(await run.done) };
}

/** As fast as the other end takes it, and no faster. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => socket.send(text, () => resolve()));
}

function runOf(request: FastifyRequest): string {
  return (request.params as { run: string }).run;
}

function noEvents(): HttpError {
  return new HttpError(
    404,
    'The events of this run are not kept',
    'It was another process, or long ago. Its instances and logs are.',
  );
}
