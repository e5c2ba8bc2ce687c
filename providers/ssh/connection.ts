import type { ClientChannel } from 'ssh2';
import { HostError } from '../../src/host/connection.ts';
import type { Connection, ExecRequest, ExecResult, InteractRequest } from '../../src/host/connection.ts';
import type { HostLayout } from '../../src/host/layout.ts';
import { joinTerminals, terminalSize } from '../../src/host/terminal-session.ts';
import type { TerminalStream } from '../../src/host/terminal-session.ts';
import { privileged } from './become.ts';
import { openSession } from './channels.ts';
import type { TerminalWork } from './channels.ts';
import { askedSudoCommand, LONGEST_COMMAND_BYTES, remoteCommand } from './command.ts';
import { forward } from './forward.ts';
import type { Login } from './login.ts';
import { feed, program } from './program.ts';
import type { Program } from './program.ts';
import { slots } from './slots.ts';
import { cancelled, placeOf } from './tcp.ts';
import type { Target } from './target.ts';

/** sshd allows ten sessions per connection by default (MaxSessions); forwards do not count. */
const MOST_SESSIONS = 8;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long the server may take to take leave. */
const CLOSE_TIMEOUT_MS = 1000;

export function layoutFor(target: Target): HostLayout {
  return target.user === 'root' || target.become !== null
    ? {
        stateDir: '/var/lib/slipway',
        secretsDir: '/run/slipway',
        instancesDir: '/opt/slipway',
        confined: false,
      }
    : {
        stateDir: '~/.slipway',
        secretsDir: '~/.slipway/secrets',
        instancesDir: '~/.slipway/instances',
        confined: false,
      };
}

