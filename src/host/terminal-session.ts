import { spawnSync } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ExecStream, UserTerminal } from './connection.ts';
import { escapeReader } from './terminal-escape.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A running program whose terminal can be given another size. */
export interface TerminalStream extends ExecStream {
  resize(size: TerminalSize): void;
}

export function terminalSize({ stdout }: UserTerminal): TerminalSize {
  return { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 };
}

/**
 * Joins a person's terminal and a program's until the program ends, the person leaves with `~.`, or the connection breaks
 * (then it rejects with its `HostError`). The terminal is in raw mode meanwhile, and as before afterwards.
 */
export async function joinTerminals(
  stream: TerminalStream,
  terminal: UserTerminal,
): Promise<{ readonly code: number | null }> {
  const { stdin, stdout } = terminal;
  const read = escapeReader();
  let leave: () => void = () => {};
  const left = new Promise<{ readonly code: null }>((resolve) => (leave = () => resolve({ code: null })));
  const onTyped = (chunk: Buffer | string): void => {
    const typed = read(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (typed.send.length > 0) stream.stdin.write(typed.send);
    if (typed.leave) leave();
  };
  const onEnd = (): void => void stream.stdin.end();
  const onResize = (): void => stream.resize(terminalSize(terminal));
  stream.stdin.on('error', () => undefined);
  const cook = makeRaw(terminal);
  stdin.on('data', onTyped);
  stdin.on('end', onEnd);
  stdout.on('resize', onResize);
  const printed = Promise.all([pour(stream, 'stdout', stdout), pour(stream, 'stderr', terminal.stderr)]);
  try {
    const ended = stream.exit.then(async (exit) => {
      await printed;
      return exit;
    });
    ended.catch(() => undefined);
    return await Promise.race([ended, left]);
  } finally {
    stdin.off('data', onTyped);
    stdin.off('end', onEnd);
    stdout.off('resize', onResize);
    stdin.pause();
    cook();
    stream.close();
  }
}

/** Gives the function that undoes it. */
function makeRaw({ stdin }: UserTerminal): () => void {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return () => undefined;
  stdin.setRawMode(true);
  // Node leaves the terminal a part of its own work: every line feed would go to the first column as well, which full-screen
  // programs do not expect. Going back, Node restores that too.
  spawnSync('stty', ['-opost'], { stdio: [stdin, 'ignore', 'ignore'] });
  return () => void stdin.setRawMode?.(false);
}

/** A terminal that is slow holds the program back; what is printed stays open for others. */
function pour(stream: TerminalStream, name: 'stdout' | 'stderr', to: Writable): Promise<void> {
  const from = stream[name];
  return new Promise((resolve) => {
    from.on('data', (chunk: Buffer) => {
      if (to.write(chunk)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.once('end', resolve);
    from.once('close', resolve);
  });
}
