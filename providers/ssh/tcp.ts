import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { HostError } from '../../src/host/connection.ts';
import type { HostErrorKind } from '../../src/host/connection.ts';
import type { Target } from './target.ts';

const KINDS: Readonly<Record<string, HostErrorKind>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EAI_FAIL: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  EINVAL: 'unreachable',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ECONNABORTED: 'lost',
};

/** A TCP connection to the server, without Nagle's delay. */
export function connectTcp(target: Target, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(cancelled(target.host, signal));
    const socket = connect({
      host: target.address,
      port: target.port,
      noDelay: true,
      // Where a name has several addresses, Node leaves each a quarter of a second by default: too little for a far host.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2500, target.connectTimeoutMs / 2)),
    });
    const timer = setTimeout(() => fail(noAnswer(target)), target.connectTimeoutMs);
    const abort = (): void => fail(cancelled(target.host, signal));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeListener('error', onError);
    };
    const fail = (error: HostError): void => {
      settle();
      // What the socket still reports is of no interest any more, and must not crash the process.
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onError = (cause: NodeJS.ErrnoException): void => fail(socketError(target, cause));
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => {
      settle();
      // Until the SSH client listens.
      socket.on('error', () => {});
      socket.pause();
      resolve(socket);
    });
  });
}

/** A system error of a socket as what it means for the host. */
export function socketError(target: Target, cause: NodeJS.ErrnoException): HostError {
  const causes = cause instanceof AggregateError ? (cause.errors as NodeJS.ErrnoException[]) : [cause];
  const code = cause.code ?? causes[0]?.code ?? '';
  const kind = KINDS[code] ?? 'lost';
  const place = placeOf(target);
  switch (kind) {
    case 'refused':
      return new HostError(
        target.host,
        kind,
        `${place} refuses connections: no SSH server listens there`,
        'Check that sshd runs on the host, and port of provider "ssh".',
        { cause },
      );
    case 'timeout':
      return noAnswer(target, cause);
    case 'unreachable': {
      const why =
        code === 'ENOTFOUND' || code.startsWith('EAI_')
          ? 'its name has no address'
          : 'there is no route to it';
      return new HostError(
        target.host,
        kind,
        `${place} cannot be reached: ${why} (${code})`,
        'Check the address, and that the network is up.',
        { cause },
      );
    }
    default:
      return new HostError(target.host, kind, `the connection to ${place} broke: ${cause.message}`, '', {
        cause,
      });
  }
}

export function noAnswer(target: Target, cause?: unknown): HostError {
  return new HostError(
    target.host,
    'timeout',
    `${placeOf(target)} did not answer within ${target.connectTimeoutMs / 1000} s`,
    'Check that the host is up and that no firewall is between, or raise connect_timeout of provider "ssh".',
    { cause },
  );
}

export function cancelled(host: string, signal: AbortSignal | undefined): HostError {
  return new HostError(host, 'cancelled', `the work on ${host} was cancelled`, '', { cause: signal?.reason });
}

/** The host as the user names it, and where that is. */
export function placeOf(target: Target): string {
  const address = target.address.includes(':') ? `[${target.address}]` : target.address;
  const place = `${address}:${target.port}`;
  if (target.address === target.host) return target.port === 22 ? target.host : place;
  return `${target.host} (${place})`;
}
