import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Writable } from 'node:stream';

const SCRIPT = path.resolve(import.meta.dirname, 'terminal.py');
const MAIN = path.resolve(import.meta.dirname, '../../dist/main.js');

/** slipway at a terminal. */
export interface AtTerminal {
  type(text: string): void;
  resize(rows: number, columns: number): void;
  /** Resolves once what the terminal showed so far matches, from where the last match ended; rejects after 20 seconds. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code and all that was shown. */
  readonly result: Promise<{ readonly code: number | null; readonly text: string }>;
}

/** Starts slipway as somebody who sits at a terminal does. Needs python3. */
export function slipwayAtTerminal(
  args: readonly string[],
  {
    cwd,
    home,
    env = {},
    rows = 24,
    columns = 80,
  }: {
    cwd: string;
    home: string;
    env?: Readonly<Record<string, string>>;
    rows?: number;
    columns?: number;
  },
): AtTerminal {
  const command = [process.execPath, MAIN, ...args];
  const child = spawn('python3', [SCRIPT, String(rows), String(columns), ...command], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      ...env,
    },
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('no pipes');
  const sizes = child.stdio[3] as Writable;
  for (const stream of [stdin, sizes]) stream.on('error', () => undefined);
  let text = '';
  let from = 0;
  let ended = false;
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((watcher) => watcher());
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    tell();
  });
  const result = new Promise<{ code: number | null; text: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      ended = true;
      resolve({ code, text });
      tell();
    });
  });
  return {
    type: (typed) => void stdin.write(typed),
    resize: (newRows, newColumns) => void sizes.write(`${newRows} ${newColumns}\n`),
    result,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void =>
          reject(new Error(`${why} without ${String(pattern)}:\n${text.slice(from)}`));
        const timer = setTimeout(() => fail('20 seconds'), 20_000);
        const look = (): void => {
          const match = pattern.exec(text.slice(from));
          if (match === null && !ended) return;
          watchers.delete(look);
          clearTimeout(timer);
          if (match === null) return fail('ended');
          from += match.index + match[0].length;
          resolve(match);
        };
        watchers.add(look);
        look();
      }),
  };
}
