import { HostError, type Connection } from '../../host/connection.ts';
import { isCompressed, isRotationOf, type LogFile } from '../../host/log-inventory.ts';
import { readJournal, type JournalEntry, type Since } from '../../host/log-journal.ts';
import { createLineSplitter } from '../../host/log-lines.ts';
import { openLogServer, type LogServer } from '../../host/log-server.ts';
import { lineMask, sinceMsOf } from './follow-logs.ts';
import { inOrder } from './in-order.ts';
import { startOfLast, startSince } from './locate-lines.ts';
import { journalLines, type LogEvent, type LogLine, type OnLogEvent } from './log-event.ts';
import type { LogSource } from './log-sources.ts';
import type { OpenCluster } from './open-cluster.ts';

export interface ShowRequest {
  /** The last lines of each file; with `grep` the last that match. null: all (since then). */
  readonly lines: number | null;
  readonly since: Since | null;
  /** An extended regular expression, and the same as ours. */
  readonly grep: { readonly expression: string; readonly regex: RegExp } | null;
  readonly parallelism: number;
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

/** Lines of a file whose own times nobody understands, when they are asked for by time. */
const TIMELESS_LINES = 20;

/**
 * The last lines of logs, one source after the other in the given order, hosts side by side. What cannot be read is a notice,
 * and the others go on; resolves to false then.
 */
export async function showLogs(
  cluster: OpenCluster,
  sources: readonly LogSource[],
  request: ShowRequest,
  onEvent: OnLogEvent,
): Promise<boolean> {
  const mask = lineMask(cluster.secrets);
  const servers = serverPool(request.signal);
  let isComplete = true;
  const failed = (host: string, text: string): LogEvent => ({ type: 'notice', host, failed: true, text });
  const told = new Set<string>();
  try {
    await inOrder<LogEvent>(
      sources.map((source) => async (give) => {
        const reader: Reader = {
          source,
          request,
          give: (line) => give({ type: 'line', ...line, bytes: mask(line.bytes) }),
          note: (text) => give({ type: 'notice', host: source.host, failed: false, text }),
        };
        try {
          const connection = await connectionTo(cluster, source.host);
          if (source.origin.from === 'journal') await showJournal(reader, connection, source.origin.unit);
          else await showFiles(reader, await servers.of(source.host, connection), source.origin.pattern);
        } catch (error) {
          if (!(error instanceof HostError)) throw error;
          request.signal.throwIfAborted();
          isComplete = false;
          // Once per host is enough.
          if (told.has(`${source.host} ${error.message}`)) return;
          told.add(`${source.host} ${error.message}`);
          await give(failed(source.host, wordError(error)));
        }
      }),
      {
        parallelism: request.parallelism,
        sizeOf: (event) => (event.type === 'line' ? event.bytes.length + 64 : 64),
      },
      onEvent,
    );
  } finally {
    servers.close();
  }
  return isComplete;
}

/** A connection, or a `HostError` that says what is missing for one. */
export async function connectionTo(cluster: OpenCluster, host: string): Promise<Connection> {
  const missing = cluster.problems.find((problem) => problem.host === host);
  if (missing === undefined) return cluster.sessionOf(host).connection();
  const { summary, detail } = missing.diagnostic;
  throw new HostError(host, 'authentication', summary, detail);
}

export function wordError({ message, remedy }: HostError): string {
  return remedy === '' ? message : `${message.replace(/\.$/, '')}. ${remedy}`;
}

/** One server per host, for all of its sources. */
export function serverPool(signal: AbortSignal): {
  of(host: string, connection: Connection): Promise<LogServer>;
  close(): void;
} {
  const servers = new Map<string, Promise<LogServer>>();
  return {
    of(host, connection) {
      let server = servers.get(host);
      if (server === undefined) servers.set(host, (server = openLogServer(connection, signal)));
      return server;
    },
    close() {
      for (const server of servers.values()) {
        server.then(
          (open) => open.close(),
          () => undefined,
        );
      }
    },
  };
}

interface Reader {
  readonly source: LogSource;
  readonly request: ShowRequest;
  readonly give: (line: LogLine) => Promise<void>;
  readonly note: (text: string) => Promise<void>;
}

async function showJournal(reader: Reader, connection: Connection, unit: string): Promise<void> {
  const { request, source } = reader;
  const { lines, since, grep, signal } = request;
  const bounds = { units: [unit], signal, ...(since === null ? {} : { since }) };
  if (lines === null || grep === null) {
    const last = lines === null ? {} : { lines };
    for await (const entry of readJournal(connection, { ...bounds, ...last })) {
      for (const line of journalLines(source, entry))
        if (grep === null || grep.regex.test(line.bytes.toString())) await reader.give(line);
    }
    return;
  }
  // The last that match: the newest first, until there are enough.
  const found: LogLine[] = [];
  const newest = (entry: JournalEntry): readonly LogLine[] => [...journalLines(source, entry)].reverse();
  for await (const entry of readJournal(connection, { ...bounds, reverse: true })) {
    found.push(...newest(entry).filter((line) => grep.regex.test(line.bytes.toString())));
    if (found.length >= lines) break;
  }
  for (const line of found.slice(0, lines).reverse()) await reader.give(line);
}

async function showFiles(reader: Reader, server: LogServer, pattern: string): Promise<void> {
  const { request } = reader;
  const sinceMs =
    request.since === null ? null : sinceMsOf(request.since, request.clock() + server.clockAheadMs);
  const files = filesToShow(await lookOnce(server, pattern), sinceMs);
  for (const file of files) await showFile(reader, server, file, sinceMs);
}

/** What a pattern means now. */
export async function lookOnce(server: LogServer, pattern: string): Promise<readonly LogFile[]> {
  const source = await server.add(pattern);
  return (await server.look()).matches.get(source) ?? [];
}

/** Earlier generations are shown only where it is asked for by time; the older before the younger. */
function filesToShow(files: readonly LogFile[], sinceMs: number | null): readonly LogFile[] {
  const readable = files.filter(({ path }) => !isCompressed(path));
  const isEarlier = ({ path }: LogFile): boolean => readable.some((base) => isRotationOf(base.path, path));
  if (sinceMs === null) return readable.filter((file) => !isEarlier(file));
  const recent = readable.filter((file) => (file.modifiedSeconds + 1) * 1000 >= sinceMs);
  return recent.sort(
    (a, b) => a.modifiedSeconds - b.modifiedSeconds || (isRotationOf(b.path, a.path) ? -1 : 1),
  );
}

async function showFile(
  reader: Reader,
  server: LogServer,
  file: LogFile,
  sinceMs: number | null,
): Promise<void> {
  const { source, request } = reader;
  const { lines, grep } = request;
  const lineOf = (bytes: Buffer): LogLine => ({ source, file: file.path, timeMs: null, bytes });
  if (sinceMs === null && grep !== null && lines !== null) {
    const splitter = createLineSplitter();
    const found: Buffer[] = [];
    await server.lastMatches(file.path, lines, grep.expression, (bytes) =>
      found.push(...splitter.feed(bytes)),
    );
    const last = splitter.flush();
    for (const bytes of last === null ? found : [...found, last]) await reader.give(lineOf(bytes));
    return;
  }
  let start = sinceMs !== null ? await startSince(server, file, sinceMs) : lines === null ? 0 : null;
  if (sinceMs !== null && start === null && file.sizeBytes > 0) {
    await reader.note(
      `the lines of ${file.path} have no time that slipway knows: its last ${lines ?? TIMELESS_LINES} are shown`,
    );
  }
  start ??= await startOfLast(server, file, lines ?? TIMELESS_LINES);
  const wanted = (bytes: Buffer): boolean => grep === null || grep.regex.test(bytes.toString());
  if (lines === null || sinceMs === null) {
    for await (const bytes of linesFrom(server, file, start))
      if (wanted(bytes)) await reader.give(lineOf(bytes));
    return;
  }
  const kept: Buffer[] = [];
  for await (const bytes of linesFrom(server, file, start)) {
    if (!wanted(bytes)) continue;
    kept.push(bytes);
    if (kept.length > lines) kept.shift();
  }
  for (const bytes of kept) await reader.give(lineOf(bytes));
}

/** Lines from an offset on up to the size that was seen, the last one also where it has no end yet. */
async function* linesFrom(
  server: LogServer,
  file: LogFile,
  start: number,
): AsyncGenerator<Buffer, void, undefined> {
  const splitter = createLineSplitter();
  for (let at = start; at < file.sizeBytes;) {
    const { bytes } = await server.read(file.path, at, file.sizeBytes);
    if (bytes.length === 0) break;
    at += bytes.length;
    yield* splitter.feed(bytes);
  }
  const last = splitter.flush();
  if (last !== null) yield last;
}
