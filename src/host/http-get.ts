import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import net from 'node:net';
import type { Duplex } from 'node:stream';

export type HttpAnswer =
  { readonly status: number } | { readonly status: null; /** In a sentence. */ readonly why: string };

/**
 * The status that a GET of `url` brings over an open stream, which is used up. No redirect is followed. A certificate is
 * not verified: the question is whether the service answers, at an address its certificate seldom names. Never rejects.
 */
export function getOver(
  stream: Duplex,
  url: URL,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<HttpAnswer> {
  const secure = url.protocol === 'https:';
  const socket = secure ? encrypt(stream, url.hostname) : stream;
  return new Promise((resolve) => {
    const finish = (answer: HttpAnswer): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      stream.destroy();
      resolve(answer);
    };
    const onAbort = (): void => finish({ status: null, why: 'given up on request' });
    const onError = (error: Error): void => finish({ status: null, why: error.message });
    const timer = setTimeout(
      () => finish({ status: null, why: `no answer within ${timeoutMs} ms` }),
      timeoutMs,
    );
    stream.on('error', onError);
    socket.on('error', onError);
    const request = (secure ? https : http).request(
      url,
      {
        method: 'GET',
        // With an agent, were it `false`, Node would connect from here, and this would be left out.
        createConnection: () => socket as net.Socket,
        headers: { connection: 'close', 'user-agent': 'slipway', accept: '*/*' },
      },
      (response) => {
        response.on('error', () => undefined);
        finish({ status: response.statusCode ?? 0 });
      },
    );
    request.on('error', onError);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    request.end();
  });
}

function encrypt(stream: Duplex, hostname: string): tls.TLSSocket {
  const name = net.isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0 ? { servername: hostname } : {};
  return tls.connect({ socket: stream, rejectUnauthorized: false, ...name });
}
