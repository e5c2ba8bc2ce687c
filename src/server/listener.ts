import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { ServeOptions } from '../app/serve/serve-options.ts';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';

/** Bytes of a request's body, of its headers together. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** Connections that are open at once: past it some make room for others (guard/crowd.ts). */
export const MAX_CONNECTIONS = 1024;
/** To send all headers of a request, from the connection's first moment on, and the whole request. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 30_000;
/** How often the two are looked at. */
const CHECK_MS = 1_000;

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads certificate and key. Throws `DiagnosticsError` when they cannot be read, or are none. */
export async function readCertificate({
  certFile,
  keyFile,
}: NonNullable<ServeOptions['tls']>): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const detail = `${certFile}, ${keyFile}: ${error instanceof Error ? error.message : String(error)}`;
    throw new DiagnosticsError([runError('The certificate cannot be used', detail)]);
  }
}

/** Greets those who connect from now on with this certificate; who is connected already stays so. */
export function renewCertificate(server: Server, certificate: Certificate): void {
  if (server instanceof TlsServer) server.setSecureContext(certificate);
}

/** A server that no slow, large or lingering client takes from the others. */
export function createListener(certificate: Certificate | null, listener: RequestListener): Server {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: true,
    insecureHTTPParser: false,
    // Peers that vanished without a word are found out by the kernel.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const server =
    certificate === null
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...certificate, handshakeTimeout: HEADERS_MS }, listener);
  // Those that make room are closed a moment later. Past this nobody is let in at all.
  server.maxConnections = 2 * MAX_CONNECTIONS;
  return server;
}
