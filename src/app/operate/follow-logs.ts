import { setTimeout as sleep } from 'node:timers/promises';
import { HostError, type Connection } from '../../host/connection.ts';
import { readJournal, unitName, type JournalEntry, type Since } from '../../host/log-journal.ts';
import { openLogServer } from '../../host/log-server.ts';
import { createMask } from '../../apply/secret-mask.ts';
import type { InstanceState } from '../../state/model.ts';
import { followFiles } from './follow-files.ts';
import { journalLines, type LogLine, type OnLogEvent } from './log-event.ts';
import { logSourcesOf, type LogSource } from './log-sources.ts';
import type { OpenCluster } from './open-cluster.ts';
import { trackSource } from './track-files.ts';

/** Above 50 hosts they are asked less often, so that asking stays cheap. */
const INTERVAL_MS = 200;
const INTERVAL_PER_HOST_MS = 4;
const RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** What has worked for so long begins with short pauses again. */
const STEADY_MS = 10_000;

export interface FollowRequest {
  /** So many of the last lines of each log first. */
  readonly lines: number;
  /** Those since then instead. */
  readonly since: Since | null;
  /** Only lines that match. */
  readonly grep: RegExp | null;
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

/**
 * Follows logs until the signal, through lost connections, reboots and rotation, without losing or repeating a line. A host that
 * cannot be reached is tried again and again; one that refuses is given up, and resolves to false when the others are done.
 */
export async function followLogs(
  cluster: OpenCluster,
  sources: readonly LogSource[],
  request: FollowRequest,
  onEvent: OnLogEvent,
): Promise<boolean> {
  const hosts = [...new Set(sources.map(({ host }) => host))];
  const mask = lineMask(cluster.secrets);
  const intervalMs = Math.max(INTERVAL_MS, hosts.length * INTERVAL_PER_HOST_MS);
  const results = await Promise.all(
    hosts.flatMap((host) => {
      const own = sources.filter((source) => source.host === host);
      const files = own.filter(({ origin }) => origin.from === 'files');
      const journals = own.filter(({ origin }) => origin.from === 'journal');
      const follower: Follower = { cluster, host, request, onEvent, mask };
      return [
        ...(files.length === 0 ? [] : [followFilesOf(follower, files, intervalMs)]),
        ...(journals.length === 0 ? [] : [followJournalsOf(follower, journals)]),
      ];
    }),
  );
  return results.every((followed) => followed);
}

interface Follower {
  readonly cluster: OpenCluster;
  readonly host: string;
  readonly request: FollowRequest;
  readonly onEvent: OnLogEvent;
  readonly mask: (bytes: Buffer) => Buffer;
}

function followFilesOf(
  follower: Follower,
  sources: readonly LogSource[],
  intervalMs: number,
): Promise<boolean> {
  const { request, host, onEvent } = follower;
  const { signal, clock, lines, since } = request;
  const trackings = sources.map((_, n) => trackSource(n));
  const sourceAt = (n: number): LogSource => sources[n] as LogSource;
  return keepOn(follower, async (connection) => {
    const server = await openLogServer(connection, signal);
    try {
      await followFiles(server, trackings, {
        patternOf(n) {
          const { origin } = sourceAt(n);
          return origin.from === 'files' ? origin.pattern : '';
        },
        lines,
        sinceMs: since === null ? null : sinceMsOf(since, clock() + server.clockAheadMs),
        intervalMs,
        signal,
        clock,
        onLine: (n, file, bytes) => give(follower, { source: sourceAt(n), file, timeMs: null, bytes }),
        onNotice: (text) => onEvent({ type: 'notice', host, failed: false, text }),
      });
    } finally {
      server.close();
    }
  });
}

function followJournalsOf(follower: Follower, sources: readonly LogSource[]): Promise<boolean> {
  const { request } = follower;
  const { signal, lines, since } = request;
  const units = sources.map(unitOf);
  /** Where it stands; undefined: the journal had nothing of these units. */
  let cursor: string | undefined;
  let isBegun = false;
  /** Of each unit the last entry that was shown before following began, until it comes by. */
  const shown = new Map<string, JournalEntry>();
  const pass = async (entry: JournalEntry): Promise<void> => {
    for (const source of sources) {
      if (unitName(unitOf(source)) !== unitName(entry.unit)) continue;
      for (const line of journalLines(source, entry)) await give(follower, line);
    }
  };
  return keepOn(follower, async (connection) => {
    if (!isBegun) {
      // Where following begins is found out first: what comes while the last lines are read comes again, and is passed over.
      for await (const entry of readJournal(connection, { units, lines: 1, signal })) cursor = entry.cursor;
      for (const unit of new Set(units)) {
        const part = since === null ? { lines } : { since };
        const isKnown = upTo(shown.get(unit));
        for await (const entry of readJournal(connection, { units: [unit], ...part, signal })) {
          // A first attempt that broke off has shown it.
          if (isKnown(entry)) continue;
          shown.set(unit, entry);
          await pass(entry);
        }
      }
      isBegun = true;
    }
    const isShown = new Map([...shown].map(([unit, last]) => [unit, upTo(last)]));
    const after = cursor === undefined ? {} : { afterCursor: cursor };
    for await (const entry of readJournal(connection, { units, follow: true, ...after, signal })) {
      cursor = entry.cursor;
      if (isShown.get(entry.unit)?.(entry) === true) continue;
      shown.delete(entry.unit);
      await pass(entry);
    }
  });
}

/** Says of entries in their order whether they come up to one that was shown; once one does not, no later one does. */
function upTo(last: JournalEntry | undefined): (entry: JournalEntry) => boolean {
  let isPast = last === undefined;
  return (entry) => {
    if (isPast || last === undefined) return false;
    const isLast = entry.cursor === last.cursor;
    // It may have been rotated away; equal times are told apart by the one that ends them.
    isPast = isLast || entry.timeMs > last.timeMs;
    return isLast || !isPast;
  };
}

function unitOf({ origin }: LogSource): string {
  return origin.from === 'journal' ? origin.unit : '';
}

async function give({ mask, request, onEvent }: Follower, line: LogLine): Promise<void> {
  if (request.signal.aborted) return;
  if (request.grep !== null && !request.grep.test(line.bytes.toString())) return;
  await onEvent({ type: 'line', ...line, bytes: mask(line.bytes) });
}

/** Takes out of lines what is secret, as far as that is known. */
export function lineMask(secrets: readonly string[]): (bytes: Buffer) => Buffer {
  if (secrets.length === 0) return (bytes) => bytes;
  const mask = createMask(secrets);
  return (bytes) => Buffer.from(mask(bytes.toString()));
}

export function sinceMsOf(since: Since, nowMs: number): number {
  return 'atMs' in since ? since.atMs : nowMs - since.agoMs;
}

/** Does the work, again after every loss of the connection, until the signal; false: given up. */
async function keepOn(
  { cluster, host, request: { signal, clock }, onEvent }: Follower,
  work: (connection: Connection) => Promise<void>,
): Promise<boolean> {
  const notice = (failed: boolean, text: string) => onEvent({ type: 'notice', host, failed, text });
  const missing = cluster.problems.find((problem) => problem.host === host);
  if (missing !== undefined) {
    await notice(true, `${missing.diagnostic.summary}. ${missing.diagnostic.detail}`);
    return false;
  }
  let isLost = false;
  let pauseMs = RETRY_MS;
  while (!signal.aborted) {
    let connectedMs: number | null = null;
    try {
      const connection = await cluster.sessionOf(host).connection();
      connectedMs = clock();
      if (isLost) await notice(false, 'connected again');
      isLost = false;
      await work(connection);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof HostError)) throw error;
      if (!error.transient) {
        await notice(true, `${error.message}${error.remedy === '' ? '' : `. ${error.remedy}`}`);
        return false;
      }
      if (!isLost) await notice(false, `${error.message}; trying again`);
      isLost = true;
    }
    if (connectedMs !== null && clock() - connectedMs > STEADY_MS) pauseMs = RETRY_MS;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS);
  }
  return true;
}