/** A connection over a login. `release`: called once it is gone, for what it was made of. */
export function sshConnection(target: Target, login: Login, release: () => void): Connection {
  const { client, socket } = login;
  const { host } = target;
  const running = new Set<Program>();
  const sessions = slots(MOST_SESSIONS);
  let closing = false;
  let gone: HostError | undefined;
  let lastError: Error | undefined;
  let resolveClosed: (reason: HostError | undefined) => void = () => {};
  const closed = new Promise<HostError | undefined>((resolve) => (resolveClosed = resolve));

  socket.setMaxListeners(0);
  client.on('error', (error) => (lastError = error));
  const onGone = (): void => {
    if (gone !== undefined) return;
    gone = closing
      ? new HostError(host, 'lost', `the connection to ${host} was closed`)
      : new HostError(
          host,
          'lost',
          `the connection to ${placeOf(target)} broke: ${reasonOf(lastError)}`,
          '',
          {
            cause: lastError,
          },
        );
    for (const each of running) each.fail(gone);
    resolveClosed(closing ? undefined : gone);
    release();
  };
  client.on('close', onGone);
  // The server may have gone between the login and this line.
  if (socket.destroyed) onGone();

  async function begin(
    work: string | TerminalWork,
    signal: AbortSignal,
  ): Promise<{ readonly started: Program; readonly channel: ClientChannel }> {
    const command = typeof work === 'string' ? work : (work.command ?? '');
    if (Buffer.byteLength(command) > LONGEST_COMMAND_BYTES)
      throw new HostError(
        host,
        'protocol',
        `a program of ${command.length} characters is too long for ${host}: send it on stdin`,
      );
    const { taken, release: giveBack } = await openSession(
      login,
      work,
      { host, sessions, signal, lost: () => gone },
      (channel) => ({ started: program(channel, socket), channel }),
    );
    const { started, channel } = taken;
    running.add(started);
    signal.addEventListener('abort', () => started.fail(signal.reason as HostError), { once: true });
    void started.released.then(() => {
      running.delete(started);
      giveBack();
    });
    return { started, channel };
  }

  const start = async (command: string, signal: AbortSignal): Promise<Program> =>
    (await begin(command, signal)).started;

  const asRoot =
    target.become === null || target.user === 'root'
      ? undefined
      : privileged({
          target,
          password: target.become.password,
          start,
          isKeyKnown: login.isKeyKnown,
          recordKey: () => login.recordKey(),
          lost: () => gone,
        });

  function launch(request: ExecRequest, signal: AbortSignal): Promise<Program> {
    const args = request.args ?? [];
    return asRoot !== undefined && request.privileged !== false
      ? asRoot.run(request.program, args, signal)
      : start(remoteCommand(request.program, args), signal);
  }

  /** The command that a terminal is opened for; null: the login shell. */
  async function interactiveCommand(request: InteractRequest, signal: AbortSignal): Promise<string | null> {
    const { program, args = [], privileged: wantsRoot = false } = request;
    if (!wantsRoot || target.user === 'root')
      return program === undefined ? null : remoteCommand(program, args);
    if (asRoot === undefined) return askedSudoCommand(program, args);
    return asRoot.atTerminal(program, args, signal);
  }

  return {
    host,
    layout: layoutFor(target),
    closed,
    async exec(request) {
      const limits = limitsOf(host, request);
      try {
        const started = await limits.bound(launch(request, limits.signal));
        return await result(host, started, request);
      } finally {
        limits.dispose();
      }
    },
    async open(request) {
      const limits = limitsOf(host, request);
      try {
        const started = await limits.bound(launch(request, limits.signal));
        started.exit.then(limits.dispose, limits.dispose);
        return started;
      } catch (error) {
        limits.dispose();
        throw error;
      }
    },
    async interact(request) {
      const limits = limitsOf(host, request);
      try {
        const { terminal } = request;
        const { started, channel } = await limits.bound(
          interactiveCommand(request, limits.signal).then((command) =>
            begin(
              { command, type: terminal.type, ...terminalSize(terminal), environment: terminal.locale },
              limits.signal,
            ),
          ),
        );
        return await joinTerminals(resizable(started, channel), terminal);
      } finally {
        limits.dispose();
      }
    },
    async dial(address, port, options = {}) {
      const limits = limitsOf(host, options);
      try {
        return await limits.bound(
          forward(login, { host, address, port, signal: limits.signal, lost: () => gone }),
        );
      } finally {
        limits.dispose();
      }
    },
    async close() {
      closing = true;
      client.end();
      const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function resizable(started: Program, channel: ClientChannel): TerminalStream {
  const { stdin, stdout, stderr, exit } = started;
  return {
    stdin,
    stdout,
    stderr,
    exit,
    close: () => started.close(),
    resize({ columns, rows }) {
      // A channel that has just closed has no window.
      if (channel.writable) channel.setWindow(rows, columns, 0, 0);
    },
  };
}

async function result(host: string, started: Program, request: ExecRequest): Promise<ExecResult> {
  const stdout = collect(host, started, started.stdout);
  const stderr = collect(host, started, started.stderr);
  const fed = feed(started.stdin, request.stdin);
  // A source that fails ends the program: half an input must not look like a whole one.
  fed.catch((cause: unknown) => {
    const what = `what was sent to ${host} could not be read`;
    started.fail(cause instanceof HostError ? cause : new HostError(host, 'cancelled', what, '', { cause }));
  });
  const { code } = await started.exit;
  return { code, stdout: stdout(), stderr: stderr() };
}

function collect(host: string, started: Program, output: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
    else started.fail(new HostError(host, 'protocol', `a program on ${host} printed more than 64 MiB`));
  });
  return () => Buffer.concat(chunks);
}

interface Limits {
  readonly signal: AbortSignal;
  /** The promise, or the rejection when time is up or the caller gave up. */
  bound<T>(promise: Promise<T>): Promise<T>;
  readonly dispose: () => void;
}

/** Joins a request's signal and timeout. */
function limitsOf(host: string, { timeoutMs, signal }: { timeoutMs?: number; signal?: AbortSignal }): Limits {
  const controller = new AbortController();
  const abort = (): void => controller.abort(cancelled(host, signal));
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          const text = `what was asked of ${host} was not done within ${timeoutMs / 1000} s`;
          controller.abort(new HostError(host, 'timeout', text));
        }, timeoutMs);
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    bound: (promise) =>
      new Promise((resolve, reject) => {
        const stop = (): void => reject(controller.signal.reason as HostError);
        if (controller.signal.aborted) stop();
        else controller.signal.addEventListener('abort', stop, { once: true });
        promise.then(resolve, reject);
      }),
    dispose: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function reasonOf(error: (Error & { level?: string }) | undefined): string {
  if (error === undefined) return 'the host closed it';
  return error.level === 'client-timeout' ? 'the host did not answer any more' : error.message;
}
