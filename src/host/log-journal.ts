import { HostError } from './connection.ts';
import type { Connection, ExecStream } from './connection.ts';
import { createLineSplitter } from './log-lines.ts';

/** Since when: a time, or so long ago by the clock of each host. */
export type Since = { readonly agoMs: number } | { readonly atMs: number };

/** What of a journal is read. */
export interface JournalRequest {
  /** `nats.service`; a name without a dot is a service's. */
  readonly units: readonly string[];
  /** Goes on with what is written from now on, until the signal. */
  readonly follow?: boolean;
  /** Newest first. */
  readonly reverse?: boolean;
  /** At most so many of the last entries; left out: all. */
  readonly lines?: number;
  readonly since?: Since;
  readonly afterCursor?: string;
  readonly signal?: AbortSignal;
}

export interface JournalEntry {
  /** Its place in the journal. */
  readonly cursor: string;
  readonly timeMs: number;
  /** The one of the units asked for that it belongs to. */
  readonly unit: string;
  readonly identifier: string;
  readonly pid: string;
  readonly message: Buffer;
}

const FIELDS = [
  'MESSAGE',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  '_PID',
  '_SYSTEMD_UNIT',
  'UNIT',
  'OBJECT_SYSTEMD_UNIT',
  'COREDUMP_UNIT',
] as const;
/** Whose an entry is: the first of these that was asked for. */
const UNIT_FIELDS = ['_SYSTEMD_UNIT', 'UNIT', 'OBJECT_SYSTEMD_UNIT', 'COREDUMP_UNIT'] as const;

/** Arguments: those of journalctl. It ends with its stdin, though the journal may be silent for hours. */
const JOURNAL_PROGRAM = `
LC_ALL=C
export LC_ALL
exec 3<&0
journalctl "$@" </dev/null 3<&- &
lg_journal=$!
{ cat <&3; kill "$lg_journal"; } >/dev/null 2>&1 &
wait "$lg_journal"
lg_code=$?
kill "$!" 2>/dev/null
exit "$lg_code"
`;

/** Entries of a journal, as they come; rejects with `HostError`. */
export async function* readJournal(
  connection: Connection,
  request: JournalRequest,
): AsyncGenerator<JournalEntry, void, undefined> {
  const { signal } = request;
  const stream = await connection.open({
    program: JOURNAL_PROGRAM,
    args: journalArguments(request),
    ...(signal === undefined ? {} : { signal }),
  });
  const units = new Map(request.units.map((unit) => [unitName(unit), unit]));
  const [only] = request.units.length === 1 ? request.units : [];
  let complaint = '';
  stream.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  const lines = createLineSplitter(MOST_ENTRY_BYTES);
  let finished = false;
  try {
    try {
      for await (const chunk of stream.stdout) {
        for (const line of lines.feed(chunk as Buffer)) {
          const entry = decodeEntry(line, units, only);
          if (entry !== null) yield entry;
        }
      }
    } catch (error) {
      // Why a connection broke, its end knows better.
      await stream.exit;
      throw error;
    }
    const { code } = await stream.exit;
    finished = true;
    if (code !== 0 && signal?.aborted !== true) throw refused(connection.host, complaint, code);
  } finally {
    if (!finished) abandon(stream);
  }
}

/** An entry of the journal as JSON may be several times as long as its message. */
const MOST_ENTRY_BYTES = 1024 * 1024;

function abandon(stream: ExecStream): void {
  stream.exit.catch(() => undefined);
  stream.close();
}

function journalArguments(request: JournalRequest): readonly string[] {
  const { units, follow = false, reverse = false, lines, since, afterCursor } = request;
  return [
    '--quiet',
    '--no-pager',
    '--all',
    '--output=json',
    `--output-fields=${FIELDS.join(',')}`,
    ...units.map((unit) => `--unit=${unit}`),
    ...(follow ? ['--follow'] : []),
    ...(reverse ? ['--reverse'] : []),
    ...(lines !== undefined ? [`--lines=${lines}`] : follow ? ['--lines=all'] : []),
    ...(since === undefined ? [] : [`--since=${sinceWord(since)}`]),
    ...(afterCursor === undefined ? [] : [`--after-cursor=${afterCursor}`]),
  ];
}

function sinceWord(since: Since): string {
  return 'atMs' in since ? `@${(since.atMs / 1000).toFixed(3)}` : `-${Math.ceil(since.agoMs / 1000)}s`;
}

function refused(host: string, complaint: string, code: number | null): HostError {
  const words = complaint.trim().split('\n').at(-1) ?? '';
  const why = words === '' ? `journalctl ended with exit code ${code}` : words;
  return new HostError(host, 'protocol', `the journal of ${host} cannot be read: ${why}`);
}

/** null: a line that is no entry. */
function decodeEntry(
  line: Buffer,
  units: ReadonlyMap<string, string>,
  only: string | undefined,
): JournalEntry | null {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line.toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
  if (typeof fields !== 'object' || fields === null) return null;
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: micros, MESSAGE: message } = fields;
  if (typeof cursor !== 'string') return null;
  const unit = UNIT_FIELDS.map((name) => units.get(String(fields[name]))).find(
    (found) => found !== undefined,
  );
  return {
    cursor,
    timeMs: Math.floor(Number(micros) / 1000),
    unit: unit ?? only ?? '',
    identifier: textOf(fields['SYSLOG_IDENTIFIER'] ?? fields['_COMM']),
    pid: textOf(fields['_PID']),
    message: bytesOf(message),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What is no text stands as an array of bytes; several of one name as an array of them. */
function bytesOf(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (!Array.isArray(value)) return Buffer.alloc(0);
  return typeof value[0] === 'number' ? Buffer.from(value as number[]) : bytesOf(value[0]);
}

/** As the journal names it. */
export function unitName(unit: string): string {
  return /\.(?:service|socket|timer|mount|target|path|slice|scope|device|swap|automount)$/.test(unit)
    ? unit
    : `${unit}.service`;
}
