import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '../diagnostics/unreachable.ts';
import { HostError } from './connection.ts';
import type { Connection } from './connection.ts';
import { getOver } from './http-get.ts';
import { HTTP_PROGRAM, TCP_PROGRAM } from './check-program.ts';

/** What a check looks at; addresses are as seen from the host. The same shape as the spec's `CheckTarget`. */
export type CheckTarget =
  | { readonly type: 'tcp'; readonly address: string; readonly port: number }
  /** Healthy is the given status, or any of 2xx and 3xx. */
  | { readonly type: 'http'; readonly url: string; readonly status: number | null }
  /** Healthy is exit code 0. */
  | { readonly type: 'command'; readonly command: string };

export type CheckResult =
  { readonly healthy: true } | { readonly healthy: false; /** In a sentence. */ readonly why: string };

export interface CheckOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const HEALTHY: CheckResult = { healthy: true };
const FIRST_PAUSE_MS = 30;
const PAUSE_FACTOR = 1.6;
/** A single look gets so long at most, however long the whole may take. */
const LONGEST_LOOK_MS = 10_000;

/**
 * One look at the target. TCP and HTTP go through the connection and start no process on the host, unless it forbids
 * forwards. Rejects with `HostError` only when the connection itself fails, or the signal aborts (`cancelled`).
 */
export async function runCheck(
  connection: Connection,
  target: CheckTarget,
  options: CheckOptions,
): Promise<CheckResult> {
  switch (target.type) {
    case 'tcp':
      return checkTcp(connection, target, options);
    case 'http':
      return checkHttp(connection, target, options);
    case 'command':
      return checkCommand(connection, target.command, options);
    default:
      return unreachable(target);
  }
}

async function checkTcp(
  connection: Connection,
  { address, port }: Extract<CheckTarget, { type: 'tcp' }>,
  options: CheckOptions,
): Promise<CheckResult> {
  try {
    const stream = await connection.dial(address, port, dialOptions(options));
    stream.on('error', () => undefined).destroy();
    return HEALTHY;
  } catch (error) {
    if (isForwardRefused(error)) return probeOnHost(connection, TCP_PROGRAM, [address, `${port}`], options);
    return unhealthyOr(error);
  }
}

async function checkHttp(
  connection: Connection,
  { url, status }: Extract<CheckTarget, { type: 'http' }>,
  options: CheckOptions,
): Promise<CheckResult> {
  const target = new URL(url);
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  const address = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const startedAt = Date.now();
  try {
    const stream = await connection.dial(address, port, dialOptions(options));
    const timeoutMs = Math.max(1, options.timeoutMs - (Date.now() - startedAt));
    const found = await getOver(stream, target, { timeoutMs, signal: options.signal });
    if (found.status === null) return { healthy: false, why: `${url}: ${found.why}` };
    return judge(url, found.status, status);
  } catch (error) {
    if (!isForwardRefused(error)) return unhealthyOr(error);
    return probeOnHost(
      connection,
      HTTP_PROGRAM,
      [url, status === null ? '' : `${status}`, address, `${port}`],
      options,
    );
  }
}

function judge(url: string, found: number, wanted: number | null): CheckResult {
  const healthy = wanted === null ? found >= 200 && found < 400 : found === wanted;
  if (healthy) return HEALTHY;
  return { healthy: false, why: `${url} answers ${found}, not ${wanted ?? '2xx or 3xx'}` };
}

/** The host ends a command that hangs by itself where it has `timeout`, so that none is left behind. */
const COMMAND_PROGRAM = `
if command -v timeout >/dev/null; then exec timeout "$1" sh -c "$2" </dev/null; else exec sh -c "$2" </dev/null; fi
`;

async function checkCommand(
  connection: Connection,
  command: string,
  options: CheckOptions,
): Promise<CheckResult> {
  const seconds = Math.max(1, Math.ceil(options.timeoutMs / 1000));
  return probeOnHost(connection, COMMAND_PROGRAM, [`${seconds}`, command], options);
}

async function probeOnHost(
  connection: Connection,
  program: string,
  args: readonly string[],
  { timeoutMs, signal }: CheckOptions,
): Promise<CheckResult> {
  try {
    const result = await connection.exec({
      program,
      args,
      timeoutMs: timeoutMs + 1_000,
      ...(signal === undefined ? {} : { signal }),
    });
    if (result.code === 0) return HEALTHY;
    const output = `${result.stdout.toString()}\n${result.stderr.toString()}`.trim();
    const line = (output.split('\n').at(-1) ?? '').slice(0, 300);
    const code = result.code === 124 ? 'no answer in time' : `exit code ${result.code}`;
    return { healthy: false, why: line === '' ? code : `${line} (${code})` };
  } catch (error) {
    if (error instanceof HostError && error.kind === 'timeout') return { healthy: false, why: error.message };
    throw error;
  }
}

function dialOptions({ timeoutMs, signal }: CheckOptions): { timeoutMs: number; signal?: AbortSignal } {
  return signal === undefined ? { timeoutMs } : { timeoutMs, signal };
}

function isForwardRefused(error: unknown): boolean {
  return error instanceof HostError && error.kind === 'forward-refused';
}

function unhealthyOr(error: unknown): CheckResult {
  const unhealthy = ['refused', 'timeout', 'unreachable'];
  if (error instanceof HostError && unhealthy.includes(error.kind)) {
    return { healthy: false, why: error.message };
  }
  throw error;
}

export interface AwaitHealthyOptions {
  /** Longest pause between two looks; the first pauses are short (from 30 ms on). */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Told of every look that failed. */
  readonly onUnhealthy?: (why: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks until the target is healthy or the time is over; then the last reason is the result.
 * `connect` gives the open connection, or a new one after a loss (`session.connection`). Rejects with `HostError`
 * when the host cannot be reached for good, or the signal aborts (`cancelled`).
 */
export async function awaitHealthy(
  connect: () => Promise<Connection>,
  target: CheckTarget,
  { intervalMs, timeoutMs, onUnhealthy, signal }: AwaitHealthyOptions,
): Promise<CheckResult> {
  const until = Date.now() + timeoutMs;
  let pauseMs = Math.min(FIRST_PAUSE_MS, intervalMs);
  for (;;) {
    const leftMs = Math.max(1, until - Date.now());
    const connection = await connect();
    const result = await runCheck(connection, target, {
      timeoutMs: Math.min(leftMs, LONGEST_LOOK_MS),
      signal,
    }).catch((error: unknown): CheckResult => {
      if (error instanceof HostError && error.transient) return { healthy: false, why: error.message };
      throw error;
    });
    if (result.healthy) return result;
    onUnhealthy?.(result.why);
    if (Date.now() + pauseMs >= until) return result;
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
      throw new HostError(connection.host, 'cancelled', 'the check was given up on request');
    });
    pauseMs = Math.min(pauseMs * PAUSE_FACTOR, intervalMs);
  }
}
