import type { FastifyRequest } from 'fastify';
import { effectiveConfig } from '../../app/override/effective-config.ts';
import { replaceOverride } from '../../app/override/replace-override.ts';
import { untilGone } from '../api/stream.ts';
import { sendExactly } from '../exact-json.ts';
import { HttpError } from '../http-error.ts';
import type { ServerPlugin } from '../plugin.ts';
import { deploy } from './deploy.ts';
import { logNames, openLog } from './download.ts';
import { engineJson, readMeant } from './engine-body.ts';
import { hardwareRow, hardwareRows } from './hardware.ts';
import { addLogSocket } from './log-socket.ts';
import { damaged, placementsReader, selectPlacements } from './placements.ts';
import { power } from './power.ts';
import { statusReader } from './status.ts';

const BASE = '/deployment-engine';
const looks = { config: { changes: false } };
const changes = { config: { changes: true } };

/** The API of the original deployment engine, for its clients (docs/serve.md). */
export const engineApi: ServerPlugin = async (app, context) => {
  const { use, closing } = context;
  const placements = placementsReader(use);
  const statusOf = statusReader(use);
  // Clients send JSON as whatever their tool calls it: curl as a form, some as nothing at all.
  app.removeAllContentTypeParsers();
  // Also what is no type at all, which would be refused before any parser is asked.
  app.addHook('onRequest', (request, _reply, done) => {
    delete request.raw.headers['content-type'];
    done();
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const { directory, variables, ports } = use;

  app.get(`${BASE}/config`, looks, async (_request, reply) => {
    const config = await effectiveConfig({ directory, variables, ports }).catch((error: unknown) => {
      throw damaged(error);
    });
    return sendExactly(reply, config);
  });

  // A configuration is laid over the one before it.
  let posted: Promise<unknown> = Promise.resolve();
  app.post(`${BASE}/config`, changes, async (request, reply) => {
    const body = bodyOf(request);
    if (body === undefined || body.length === 0)
      throw new HttpError(
        400,
        'A configuration is expected',
        'GET /deployment-engine/config shows its form.',
      );
    const value = engineJson(body);
    const mine = posted.then(() => replaceOverride({ directory, variables, ports }, value));
    posted = mine.catch(() => undefined);
    const { changed, warnings, notes } = await mine;
    request.auditNote = changed ? 'the configuration was changed' : 'the configuration is as it was';
    void reply.code(201);
    return { changed, warnings, notes };
  });

  app.get(`${BASE}/deploy`, changes, async (request, reply) => {
    await placements.read();
    const answer = await deploy(use);
    request.auditNote = `run ${answer.run}`;
    void reply.code(202);
    return answer;
  });

  app.get(`${BASE}/status`, looks, async () => statusOf(await placements.read()));

  app.get(`${BASE}/hardware`, looks, async (request, reply) => {
    const meant = readMeant(bodyOf(request), request.query);
    const selected = selectPlacements(await placements.read(), meant);
    const signal = untilGone(reply, closing);
    const [only] = selected;
    if (meant === 'all' || only === undefined) return hardwareRows(selected, use, signal);
    return hardwareRow(only, use, signal);
  });

  app.get(`${BASE}/download`, looks, () => logNames(use));

  app.put(`${BASE}/download`, looks, async (request, reply) => {
    const { size, text } = await openLog(bodyOf(request), use);
    void reply.type('text/plain; charset=utf-8').header('content-length', size);
    return reply.send(text ?? '');
  });

  for (const action of ['restart', 'stop'] as const)
    app.route({
      method: ['GET', 'PUT'],
      url: `${BASE}/${action}`,
      ...changes,
      handler: async (request) => {
        const meant = readMeant(bodyOf(request), request.query);
        return power(
          action,
          meant,
          await placements.read(),
          use,
          (run) => (request.auditNote = `run ${run}`),
        );
      },
    });

  addLogSocket(`${BASE}/log`, context);
  await Promise.resolve();
};

function bodyOf({ body }: FastifyRequest): Buffer | undefined {
  return Buffer.isBuffer(body) ? body : undefined;
}
