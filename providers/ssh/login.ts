import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import { authentication } from './authentication.ts';
import { batchWrites } from './batch-writes.ts';
import type { Authentication } from './authentication.ts';
import { HOST_KEY_TYPES } from './host-key.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { ignoreHostKeyProofs } from './host-key-proof.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { findIdentities } from './identities.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { KeyRing } from './private-key.ts';
import type { Prompter } from './prompter.ts';
import { cancelled, noAnswer, placeOf, socketError } from './tcp.ts';
import type { Target } from './target.ts';

/** An SSH client that is logged in. */
export interface Login {
  readonly client: Client;
  /** What carries it: for backpressure and to cut it off. */
  readonly socket: Duplex;
  /** Whether the host's key was known before. */
  readonly isKeyKnown: boolean;
  /** Records a key that was not known (`accept-new`). */
  recordKey(): Promise<void>;
}

export interface LoginSurroundings {
  readonly keyRing: KeyRing;
  readonly knownHosts: KnownHosts;
  readonly prompter: Prompter | undefined;
}

/** The server may ask a directory service, or delay after a wrong key: more patience than for a first answer. */
const LOGIN_TIMEOUT_MS = 30_000;
/** While a person types. sshd's own limit (LoginGraceTime). */
const PROMPT_TIMEOUT_MS = 120_000;

/** Verifies the server and logs in. `openSocket` is called again where a pinned key may be shown on a second attempt. */
export async function logIn(
  target: Target,
  openSocket: () => Promise<Duplex>,
  surroundings: LoginSurroundings,
  signal: AbortSignal | undefined,
): Promise<Login> {
  // Unusable keys are told before anything goes over the network.
  const identities = await findIdentities(target, surroundings.keyRing, surroundings.prompter);
  let types = HOST_KEY_TYPES;
  let refused: HostError | undefined;
  for (;;) {
    const check = await hostKeyCheck(target, surroundings.knownHosts, types);
    const { prompter } = surroundings;
    const auth = authentication({ target, identities, isKeyKnown: check.isKnown, prompter });
    const socket = await openSocket();
    try {
      const client = await handshake(target, socket, check, auth, prompter !== undefined, signal);
      keepAliveOnData(client, socket);
      return { client, socket, isKeyKnown: check.isKnown(), recordKey: () => check.record() };
    } catch (error) {
      refused ??= check.failure();
      types = check.otherTypes();
      if (types.length > 0) continue;
      throw refused ?? error;
    }
  }
}

async function handshake(
  target: Target,
  socket: Duplex,
  check: HostKeyCheck,
  auth: Authentication,
  mayPrompt: boolean,
  signal: AbortSignal | undefined,
): Promise<Client> {
  const { Client } = await import('ssh2');
  const client = new Client();
  return new Promise((resolve, reject) => {
    let authenticating = false;
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      return true;
    };
    const fail = (error: HostError): void => {
      if (!settle()) return;
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(cancelled(target.host, signal));
    let timer = setTimeout(() => fail(noAnswer(target)), target.connectTimeoutMs);
    client.on('handshake', () => {
      if (settled || authenticating) return;
      authenticating = true;
      clearTimeout(timer);
      const limitMs = Math.max(target.connectTimeoutMs, mayPrompt ? PROMPT_TIMEOUT_MS : LOGIN_TIMEOUT_MS);
      timer = setTimeout(() => fail(noAnswer(target)), limitMs);
    });
    client.on('error', (error: ClientError) => {
      // An agent that fails is one method less, not the end.
      if (error.level !== 'agent') fail(loginError(target, error, authenticating, auth, check));
    });
    client.on('close', () => fail(closedEarly(target)));
    client.on('ready', () => {
      if (settle()) resolve(client);
    });
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) return abort();
    batchWrites(socket);
    try {
      client.connect({
        sock: socket,
        username: target.user,
        readyTimeout: 0,
        keepaliveInterval: target.keepaliveIntervalMs,
        keepaliveCountMax: 3,
        algorithms: { serverHostKey: check.algorithms as never },
        hostVerifier: (blob: Buffer) => check.verify(blob),
        authHandler: auth.next,
      });
      ignoreHostKeyProofs(client);
    } catch (cause) {
      fail(new HostError(target.host, 'protocol', `cannot speak SSH with ${placeOf(target)}`, '', { cause }));
    }
  });
}

/** `level` is how ssh2 sorts its errors; `code` a number where the server ended the connection (RFC 4253, 11.1). */
export type ClientError = Error & { level?: string; code?: string | number };

function loginError(
  target: Target,
  error: ClientError,
  authenticating: boolean,
  auth: Authentication,
  check: HostKeyCheck,
): HostError {
  const refused = check.failure();
  if (refused !== undefined) return refused;
  if (error.level === 'client-authentication') return auth.failure();
  if (typeof error.code === 'number' && authenticating) {
    const { message } = auth.failure();
    return new HostError(
      target.host,
      'authentication',
      `${message}; the host ended it: ${error.message}`,
      'A server accepts few attempts: name the right key in private_key, or set agent = false where the agent holds many keys.',
      { cause: error },
    );
  }
  if (error.level === 'client-socket') return socketError(target, error as NodeJS.ErrnoException);
  if (error.level === 'client-timeout') return noAnswer(target, error);
  if (/^Connection lost/.test(error.message)) return closedEarly(target, error);
  return new HostError(
    target.host,
    'protocol',
    `cannot speak SSH with ${placeOf(target)}: ${error.message}`,
    'Check that an SSH server of this decade listens there, and port of provider "ssh".',
    { cause: error },
  );
}

function closedEarly(target: Target, cause?: unknown): HostError {
  return new HostError(
    target.host,
    'lost',
    `${placeOf(target)} closed the connection before the login was done`,
    'A busy server does that (MaxStartups), and one that refuses our address.',
    { cause },
  );
}

/**
 * ssh2 counts only answers to its keepalives as life. While a large upload fills a slow line these come late, so
 * whatever arrives counts. `_resetKA` is the one inner function of ssh2 that is used here; without it only that is lost.
 */
function keepAliveOnData(client: Client, socket: Duplex): void {
  const inner = client as unknown as { _resetKA?: () => void };
  let lastMs = 0;
  socket.on('data', () => {
    const nowMs = Date.now();
    if (nowMs - lastMs < 1000) return;
    lastMs = nowMs;
    inner._resetKA?.();
  });
}
