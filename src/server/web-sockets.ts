import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { errorBody } from './errors.ts';
import type { Guard } from './guard/guard.ts';
import type { Principal } from './guard/principal.ts';
import { HttpError } from './http-error.ts';
import { giveUpSilent, type Patience } from './patience.ts';
import type { RouteDemands, SocketRequest, WebSocketRoutes } from './plugin.ts';

/** What somebody may send us over a socket in one message: nobody has much to say. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** "Going away" (RFC 6455, 7.4.1), and how long a client may take to answer it. */
const GOING_AWAY = 1001;
const FAREWELL_MS = 1_000;

interface Route {
  readonly segments: readonly string[];
  readonly demands: RouteDemands;
  readonly open: (socket: WebSocket, request: SocketRequest) => void;
}

export interface WebSockets extends WebSocketRoutes {
  /** Takes the upgrades of a server. */
  attach(server: Server): void;
  count(): number;
  /** Says farewell to all; resolves when they are gone. */
  close(): Promise<void>;
}

export interface WebSocketOptions {
  readonly guard: Guard;
  readonly closing: AbortSignal;
  /** An upgrade of a route that changes something was answered so. */
  readonly onChange: (request: IncomingMessage, principal: Principal | null, status: number) => void;
  readonly asHttpError: (error: unknown) => HttpError;
  readonly patience: Patience;
}

export function createWebSockets({
  guard,
  closing,
  onChange,
  asHttpError,
  patience,
}: WebSocketOptions): WebSockets {
  const routes: Route[] = [];
  const sockets = new Set<WebSocket>();
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // Compression takes memory for each socket, and helps who wants to guess a secret in a stream.
    perMessageDeflate: false,
    handleProtocols: chooseProtocol,
  });

  function find(pathname: string): { route: Route; params: Record<string, string> } {
    for (const route of routes) {
      const params = matchPath(route.segments, pathname);
      if (params !== null) return { route, params };
    }
    throw new HttpError(404, 'There is no such WebSocket', `Nothing is served at ${pathname}.`);
  }

  async function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    if (request.method !== 'GET')
      throw new HttpError(400, 'A WebSocket is asked for by GET', `The method is ${request.method}.`);
    // The target begins with a slash, or the guard refuses it.
    const [pathname = '/', query = ''] = (request.url ?? '/').split('?', 2);
    let found: ReturnType<typeof find> | HttpError;
    try {
      found = find(pathname);
    } catch (error) {
      found = asHttpError(error);
    }
    // A stranger is not told what there is.
    const demands = found instanceof HttpError ? { changes: false } : found.route.demands;
    let principal: Principal;
    try {
      principal = await guard.admit(request, demands);
    } catch (error) {
      const refusal = asHttpError(error);
      if (demands.changes) onChange(request, refusal.more.principal ?? null, refusal.status);
      throw refusal;
    }
    if (found instanceof HttpError) throw found;
    const { route, params } = found;
    if (stream.destroyed) return;
    acceptor.handleUpgrade(request, stream, head, (socket) => {
      if (demands.changes) onChange(request, principal, 101);
      const ended = new AbortController();
      sockets.add(socket);
      socket.on('error', () => socket.terminate());
      socket.once('close', () => {
        sockets.delete(socket);
        ended.abort();
      });
      giveUpSilent(socket, stream as Socket, patience);
      const signal = AbortSignal.any([ended.signal, closing]);
      try {
        route.open(socket, { params, query: new URLSearchParams(query), principal, stream, signal });
      } catch (error) {
        asHttpError(error);
        socket.close(1011);
      }
    });
  }

  return {
    add(path, demands, open) {
      routes.push({ segments: path.split('/'), demands, open });
    },
    attach(server) {
      server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        if (!isWebSocket(request)) return serveAsItIs(server, request, stream, head);
        const gone = (): void => void stream.destroy();
        stream.on('error', gone);
        upgrade(request, stream, head).catch((error: unknown) => refuse(stream, asHttpError(error)));
      });
    },
    count: () => sockets.size,
    async close() {
      const farewells = [...sockets].map(
        (socket) =>
          new Promise<void>((resolve) => {
            // Who does not read does not see it.
            const timer = setTimeout(() => socket.terminate(), FAREWELL_MS);
            socket.once('close', () => {
              clearTimeout(timer);
              resolve();
            });
            socket.close(GOING_AWAY, 'the server ends');
          }),
      );
      await Promise.all(farewells);
    },
  };
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** What belongs to the upgrade alone. */
const OF_UPGRADE = ['upgrade', 'connection', 'http2-settings'];

/**
 * Some clients offer another protocol with each request (`Upgrade: h2c`), which a server may pass over (RFC 9110, 7.8). Node gives every upgrade to its
 * listener: the request goes back to the server without its offer, with whatever follows it.
 */
function serveAsItIs(server: Server, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  // Once for each connection.
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'Connection: close'];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (!OF_UPGRADE.includes((rawHeaders[at] ?? '').toLowerCase()))
      lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  stream.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(stream instanceof TLSSocket ? 'secureConnection' : 'connection', stream);
}

/** Browsers want one of the protocols they offered back: one that is no token, as far as there is any. */
function chooseProtocol(offered: Set<string>): string | false {
  const [first] = offered;
  return [...offered].find((protocol) => !protocol.startsWith('bearer.')) ?? first ?? false;
}

/** Values of the segments like `:run`; null when the path is another. Throws `HttpError` when it is not spelt right. */
export function matchPath(segments: readonly string[], pathname: string): Record<string, string> | null {
  const given = pathname.split('/');
  if (given.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const text = given[at] ?? '';
    if (segment.startsWith(':')) {
      if (text === '') return null;
      params[segment.slice(1)] = decoded(text);
    } else if (segment !== text) return null;
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpError(400, 'The path is not spelt right', 'A percent sign is followed by two digits.');
  }
}

function refuse(stream: Duplex, error: HttpError): void {
  if (stream.destroyed) return;
  const body = JSON.stringify(errorBody(error));
  const headers = {
    ...error.more.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  stream.end(
    [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`, ...lines, '', body].join('\r\n'),
    () => stream.destroy(),
  );
}
