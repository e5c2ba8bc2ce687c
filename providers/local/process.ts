import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { HostError } from '../../src/host/connection.ts';
import type { ExecRequest, ExecResult, ExecStream } from '../../src/host/connection.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface LocalProcess extends ExecStream {
  readonly host: string;
  /** Ends it; whoever awaits it gets this error. */
  giveUp(error: HostError): void;
}

/**
 * Starts `sh -c PROGRAM` in a session of its own, so that Ctrl-C at the terminal ends the controller's work in order and not
 * the programs under it.
 */
export function openProcess(host: string, request: ExecRequest): LocalProcess {
  const child = spawn('sh', ['-c', request.program, 'sh', ...(request.args ?? [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: withoutOurs(process.env),
  });
  const { stdin, stdout, stderr } = child;
  // A program that ended without reading all of it is no fault.
  stdin.on('error', () => undefined);
  let givenUp: HostError | undefined;
  let timer: NodeJS.Timeout | undefined;

  const kill = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has just ended.
    }
  };
  const close = (): void => {
    stdin.destroy();
    stdout.destroy();
    stderr.destroy();
    kill();
  };
  const giveUp = (error: HostError): void => {
    givenUp ??= error;
    close();
  };
  const onAbort = (): void =>
    giveUp(new HostError(host, 'cancelled', `a program on ${host} was given up on request`));

  const exit = new Promise<{ readonly code: number | null }>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(new HostError(host, 'protocol', `cannot start sh: ${cause.message}`, '', { cause }));
    });
    child.on('close', (code) => {
      if (givenUp !== undefined) reject(givenUp);
      else resolve({ code });
    });
  }).finally(() => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  });
  // Whoever wants to know awaits it; nobody has to.
  exit.catch(() => undefined);

  if (request.timeoutMs !== undefined) {
    const { timeoutMs } = request;
    timer = setTimeout(() => {
      giveUp(new HostError(host, 'timeout', `a program on ${host} did not end within ${timeoutMs} ms`));
    }, timeoutMs);
  }
  if (request.signal?.aborted === true) onAbort();
  else request.signal?.addEventListener('abort', onAbort, { once: true });
  return { host, stdin, stdout, stderr, exit, close, giveUp };
}

/** Values of variables and the key are for slipway; what runs on a host of any provider never has them in its environment. */
export function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SLIPWAY_')));
}

/** Feeds a program its stdin and gives its whole output. */
export async function collect(started: LocalProcess, request: ExecRequest): Promise<ExecResult> {
  const outputs = [gather(started.stdout, started), gather(started.stderr, started)] as const;
  const { host } = started;
  feed(started.stdin, request.stdin).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = new HostError(host, 'protocol', `what a program on ${host} reads failed: ${message}`, '', {
      cause,
    });
    started.giveUp(cause instanceof HostError ? cause : error);
  });
  const { code } = await started.exit;
  const [stdout, stderr] = outputs;
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Rejects only when the source of the bytes fails; a reader that goes early is not an error. */
async function feed(stdin: Writable, content: ExecRequest['stdin']): Promise<void> {
  if (content === undefined || typeof content === 'string' || content instanceof Uint8Array) {
    stdin.end(content ?? '');
    return;
  }
  for await (const chunk of content) {
    if (stdin.destroyed) return;
    await taken(stdin, chunk);
  }
  stdin.end();
}

/** Settles when the chunk is no longer needed. */
function taken(stdin: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('close', done);
      resolve();
    };
    stdin.on('close', done);
    stdin.write(chunk, done);
  });
}

function gather(stream: Readable, started: LocalProcess): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else {
      const what = `a program on ${started.host} printed more than ${MAX_OUTPUT_BYTES} bytes`;
      started.giveUp(new HostError(started.host, 'protocol', what));
    }
  });
  return () => Buffer.concat(chunks);
}
