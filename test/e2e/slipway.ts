import { spawn } from 'node:child_process';
import path from 'node:path';

/** The program as users have it; `npm test` builds it first. */
const main = path.resolve(import.meta.dirname, '../../dist/main.js');

export interface SlipwayResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both outputs, for a test's message. */
  readonly text: string;
}

/** A slipway process that runs. */
export interface RunningSlipway {
  readonly pid: number;
  readonly result: Promise<SlipwayResult>;
  /** What it printed so far, both outputs. */
  text(): string;
  /** Resolves once its output matches; rejects when it ends without, or takes longer than a minute. */
  seen(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Takes no more of its standard output, as `| head` does. */
  stopReading(): void;
}

/** Starts slipway in a directory, without a terminal and with no more environment than it is given. */
export function startSlipway(
  args: readonly string[],
  { cwd, home, env = {} }: { cwd: string; home: string; env?: Readonly<Record<string, string>> },
): RunningSlipway {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      LANG: 'C.UTF-8',
      ...env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('slipway did not start');
  let stdout = '';
  let stderr = '';
  let text = '';
  let ended = false;
  const watchers = new Set<() => void>();
  const onText = (add: (chunk: string) => void) => (chunk: string) => {
    add(chunk);
    text += chunk;
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on(
    'data',
    onText((chunk) => (stdout += chunk)),
  );
  child.stderr.setEncoding('utf8').on(
    'data',
    onText((chunk) => (stderr += chunk)),
  );
  const result = new Promise<SlipwayResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      ended = true;
      resolve({ code, stdout, stderr, text });
      for (const watcher of watchers) watcher();
    });
  });
  return {
    pid,
    result,
    text: () => text,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (what: string): void =>
          reject(new Error(`slipway ${what} and never printed ${String(pattern)}:\n${text}`));
        const timer = setTimeout(() => fail('ran for a minute'), 60_000);
        const look = (): void => {
          if (pattern.test(text)) resolve();
          else if (ended) fail('ended');
          else return;
          watchers.delete(look);
          clearTimeout(timer);
        };
        watchers.add(look);
        look();
      }),
    kill: (signal) => void child.kill(signal),
    stopReading: () => void child.stdout.destroy(),
  };
}
