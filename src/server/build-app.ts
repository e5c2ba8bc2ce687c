import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { errorBody, asHttpError } from './errors.ts';
import type { Guard } from './guard/guard.ts';
import { isAllowedOrigin } from './guard/origin.ts';
import type { Principal } from './guard/principal.ts';
import { HttpError } from './http-error.ts';
import { parseJsonBody } from './json-body.ts';
import { MAX_BODY_BYTES } from './listener.ts';
import { giveUpUnread, type Patience } from './patience.ts';
import type { PluginContext, ServerPlugin } from './plugin.ts';
import type { AuditLine } from './use-cases.ts';

export interface AppOptions {
  readonly guard: Guard;
  readonly allowOrigins: readonly string[];
  readonly createServer: (listener: RequestListener) => Server;
  /** Something that nobody foresaw. */
  readonly onBug: (error: unknown) => void;
  readonly patience: Patience;
}

/** For what is not a page; a page says otherwise for itself. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export interface BuiltApp {
  readonly app: FastifyInstance;
  /** Resolves when all requests that change something have ended, one way or another, and the audit log was told. */
  readonly answered: () => Promise<void>;
}

/** The routes of all plugins behind the guard. Rejects when one of them does not say whether it changes anything. */
export async function buildApp(
  { guard, allowOrigins, createServer, onBug, patience }: AppOptions,
  plugins: readonly ServerPlugin[],
  context: PluginContext,
): Promise<BuiltApp> {
  const answer = (reply: FastifyReply, error: HttpError): FastifyReply =>
    reply
      .code(error.status)
      .headers(error.more.headers ?? {})
      .send(errorBody(error));
  const app = fastify({
    serverFactory: createServer,
    logger: false,
    trustProxy: false,
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    return503OnClosing: true,
    // What nobody knows is refused, not overlooked.
    ajv: { customOptions: { removeAdditional: false } },
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, _request, reply) => void answer(reply, asHttpError(error, onBug)),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
      const [status, words] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'Bad Request'];
      const body = JSON.stringify({ error: { summary: 'The request cannot be read', detail: words } });
      const head = [`HTTP/1.1 ${status} ${words}`, 'content-type: application/json', 'connection: close'];
      socket.end([...head, `content-length: ${body.length}`, '', body].join('\r\n'));
    },
  });
  // Old clients send a body with GET.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.decorateRequest('principal');
  app.decorateRequest('auditNote', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, (body as Buffer).length === 0 ? undefined : parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });

  const changing = new Set<Promise<void>>();
  /** However it ends: an answer, a refusal, or a client that leaves. */
  const watchChange = (request: FastifyRequest, reply: FastifyReply): void => {
    const ended = new Promise<void>((resolve) => reply.raw.once('close', resolve)).then(() => {
      context.use.audit(auditLine(request, reply, context.use.clock()));
      changing.delete(ended);
    });
    changing.add(ended);
  };
  app.addHook('onRoute', (route) => {
    if (typeof route.config?.changes !== 'boolean')
      throw new Error(`route ${String(route.method)} ${route.url} does not say whether it changes anything`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const { changes = false, role, open = false } = request.routeOptions.config;
    if (changes) watchChange(request, reply);
    giveUpUnread(reply.raw, patience);
    void reply.headers(HEADERS);
    // Some clients name a type with every request: where there is no body it says nothing.
    if (!hasBody(request.raw)) delete request.raw.headers['content-type'];
    const { origin } = request.headers;
    const foreign = origin !== undefined && isAllowedOrigin(origin, { allowOrigins });
    if (foreign) void reply.headers(crossOriginHeaders(origin));
    const isPreflight = foreign && request.method === 'OPTIONS';
    try {
      const demands = isPreflight ? { changes: false, open: true } : { changes, open, ...(role && { role }) };
      request.principal = await guard.admit(request.raw, demands);
    } catch (error) {
      // The audit log names whom it was that was refused.
      if (error instanceof HttpError && error.more.principal !== undefined)
        request.principal = error.more.principal;
      throw error;
    }
    if (isPreflight) return reply.code(204).send();
    return undefined;
  });
  app.setErrorHandler((error, _request, reply) => answer(reply, asHttpError(error, onBug)));
  app.setNotFoundHandler((request, reply) =>
    answer(
      reply,
      new HttpError(404, 'There is no such route', `${request.method} ${pathOf(request.raw)} leads nowhere.`),
    ),
  );
  for (const plugin of plugins) await app.register((scope) => plugin(scope, context));
  await app.ready();
  return { app, answered: async () => void (await Promise.all(changing)) };
}

/** What Node could not read, by its own codes. */
const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

function crossOriginHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'authorization, content-type, last-event-id',
    'access-control-allow-methods': 'GET, POST, PUT, DELETE',
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  };
}

function auditLine(request: FastifyRequest, reply: FastifyReply, timeMs: number): AuditLine {
  const status = reply.raw.headersSent ? reply.statusCode : null;
  return {
    ...auditOf(request.raw, request.principal as Principal | undefined, status, timeMs),
    ...(request.auditNote === null ? {} : { note: request.auditNote }),
  };
}

/** Who asked for what, and what was answered. */
export function auditOf(
  request: IncomingMessage,
  principal: Principal | null | undefined,
  status: number | null,
  timeMs: number,
): AuditLine {
  return {
    time: new Date(timeMs).toISOString(),
    peer: principal?.address ?? request.socket.remoteAddress ?? '',
    who: principal?.name ?? null,
    method: request.method ?? '',
    route: pathOf(request),
    status,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) !== 0;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0]?.slice(0, 300) ?? '';
}
