import type { Duplex } from 'node:stream';
import { HostError } from '../../src/host/connection.ts';
import { forward } from './forward.ts';
import { logIn } from './login.ts';
import type { Login, LoginSurroundings } from './login.ts';
import { connectTcp, noAnswer } from './tcp.ts';
import type { Target } from './target.ts';

/** How a target's TCP connection is made: directly, or through jump hosts. */
export interface Route {
  open(): Promise<Duplex>;
  /** The jump hosts are not needed any more. */
  release(): void;
}

/**
 * Routes to targets. Targets behind the same jump hosts share one login there: a hundred at once would be more than an
 * sshd lets in (MaxStartups), and forwards are not limited.
 */
export interface Routes {
  to(target: Target, signal: AbortSignal | undefined): Promise<Route>;
}

interface SharedLogin {
  readonly login: Promise<Login>;
  users: number;
}

export function routes(surroundings: LoginSurroundings): Routes {
  const shared = new Map<string, SharedLogin>();

  async function to(target: Target, signal: AbortSignal | undefined): Promise<Route> {
    if (target.jumps.length === 0) return { open: () => connectTcp(target, signal), release: () => {} };
    const key = JSON.stringify(target.jumps);
    const login = shared.get(key) ?? share(key, target.jumps);
    login.users++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      if (--login.users > 0) return;
      if (shared.get(key) === login) shared.delete(key);
      login.login.then(
        ({ client }) => client.end(),
        () => {},
      );
    };
    try {
      const last = await login.login;
      return { open: () => through(last, target, signal), release };
    } catch (error) {
      release();
      throw behind(target, error);
    }
  }

  /** Logs in to a chain of jump hosts. One user's abort does not end it: others may wait for it. */
  function share(key: string, jumps: readonly Target[]): SharedLogin {
    const connect = async (): Promise<Login> => {
      const last = jumps[jumps.length - 1];
      if (last === undefined) throw new Error('a chain of jump hosts is never empty');
      const route = await to({ ...last, jumps: jumps.slice(0, -1) }, undefined);
      try {
        const login = await logIn(last, () => route.open(), surroundings, undefined);
        // Whatever breaks it, those behind it see their own connection end.
        login.client.on('error', () => {});
        login.client.on('close', () => {
          if (shared.get(key) === entry) shared.delete(key);
          route.release();
        });
        await login.recordKey();
        return login;
      } catch (error) {
        route.release();
        throw error;
      }
    };
    const entry: SharedLogin = { login: connect(), users: 0 };
    entry.login.catch(() => {
      if (shared.get(key) === entry) shared.delete(key);
    });
    shared.set(key, entry);
    return entry;
  }

  return { to };
}

/** A connection that the jump host makes; it gives up by itself only after minutes. */
async function through(login: Login, target: Target, signal: AbortSignal | undefined): Promise<Duplex> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(noAnswer(target)), target.connectTimeoutMs);
  const limit = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  const { address, port } = target;
  const last = target.jumps[target.jumps.length - 1];
  try {
    return await new Promise((resolve, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason as Error), { once: true });
      forward(login, {
        host: last?.host ?? target.host,
        address,
        port,
        signal: limit,
        lost: () => undefined,
      }).then(resolve, reject);
    });
  } catch (error) {
    if (signal?.aborted === true)
      throw new HostError(target.host, 'cancelled', `the work on ${target.host} was cancelled`);
    throw behind(target, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The fault of a jump host, as what it means for the target: the same kind, and the host the user has asked for. */
function behind(target: Target, error: unknown): unknown {
  if (!(error instanceof HostError) || error.host === target.host) return error;
  return new HostError(
    target.host,
    error.kind,
    `on the way to ${target.host}: ${error.message}`,
    error.remedy,
    { cause: error },
  );
}
