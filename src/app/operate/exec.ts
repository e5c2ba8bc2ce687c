import path from 'node:path';
import { HostError, type Connection, type ExecRequest } from '../../host/connection.ts';
import { onEachHost, type EachHostOptions, type HostOutcome } from './each-host.ts';
import type { OpenCluster } from './open-cluster.ts';

/** What is run on a host: as typed. */
export interface RemoteCommand {
  /** One word is a line for the shell; several are run as they are. */
  readonly words: readonly string[];
  /** root: by the provider's `become`, where one is set; login: as the user of the connection; else as this user of the host. */
  readonly as: 'root' | 'login' | { readonly user: string };
}

export interface ExecOptions extends EachHostOptions {
  readonly timeoutMs: number | null;
  /** What the command prints, as it comes. A consumer that gives a promise is waited for. */
  readonly onOutput: (host: string, stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void> | void;
  /** Nobody takes this output any more: a command that writes on is ended by that, as in any pipe. */
  readonly isLost: (stream: 'stdout' | 'stderr') => boolean;
  readonly onEnd: (outcome: ExecOutcome) => void;
}

/** `code` is null when a signal ended the command. */
export type ExecOutcome = HostOutcome<{ readonly code: number | null }>;

/**
 * Runs a command once on each of these hosts. It is never run a second time: a connection that breaks meanwhile is an
 * outcome. Whatever the outcome, a command that has not ended may go on on its host.
 */
export function execOnHosts(
  cluster: OpenCluster,
  hosts: readonly string[],
  command: RemoteCommand,
  options: ExecOptions,
): Promise<readonly ExecOutcome[]> {
  const { timeoutMs, signal, onOutput, isLost, onEnd } = options;
  const runOn = async (connection: Connection): Promise<{ readonly code: number | null }> => {
    const { confined, instancesDir } = connection.layout;
    const stream = await connection.open({
      ...programOf(command, confined ? path.dirname(instancesDir) : null),
      signal,
      ...(timeoutMs === null ? {} : { timeoutMs }),
    });
    stream.stdin.on('error', () => undefined).end();
    const listen = async (name: 'stdout' | 'stderr'): Promise<void> => {
      for await (const chunk of stream[name]) {
        if (isLost(name)) break;
        await onOutput(connection.host, name, chunk as Buffer);
      }
    };
    const printed = Promise.allSettled([listen('stdout'), listen('stderr')]);
    try {
      const exit = await stream.exit;
      await printed;
      return exit;
    } catch (error) {
      throw error instanceof HostError ? unfinished(error, timeoutMs) : error;
    }
  };
  return onEachHost(cluster, hosts, options, runOn, onEnd);
}

/** Closing a channel ends no program that does not read from it or write to it. */
function unfinished(error: HostError, timeoutMs: number | null): HostError {
  const { host, kind } = error;
  const isLate = kind === 'timeout' && timeoutMs !== null;
  const message = isLate ? `the command did not end within ${timeoutMs / 1000} s` : error.message;
  return new HostError(host, kind, message, 'The command may still run there.', { cause: error });
}

/** A command as a program for `Connection.exec`; its words stand in the process list of the host, as they do with ssh. */
export function programOf(
  { words, as }: RemoteCommand,
  /** Where to run it, if that is there; null: where the host puts us. */
  directory: string | null,
): Pick<ExecRequest, 'program' | 'args' | 'privileged'> & { program: string } {
  const enter = directory === null ? 'shift\n' : 'cd "$1" 2>/dev/null\nshift\n';
  const [line = ''] = words;
  const [run, args] = words.length === 1 ? ['exec sh -c "$1"', [line]] : ['"$@"', words];
  const privileged = as !== 'login';
  if (typeof as === 'string') return { program: enter + run, args: [directory ?? '', ...args], privileged };
  const asUser = `[ "$(id -u)" = 0 ] || { echo 'only root may run a command as another user: set become of provider "ssh"' >&2; exit 126; }
id -u -- "$1" >/dev/null || exit 126
user=$1
shift
exec su -s /bin/sh -c ${OF_USER} -- "$user" sh "$@"`;
  const asWords = words.length === 1 ? ['sh', '-c', line] : words;
  return { program: enter + asUser, args: [directory ?? '', as.user, ...asWords], privileged };
}

/** For the shell that su starts: its arguments are the command. */
const OF_USER = `'"$@"'`;
