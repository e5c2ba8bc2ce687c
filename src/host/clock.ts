import { createInterface } from 'node:readline';
import { HostError, type Connection } from './connection.ts';

/** How a host's clock stands against the controller's. */
export interface ClockOffset {
  /** Ahead of ours; negative: behind. */
  readonly offsetMs: number;
  /** Of the sample it was taken from; the offset is off by half of it at most. */
  readonly roundTripMs: number;
}

const SAMPLES = 4;
const TIMEOUT_MS = 10_000;
/** A line in, the time out: so that neither the start of a shell nor of sudo counts. */
const PROGRAM = 'while read -r line; do date +%s.%N; done';

/**
 * Compares clocks over an open connection: of some samples the one with the shortest round trip counts, and half of that is
 * taken off. null: the host does not tell its time. A `date` without fractions is off by half a second. Throws `HostError`.
 */
export async function measureClock(
  connection: Connection,
  clock: () => number,
  signal?: AbortSignal,
): Promise<ClockOffset | null> {
  const stream = await connection.open({
    program: PROGRAM,
    privileged: false,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  stream.exit.catch(() => undefined);
  stream.stdin.on('error', () => undefined);
  stream.stderr.resume();
  const lines = createInterface({ input: stream.stdout })[Symbol.asyncIterator]();
  let best: ClockOffset | null = null;
  try {
    for (let sample = 0; sample < SAMPLES; sample++) {
      const [sentAt, ticks] = [clock(), performance.now()];
      stream.stdin.write('\n');
      const line = await lines.next();
      const roundTripMs = performance.now() - ticks;
      if (line.done === true) break;
      const hostMs = millisecondsOf(line.value);
      if (hostMs === null) return null;
      // The first sample pays for the shell's start.
      if (best !== null && roundTripMs >= best.roundTripMs) continue;
      best = { offsetMs: hostMs - sentAt - roundTripMs / 2, roundTripMs };
    }
  } finally {
    stream.stdin.end();
    stream.close();
  }
  if (best === null) throw new HostError(connection.host, 'protocol', 'the host did not tell its time');
  return { offsetMs: Math.round(best.offsetMs), roundTripMs: Math.round(best.roundTripMs * 10) / 10 };
}

/** busybox knows no nanoseconds and prints what it was given, or nothing: half a second is as good as any. */
function millisecondsOf(text: string): number | null {
  const [, seconds, fraction = ''] = /^(\d+)\.?(\d*)/.exec(text) ?? [];
  if (seconds === undefined) return null;
  return Number(seconds) * 1000 + (fraction === '' ? 500 : Number(`0.${fraction}`) * 1000);
}
