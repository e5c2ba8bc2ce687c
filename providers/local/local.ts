import { rmdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { HostError } from '../../src/host/connection.ts';
import type {
  Connection,
  ExecRequest,
  ExecResult,
  InteractRequest,
  Provider,
} from '../../src/host/connection.ts';
import type { HostLayout } from '../../src/host/layout.ts';
import { collect, openProcess } from './process.ts';
import type { LocalProcess } from './process.ts';
import { dialFrom } from './dial.ts';
import { runAtTerminal } from './terminal.ts';

export interface LocalSettings {
  /** Canonical loopback address: 127/8 or ::1. */
  readonly host: string;
}

/**
 * Hosts that are loopback addresses of this machine, worked on without root; their things lie in
 * `<workingDirectory>/.slipway/hosts/ADDRESS`. `connect` rejects with `HostError` for any other address.
 */
export function localProvider(workingDirectory: string): Provider<LocalSettings> {
  return {
    name: 'local',
    layout: ({ host }) => layoutIn(directoryOf(workingDirectory, host)),
    connect: async ({ host }, { signal }) => {
      if (!isLoopback(host)) {
        throw new HostError(
          host,
          'unreachable',
          `${host} is not a loopback address of this machine`,
          'The local provider takes 127.0.0.0/8 and ::1; other hosts need provider "ssh".',
        );
      }
      if (signal?.aborted === true)
        throw new HostError(host, 'cancelled', `connecting to ${host} was given up`);
      return new LocalConnection(host, directoryOf(workingDirectory, host));
    },
  };
}

function directoryOf(workingDirectory: string, host: string): string {
  return path.join(path.resolve(workingDirectory), '.slipway', 'hosts', host);
}

function layoutIn(directory: string): HostLayout {
  return {
    stateDir: path.join(directory, 'state'),
    secretsDir: path.join(directory, 'secrets'),
    instancesDir: path.join(directory, 'instances'),
    confined: true,
  };
}

function isLoopback(host: string): boolean {
  return host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));
}

class LocalConnection implements Connection {
  readonly host: string;
  readonly layout: HostLayout;
  readonly closed: Promise<undefined>;
  readonly #directory: string;
  readonly #processes = new Set<LocalProcess>();
  #isClosed = false;
  #resolveClosed: (value: undefined) => void = () => undefined;

  constructor(host: string, directory: string) {
    this.host = host;
    this.#directory = directory;
    this.layout = layoutIn(directory);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    return collect(this.#start(request), request);
  }

  async open(request: ExecRequest): Promise<LocalProcess> {
    return this.#start(request);
  }

  #start(request: ExecRequest): LocalProcess {
    if (this.#isClosed) throw new HostError(this.host, 'lost', `the connection to ${this.host} is closed`);
    const started = openProcess(this.host, request);
    this.#processes.add(started);
    const forget = (): void => void this.#processes.delete(started);
    started.exit.then(forget, forget);
    return started;
  }

  async interact(request: InteractRequest): Promise<{ readonly code: number | null }> {
    if (this.#isClosed) throw new HostError(this.host, 'lost', `the connection to ${this.host} is closed`);
    return runAtTerminal(this.host, request);
  }

  dial(
    address: string,
    port: number,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<net.Socket> {
    return dialFrom(this.host, address, port, options);
  }

  /** Takes empty folders of its own with it, so that a host with nothing on it leaves nothing behind. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = new HostError(this.host, 'lost', `the connection to ${this.host} was closed`);
    for (const started of this.#processes) started.giveUp(closed);
    const { stateDir, secretsDir, instancesDir } = this.layout;
    for (const folder of [
      stateDir,
      secretsDir,
      instancesDir,
      this.#directory,
      path.dirname(this.#directory),
    ]) {
      await rmdir(folder).catch(() => undefined);
    }
    this.#resolveClosed(undefined);
  }
}
