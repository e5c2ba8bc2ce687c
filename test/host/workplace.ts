import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localProvider } from '../../providers/local/local.ts';
import { HostError } from '../../src/host/connection.ts';
import type { Connection } from '../../src/host/connection.ts';
import { openHostSession } from '../../src/host/open-session.ts';
import type { ScriptEvent, ScriptOutcome, ScriptStep } from '../../src/host/script.ts';
import type { HostSession, RunOptions, SessionOptions, SessionScript } from '../../src/host/session.ts';

export const HOST = '127.0.1.1';

/** A host of the local provider in a directory of its own, with connections that can be cut. */
export interface Workplace {
  readonly directory: string;
  readonly stateDir: string;
  readonly secretsDir: string;
  session(options?: Partial<SessionOptions>): HostSession;
  /** Breaks every open connection, as a network does; connecting fails for so long. */
  cut(outageMs?: number): Promise<void>;
  readonly connections: number;
  /** What the test itself keeps on the host. */
  readonly notes: string;
  noted(name: string): Promise<string>;
  /** Path of every file that slipway has on the host. */
  left(): readonly string[];
  remove(): Promise<void>;
}

export async function makeWorkplace(): Promise<Workplace> {
  const directory = await mkdtemp(path.join(tmpdir(), 'slipway-host-'));
  const notes = path.join(directory, 'notes');
  await mkdir(notes);
  const provider = localProvider(directory);
  const { stateDir, secretsDir } = provider.layout({ host: HOST });
  const open = new Set<Connection>();
  const sessions: HostSession[] = [];
  let connections = 0;
  let reachableAt = 0;
  const connect = async (host: string): Promise<Connection> => {
    if (Date.now() < reachableAt) throw new HostError(host, 'unreachable', `no route to ${host}`);
    const connection = await provider.connect({ host }, {});
    connections += 1;
    open.add(connection);
    return connection;
  };
  return {
    directory,
    stateDir,
    secretsDir,
    notes,
    session: (options = {}) => {
      const session = openHostSession({
        host: HOST,
        connect,
        lineage: 'lineage-1',
        run: 'run-1',
        owner: 'ann@desk',
        expectedToken: null,
        onRetry: () => undefined,
        aliveMs: 200,
        ...options,
      });
      sessions.push(session);
      return session;
    },
    cut: async (outageMs = 0) => {
      reachableAt = Date.now() + outageMs;
      const cutOff = [...open];
      open.clear();
      await Promise.all(cutOff.map((connection) => connection.close()));
    },
    get connections() {
      return connections;
    },
    noted: (name) => readFile(path.join(notes, name), 'utf8').catch(() => ''),
    left: () => {
      const root = path.join(directory, '.slipway');
      while (existsSync(root)) {
        try {
          return (readdirSync(root, { recursive: true }) as string[]).sort();
        } catch (error) {
          // A script that has told its end is still tidying up: what it removes under the listing is gone anyway.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
      }
      return [];
    },
    remove: async () => {
      await Promise.all(sessions.map((session) => session.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function script(steps: readonly ScriptStep[], changes: Partial<SessionScript> = {}): SessionScript {
  return { instance: `app@${HOST}`, functions: '', steps, secrets: new Map(), ...changes };
}

/** One step that does this. */
export function step(body: string, id = 'script.it'): ScriptStep {
  return { id, body };
}

export interface Ran {
  readonly outcome: ScriptOutcome;
  readonly events: readonly ScriptEvent[];
  readonly lines: readonly string[];
}

export async function run(
  session: HostSession,
  what: SessionScript | string,
  options: Partial<RunOptions> = {},
): Promise<Ran> {
  const events: ScriptEvent[] = [];
  const outcome = await session.run(typeof what === 'string' ? script([step(what)]) : what, {
    blobs: [],
    release: false,
    ...options,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  const lines = events.flatMap((event) => (event.type === 'output' ? [event.line] : []));
  return { outcome, events, lines };
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'it',
  timeoutMs = 10_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await sleep(20);
  }
}
