import type { Duplex } from 'node:stream';
import { HostError } from '../../src/host/connection.ts';
import { HOST_KEY_TYPES, hostKeyFromBlob, signatureAlgorithms } from './host-key.ts';
import type { HostKey } from './host-key.ts';
import type { ClientError } from './login.ts';
import { cancelled, noAnswer, placeOf, socketError } from './tcp.ts';
import type { Target } from './target.ts';

/**
 * All host keys of a server, each proven by a key exchange of its own, as `ssh-keyscan` does; nobody logs in. Types the
 * server does not have are left out. Rejects when it has none that we know, or does not answer.
 */
export async function offeredKeys(
  target: Target,
  openSocket: () => Promise<Duplex>,
  signal: AbortSignal | undefined,
): Promise<HostKey[]> {
  const keys: HostKey[] = [];
  // One after the other: a host counts connections that do not log in, and refuses when there are many (MaxStartups).
  for (const type of HOST_KEY_TYPES) {
    const key = await offeredKey(target, await openSocket(), type, signal);
    if (key !== undefined) keys.push(key);
  }
  if (keys.length > 0) return keys;
  throw new HostError(
    target.host,
    'protocol',
    `${placeOf(target)} has no host key of a type that slipway knows (${HOST_KEY_TYPES.join(', ')})`,
    'Make one on the host: ssh-keygen -A',
  );
}

async function offeredKey(
  target: Target,
  socket: Duplex,
  type: string,
  signal: AbortSignal | undefined,
): Promise<HostKey | undefined> {
  const { Client } = await import('ssh2');
  const client = new Client();
  return new Promise((resolve, reject) => {
    let shown: HostKey | undefined;
    const timer = setTimeout(() => end(() => reject(noAnswer(target))), target.connectTimeoutMs);
    const abort = (): void => end(() => reject(cancelled(target.host, signal)));
    let ended = false;
    const end = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      client.end();
      socket.destroy();
      settle();
    };
    signal?.addEventListener('abort', abort, { once: true });
    // Only now has the server proven that the key is its own.
    client.on('handshake', () => end(() => resolve(shown)));
    client.on('error', (error: ClientError) =>
      end(() => {
        if (error.level === 'handshake') resolve(undefined);
        else if (error.level === 'client-socket') reject(socketError(target, error as NodeJS.ErrnoException));
        else
          reject(
            new HostError(
              target.host,
              'protocol',
              `cannot speak SSH with ${placeOf(target)}: ${error.message}`,
              '',
              { cause: error },
            ),
          );
      }),
    );
    client.on('close', () =>
      end(() => reject(new HostError(target.host, 'lost', `${placeOf(target)} closed the connection`))),
    );
    client.connect({
      sock: socket,
      username: target.user,
      readyTimeout: 0,
      algorithms: { serverHostKey: [...signatureAlgorithms(type)] as never },
      hostVerifier: (blob: Buffer) => {
        shown = hostKeyFromBlob(blob);
        return true;
      },
      // Not reached: the connection ends with the key exchange.
      authHandler: [],
    });
  });
}
