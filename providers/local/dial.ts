import net from 'node:net';
import { HostError } from '../../src/host/connection.ts';
import type { HostErrorKind } from '../../src/host/connection.ts';

const KINDS: Readonly<Record<string, HostErrorKind>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
};

/** A TCP connection of this machine, with the errors of a `Connection`. */
export function dialFrom(
  host: string,
  address: string,
  port: number,
  { timeoutMs, signal }: { timeoutMs?: number; signal?: AbortSignal },
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const target = `${address}:${port}`;
    const socket = net.connect({ host: address, port });
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
    };
    const fail = (kind: HostErrorKind, message: string, cause?: unknown): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(new HostError(host, kind, message, '', { cause }));
    };
    const onAbort = (): void => fail('cancelled', `connecting to ${target} was given up on request`);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      fail(KINDS[error.code ?? ''] ?? 'unreachable', `cannot connect to ${target}: ${error.message}`, error);
    });
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => fail('timeout', `no answer from ${target} within ${timeoutMs} ms`), timeoutMs);
    }
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
