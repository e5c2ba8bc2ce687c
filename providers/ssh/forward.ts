import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import type { HostErrorKind } from '../../src/host/connection.ts';
import { OPEN_REFUSED } from './channels.ts';
import type { Login } from './login.ts';

export interface ForwardOptions {
  /** The host the connection is made from. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly signal: AbortSignal | undefined;
  readonly lost: () => HostError | undefined;
}

/** A TCP connection that the host makes. */
export function forward(login: Login, options: ForwardOptions): Promise<Duplex> {
  const { address, port, signal, lost } = options;
  return new Promise((resolve, reject) => {
    const gone = lost();
    if (gone !== undefined) return reject(gone);
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const opened = (error: Error | undefined, channel: ClientChannel): void => {
      if (error !== undefined) return reject(lost() ?? forwardError(options, error));
      channel.on('error', () => {});
      if (signal?.aborted === true) {
        channel.close();
        return reject(signal.reason as Error);
      }
      resolve(channel);
    };
    try {
      login.client.forwardOut('127.0.0.1', 0, address, port, opened);
    } catch (cause) {
      reject(
        new HostError(options.host, 'lost', `the connection to ${options.host} is closing`, '', { cause }),
      );
    }
  });
}

function forwardError(
  { host, address, port }: ForwardOptions,
  cause: Error & { reason?: number },
): HostError {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  if (cause.reason === OPEN_REFUSED.prohibited || cause.reason === OPEN_REFUSED.unknownType)
    return new HostError(
      host,
      'forward-refused',
      `${host} does not let us connect to ${place} from it`,
      `Allow it in sshd_config of ${host}: AllowTcpForwarding yes (or local), and no PermitOpen or DisableForwarding against it.`,
      { cause },
    );
  // The reason is "connect failed" for all; the description is the system's.
  const kinds: readonly (readonly [RegExp, HostErrorKind])[] = [
    [/refused/i, 'refused'],
    [/timed? ?out/i, 'timeout'],
    [/no route|unreachable|not known|resolve|resolution/i, 'unreachable'],
  ];
  const kind = kinds.find(([expression]) => expression.test(cause.message))?.[1] ?? 'refused';
  const text = cause.message.replace('(SSH) Channel open failure: ', '');
  return new HostError(host, kind, `${host} cannot connect to ${place}: ${text}`, '', { cause });
}
