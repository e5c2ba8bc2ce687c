import { X509Certificate } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { RunningServer, Serve, ServeOptions } from '../app/serve/serve-options.ts';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import { auditOf, buildApp } from './build-app.ts';
import { asHttpError } from './errors.ts';
import { createGuard, type Guard } from './guard/guard.ts';
import { isLoopback } from './guard/socket-owner.ts';
import { tokenFile } from './guard/tokens.ts';
import { healthRoutes } from './health.ts';
import { createListener, readCertificate, renewCertificate } from './listener.ts';
import { openUseCases } from './open-use-cases.ts';
import { PATIENCE, type Patience } from './patience.ts';
import type { PluginContext, ServerPlugin } from './plugin.ts';
import { PLUGINS } from './plugins.ts';
import type { ServerUseCases } from './use-cases.ts';
import { createWebSockets } from './web-sockets.ts';

/** Answers that are under way when the server ends may take so long. */
const FAREWELL_MS = 1_000;

/** Serves a working directory with all routes. Rejects as `startServer` does. */
export const serve: Serve = async (options, ground) => {
  const use = openUseCases(ground);
  try {
    const server = await startServer(options, use, { plugins: PLUGINS, onProblem: ground.onProblem });
    return {
      ...server,
      async close(mode) {
        await server.close(mode);
        await use.close();
      },
    };
  } catch (error) {
    await use.close();
    throw error;
  }
};

export interface ServerParts {
  readonly plugins: readonly ServerPlugin[];
  /** A line for the server's own log. */
  readonly onProblem: (message: string) => void;
  /** For tests. */
  readonly patience?: Patience;
}

/**
 * Listens, with these groups of routes behind the guard. Rejects with `DiagnosticsError` when the options do not go together (before
 * anything is listened to), or the address cannot be had.
 */
export async function startServer(
  options: ServeOptions,
  use: ServerUseCases,
  { plugins, onProblem, patience = PATIENCE }: ServerParts,
): Promise<RunningServer> {
  refuseUnsafe(options);
  const certificate = options.tls === null ? null : await readCertificate(options.tls);
  const guard = await guardOf(options, onProblem);
  const onBug = (error: unknown): void =>
    onProblem(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const closing = new AbortController();
  // Of all streams, sockets and requests that go on.
  setMaxListeners(0, closing.signal);
  const sockets = createWebSockets({
    guard,
    closing: closing.signal,
    onChange: (request, principal, status) => use.audit(auditOf(request, principal, status, use.clock())),
    asHttpError: (error) => asHttpError(error, onBug),
    patience,
  });
  let server: Server | undefined;
  const createServer = (listener: Parameters<typeof createListener>[1]): Server =>
    (server = createListener(certificate, listener));
  const connections = {
    all: () =>
      new Promise<number>(
        (resolve) => server?.getConnections((_error, count) => resolve(count)) ?? resolve(0),
      ),
    webSockets: sockets.count,
  };
  const context: PluginContext = { use, sockets, closing: closing.signal };
  const { app, answered } = await buildApp(
    { guard, allowOrigins: options.allowOrigins, createServer, onBug, patience },
    [healthRoutes(connections), ...plugins],
    context,
  );
  app.server.on('connection', (socket) => guard.onConnection(socket));
  sockets.attach(app.server);
  // Before the address is listened to: who asks at once is answered.
  const interrupted = await use.interruptedRun().catch(() => null);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw cannotListen(options, error);
  }
  const { port } = app.server.address() as AddressInfo;
  const host = isIP(options.host) === 6 ? `[${options.host}]` : options.host;

  let ended: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    closing.abort();
    await sockets.close();
    const timer = setTimeout(() => app.server.closeAllConnections(), FAREWELL_MS);
    await app.close();
    clearTimeout(timer);
    await answered();
  };
  return {
    url: `${certificate === null ? 'http' : 'https'}://${host}:${port}`,
    port,
    interrupted,
    async renewCertificate() {
      if (options.tls === null) return null;
      const renewed = await readCertificate(options.tls);
      renewCertificate(app.server, renewed);
      return new Date(new X509Certificate(renewed.cert).validTo);
    },
    async close(mode) {
      // Until the run has ended it can be watched, and asked for.
      await use.desk.stop(mode);
      await (ended ??= end());
    },
  };
}

/** What would let in whom nobody meant to let in. */
function refuseUnsafe({ host, tokenFile: tokens, tls, insecure }: ServeOptions): void {
  const wrong = (summary: string, detail: string): never => {
    throw new DiagnosticsError([runError(summary, detail)]);
  };
  if (isIP(host) === 0)
    wrong('Not an address', `--listen takes an address of this machine and a port, such as 127.0.0.1:50000.`);
  if (!isLoopback(host)) {
    if (tokens === null)
      wrong(
        `Everybody could reach ${host}`,
        'On another address than loopback --token-file is needed: it says who may read and who may operate.',
      );
    if (tls === null && !insecure)
      wrong(
        `Tokens would go to ${host} in the clear`,
        'Give --tls-cert and --tls-key; or --insecure, where something else encrypts what comes here.',
      );
  }
  if (tokens === null && (process.getuid === undefined || !existsSync('/proc/net/tcp')))
    wrong(
      'Users cannot be told apart on this system',
      'Without --token-file only our own user is served, by /proc/net/tcp, which is not here. Give --token-file.',
    );
}

async function guardOf(options: ServeOptions, onProblem: (message: string) => void): Promise<Guard> {
  const { tokenFile: file, host, allowHosts } = options;
  return createGuard({
    scheme: options.tls === null ? 'http' : 'https',
    listenHost: host,
    allowHosts,
    allowOrigins: options.allowOrigins.map((origin) => origin.toLowerCase()),
    tokens: file === null ? null : await tokenFile(file, onProblem),
    uid: process.getuid?.() ?? -1,
  });
}

function cannotListen({ host, port }: ServeOptions, error: unknown): DiagnosticsError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'Another program listens there. Stop it, or give another port with --listen.',
    EADDRNOTAVAIL: 'This machine has no such address.',
    EACCES: "Ports below 1024 are root's. Give another one with --listen.",
  };
  const detail = why[code ?? ''] ?? message;
  return new DiagnosticsError([runError(`Cannot listen at ${host}:${port}`, detail)]);
}
