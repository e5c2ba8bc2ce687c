import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientCallback, ClientChannel } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import type { Login } from './login.ts';
import type { Slots } from './slots.ts';

export interface SessionOptions {
  readonly host: string;
  readonly sessions: Slots;
  readonly signal: AbortSignal;
  readonly lost: () => HostError | undefined;
}

/** A command with a terminal of its own; without a command: the login shell. */
export interface TerminalWork {
  readonly command: string | null;
  readonly type: string;
  readonly columns: number;
  readonly rows: number;
  /** Sent ahead; a server takes of it what its AcceptEnv names. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Pauses before a channel is asked for again, where the server refuses although we hold none: programs that we gave up may still run. */
const RETRY_DELAYS_MS = [50, 100, 200, 400, 800];

/** Reasons of a refused channel (RFC 4254, 5.1). OpenSSH says "connect failed" when MaxSessions is reached. */
export const OPEN_REFUSED = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const;

/**
 * A session channel that runs a command, at a terminal if wanted; waits for its turn where the server allows no more at once.
 * `take` is given the channel in the very moment it opens: a short program's exit code may follow in the same packet, and is
 * lost to who listens later.
 */
export async function openSession<T>(
  { client }: Login,
  work: string | TerminalWork,
  { host, sessions, signal, lost }: SessionOptions,
  take: (channel: ClientChannel) => T,
): Promise<{ taken: T; release: () => void }> {
  for (let alone = 0; ;) {
    const release = await sessions.acquire(signal);
    const gone = lost();
    if (gone !== undefined) {
      release();
      throw gone;
    }
    try {
      return { taken: await start(client, work, signal, take), release };
    } catch (cause) {
      const broken = lost();
      const { reason } = cause as { reason?: number };
      const isFull = reason === OPEN_REFUSED.connectFailed || reason === OPEN_REFUSED.shortage;
      const othersRun = isFull && sessions.shrink();
      release();
      if (signal.aborted) throw signal.reason;
      if (broken !== undefined) throw broken;
      if (othersRun) continue;
      const delayMs = RETRY_DELAYS_MS[alone++];
      if (!isFull || delayMs === undefined) throw sessionRefused(host, cause);
      await sleep(delayMs);
    }
  }
}

type Client = Login['client'];

function start<T>(
  client: Client,
  work: string | TerminalWork,
  signal: AbortSignal,
  take: (channel: ClientChannel) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // Throws when the connection has just gone.
    request(client, work, (error, channel) => {
      if (error) return reject(error);
      if (signal.aborted) {
        // Nobody waits for it any more.
        channel.close();
        channel.resume();
        channel.stderr.resume();
        return reject(signal.reason as Error);
      }
      // A consumer that does not listen for errors must not bring the process down.
      channel.on('error', () => {});
      resolve(take(channel));
    });
  });
}

function request(client: Client, work: string | TerminalWork, done: ClientCallback): void {
  if (typeof work === 'string') {
    client.exec(work, done);
    return;
  }
  const { command, type, columns, rows, environment } = work;
  const pty = { term: type, cols: columns, rows, width: 0, height: 0 };
  const env = { ...environment };
  if (command === null) client.shell(pty, { env }, done);
  else client.exec(command, { pty, env }, done);
}

function sessionRefused(host: string, cause: unknown): HostError {
  const text = cause instanceof Error ? cause.message : 'the request was refused';
  // `Not connected` and its like: the socket is half closed and its end will be told soon.
  const kind = /not connected|no response/i.test(text) ? 'lost' : 'protocol';
  return new HostError(
    host,
    kind,
    `${host} does not run programs for us: ${text}`,
    kind === 'protocol'
      ? 'Check MaxSessions and ForceCommand in its sshd_config, and the shell of the user.'
      : '',
    { cause },
  );
}
