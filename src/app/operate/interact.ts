import path from 'node:path';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { DiagnosticsError } from '../../diagnostics/diagnostic.ts';
import type { Connection, UserTerminal } from '../../host/connection.ts';
import { programOf } from './exec.ts';
import type { OpenCluster } from './open-cluster.ts';

/** Which host, and what to run there with a person before it. */
export interface Visit {
  readonly host: string;
  /** Where to begin, under `local`: the directory of an instance; null: the host's own. */
  readonly dir: string | null;
  /** As for `exec`; empty: a login shell. */
  readonly words: readonly string[];
  readonly asRoot: boolean;
}

/** Lends the terminal to a shell, or to a command, on a host until it ends. Rejects with `HostError`. */
export async function visitHost(
  cluster: OpenCluster,
  visit: Visit,
  terminal: UserTerminal,
  signal: AbortSignal,
): Promise<{ readonly code: number | null }> {
  const connection = await connectTo(cluster, visit.host);
  return connection.interact({ ...(await programFor(connection, visit)), terminal, signal });
}

/** The same without a terminal: the command's input and outputs are these streams, byte by byte. */
export async function pipeThroughHost(
  cluster: OpenCluster,
  visit: Visit,
  { stdin, stdout, stderr }: Pick<UserTerminal, 'stdin' | 'stdout' | 'stderr'>,
  signal: AbortSignal,
): Promise<{ readonly code: number | null }> {
  const connection = await connectTo(cluster, visit.host);
  const { program = 'exec sh', ...request } = await programFor(connection, visit);
  const stream = await connection.open({ program, ...request, signal });
  stream.stdin.on('error', () => undefined);
  stdin.pipe(stream.stdin);
  passOn(stream.stdout, stdout);
  passOn(stream.stderr, stderr);
  try {
    return await stream.exit;
  } finally {
    // A terminal or pipe that nobody closes must not keep us.
    stdin.unpipe(stream.stdin);
    stdin.destroy();
  }
}

/** As in any pipe, a program that writes on is ended once nobody takes what it writes. */
function passOn(output: Readable, to: Writable): void {
  output.pipe(to, { end: false });
  to.once('error', () => output.destroy());
}

async function connectTo(cluster: OpenCluster, host: string): Promise<Connection> {
  const missing = cluster.problems.find((problem) => problem.host === host);
  if (missing !== undefined) throw new DiagnosticsError([missing.diagnostic]);
  return cluster.sessionOf(host).connection();
}

async function programFor(
  { layout }: Connection,
  { words, asRoot, dir }: Visit,
): Promise<{ readonly program?: string; readonly args?: readonly string[]; readonly privileged: boolean }> {
  const as = asRoot ? 'root' : 'login';
  const own = path.dirname(layout.instancesDir);
  const directory = !layout.confined ? null : dir !== null && (await isDirectory(dir)) ? dir : own;
  if (words.length > 0) return { ...programOf({ words, as }, directory), privileged: asRoot };
  if (directory === null) return { privileged: asRoot };
  const program = 'cd "$1" 2>/dev/null\nexec "${SHELL:-sh}"';
  return { program, args: [directory], privileged: asRoot };
}

async function isDirectory(dir: string): Promise<boolean> {
  return stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
