import type { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Principal, Role } from './guard/principal.ts';
import type { ServerUseCases } from './use-cases.ts';

/**
 * A group of routes, registered with a scope of its own (`app.register`), behind the guard: a handler is called only for who may.
 * Every route says in its `config` whether it `changes` anything: `app.get('/x', { config: { changes: false } }, ...)`; a route
 * that does not say so is refused at start.
 */
export type ServerPlugin = (app: FastifyInstance, context: PluginContext) => Promise<void>;

export interface PluginContext {
  readonly use: ServerUseCases;
  readonly sockets: WebSocketRoutes;
  /** Aborted when the server ends: streams and sockets that go on and on end with it. */
  readonly closing: AbortSignal;
}

/** Routes of WebSockets: Fastify has no part in an upgrade, the guard has. */
export interface WebSocketRoutes {
  /** `path` is exact, or has segments like `:run`. `open` gets the socket once it stands; what it throws closes the socket. */
  add(path: string, options: RouteDemands, open: (socket: WebSocket, request: SocketRequest) => void): void;
}

export interface SocketRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly principal: Principal;
  /** What lies below the socket, for who writes many frames at once; whole ones only, and none once the socket closes. */
  readonly stream: Writable;
  /** Aborted when the socket is closed, by whom ever, and when the server ends. */
  readonly signal: AbortSignal;
}

/** What a route demands of who asks. */
export interface RouteDemands {
  /** Hosts, spec, state or runs are changed: needs the role `operate` and leaves a line in the audit log. */
  readonly changes: boolean;
  /** `operate` where nothing is changed, but others are kept from working meanwhile; no line in the audit log then. Default: by `changes`. */
  readonly role?: Role;
  /** Needs no token where tokens are asked for: what holds nothing of the cluster (assets of the page, `/healthz`). */
  readonly open?: boolean;
}

declare module 'fastify' {
  // What a route's `config` holds.
  interface FastifyContextConfig extends Partial<RouteDemands> {}
  interface FastifyRequest {
    /** Who asks; the guard sets it. */
    principal: Principal;
    /** For the audit line of this request: `run 20261120T101530-4f2a`. */
    auditNote: string | null;
  }
}