/**
 * Recent and coming lines of all logs of an instance, for views: text as it came, not yet safe to print. Ends with the signal.
 * What happens to the connection comes as lines in brackets.
 */
export async function* instanceLogLines(
  cluster: OpenCluster,
  instance: InstanceState,
  request: { readonly lines: number; readonly signal: AbortSignal; readonly clock: () => number },
): AsyncGenerator<string, void, undefined> {
  const waiting: string[] = [];
  let wake = (): void => undefined;
  let isOver = false;
  const own = new AbortController();
  const signal = AbortSignal.any([request.signal, own.signal]);
  signal.addEventListener('abort', () => wake(), { once: true });
  const wanted = { ...request, signal, since: null, grep: null };
  const following = followLogs(cluster, logSourcesOf(instance), wanted, (event) => {
    waiting.push(event.type === 'line' ? event.bytes.toString() : `[${event.text}]`);
    // A view shows the end of it.
    if (waiting.length > MAX_WAITING) waiting.shift();
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  following.catch(() => undefined);
  try {
    while (!signal.aborted) {
      const line = waiting.shift();
      if (line !== undefined) yield line;
      else if (isOver) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await following;
  } finally {
    own.abort();
  }
}

/** Lines that a view has not taken yet. */
const MAX_WAITING = 1000;
