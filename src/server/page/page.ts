import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../http-error.ts';
import type { ServerPlugin } from '../plugin.ts';
import { encodingFor, hasAlready } from './negotiate.ts';
import { builtPage, readPage, type PageFile } from './page-files.ts';

/** Places of the page: what it shows there it finds out by its own path. */
const PLACES = [
  '/',
  '/plan',
  '/runs',
  '/runs/:run',
  '/hosts',
  '/logs',
  '/history',
  '/history/:version',
] as const;

/** No script, style or picture but our own files, and none that stands in the text of the page. */
const POLICY = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
};

/** The web page. It holds nothing of the cluster and needs no token: what it shows it asks the API for, which does. */
export const webPage: ServerPlugin = async (app) => {
  const page = await readPage(builtPage());
  const route = {
    method: ['GET', 'HEAD'] as ('GET' | 'HEAD')[],
    config: { changes: false, open: true },
  };
  for (const url of PLACES) {
    app.route({
      ...route,
      url,
      handler: (request, reply) => {
        if (page === null)
          throw new HttpError(
            404,
            'The page was not built',
            '`npm run build` does that; then start the server anew.',
          );
        return sendFile(request, reply, page.index, 'no-cache');
      },
    });
  }
  app.route({
    ...route,
    url: '/assets/:name',
    handler: (request, reply) => {
      const { name } = request.params as { name: string };
      const file = page?.assets.get(name);
      if (file === undefined)
        throw new HttpError(404, 'There is no such file of the page', 'Load the page anew.');
      return sendFile(request, reply, file, 'public, max-age=31536000, immutable');
    },
  });
};

function sendFile(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { type, encodings }: PageFile,
  caching: string,
): FastifyReply {
  const encoding = encodingFor(headers['accept-encoding'], new Set(encodings.keys()));
  const file = encodings.get(encoding);
  if (file === undefined) throw new Error(`a file of the page has no encoding ${encoding}`);
  void reply.headers({ ...HEADERS, 'cache-control': caching, etag: file.etag });
  if (hasAlready(headers['if-none-match'], file.etag)) return reply.code(304).send();
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply.type(type).send(file.content);
}
