import { spawn } from 'node:child_process';
import { HostError } from '../../src/host/connection.ts';
import type { InteractRequest } from '../../src/host/connection.ts';
import { withoutOurs } from './process.ts';

/** Lends the user's own terminal to a program, or to their shell, until it ends. There is no root to become here. */
export function runAtTerminal(
  host: string,
  { program, args = [], terminal, signal }: InteractRequest,
): Promise<{ readonly code: number | null }> {
  const shell = process.env['SHELL'] ?? 'sh';
  const [file, words] = program === undefined ? [shell, []] : ['sh', ['-c', program, 'sh', ...args]];
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true)
      return reject(new HostError(host, 'cancelled', `a program on ${host} was given up on request`));
    const child = spawn(file, words, {
      stdio: [terminal.stdin, terminal.stdout, terminal.stderr],
      env: withoutOurs(process.env),
    });
    // Ctrl-C reaches the program by the terminal itself; it decides what becomes of it.
    const onAbort = (): void => void child.kill('SIGHUP');
    signal?.addEventListener('abort', onAbort, { once: true });
    child.on('error', (cause) => {
      reject(new HostError(host, 'protocol', `cannot start ${file}: ${cause.message}`, '', { cause }));
    });
    child.on('close', (code) => {
      signal?.removeEventListener('abort', onAbort);
      resolve({ code });
    });
  });
}
