import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { HostError } from './connection.ts';
import type { Connection } from './connection.ts';
import { ANSWER } from './script-bootstrap.ts';
import { unitName } from './log-journal.ts';

/** What is there of a file already goes on at a multiple of this. */
export const RESUME_BYTES = 64 * 1024;
/** Out of the middle of a file; its compression tells whether the rest is worth it. */
const SAMPLE_BYTES = 512 * 1024;
const CHUNK_BYTES = 256 * 1024;
const MAX_PREAMBLE_BYTES = 64 * 1024;

/** A file or a journal on its way: its bytes, and then what the host says their digest is. */
export interface FetchedLog {
  /** Of the file as it was when it was opened; what is written later does not come. null: of a journal, nobody knows. */
  readonly sizeBytes: number | null;
  /** Milliseconds since 1970; null: of a journal. */
  readonly modifiedMs: number | null;
  /** Where the bytes begin: where the asker's part ends, when that is the beginning of this very file; else 0. */
  readonly startBytes: number;
  /** Must be read to its end; rejects with `HostError`. */
  readonly bytes: AsyncIterable<Buffer>;
  /** SHA-256 of `bytes`, in hex; '' when the host could not tell. To be asked for after they ended. */
  readonly sha256: () => Promise<string>;
  readonly close: () => void;
}

/**
 * Sends what PRODUCE prints, compressed where there is a gzip, and the digest of it on stderr. Nothing is read twice, nothing is
 * written on the host.
 */
const SENDING = `
LC_ALL=C
export LC_ALL
cd /
lg_sum() { openssl dgst -sha256 -r 2>/dev/null || sha256sum; }
lg_digest() { printf 'sum %s\\n' "$(lg_sum)" >&2; }
if command -v gzip >/dev/null; then lg_way=gzip; else lg_way=plain; fi
lg_pack() { if [ "$lg_way" = gzip ]; then gzip -1 -c; else cat; fi; }
lg_send() { { "$@" | tee /proc/self/fd/4 | lg_digest; } 4>&1 | lg_pack; }
`;

/** Arguments: PATH, and how many bytes of it the asker has (a multiple of 64 KiB) with which digest. */
const FETCH_FILE = `${SENDING}
exec 3<"$1"
set -- "$1" "$2" "$3" $(stat -L -c '%s %Y' /proc/self/fd/3)
lg_from=0
if [ "$2" -gt 0 ] && [ "$2" -le "$4" ]; then
  lg_has=$(head -c "$2" </proc/self/fd/3 | lg_sum)
  [ "\${lg_has%% *}" != "$3" ] || lg_from=$2
fi
lg_size=$4
# What hardly shrinks is sent as it is: gzip is slower than most networks.
if [ "$lg_way" = gzip ] && [ $((lg_size - lg_from)) -gt ${8 * SAMPLE_BYTES} ]; then
  lg_packed=$(dd bs=${RESUME_BYTES} skip=$((lg_size / ${2 * RESUME_BYTES})) count=${SAMPLE_BYTES / RESUME_BYTES} </proc/self/fd/3 2>/dev/null | gzip -1 -c | wc -c)
  [ "$lg_packed" -lt ${SAMPLE_BYTES / 2} ] || lg_way=plain
fi
lg_bytes() { dd bs=${RESUME_BYTES} skip=$((lg_from / ${RESUME_BYTES})) </proc/self/fd/3 2>/dev/null | head -c $((lg_size - lg_from)); }
printf '${ANSWER}log %s %s %s %s\\n' "$lg_way" "$lg_from" "$4" "$5"
lg_send lg_bytes
`;

/** Argument: the unit. What comes while it is sent is left out. */
const FETCH_JOURNAL = `${SENDING}
command -v journalctl >/dev/null || { echo "there is no journalctl" >&2; exit 4; }
printf '${ANSWER}log %s 0 - -\\n' "$lg_way"
lg_send journalctl --quiet --no-pager --all --output=short-iso --unit="$1" --until="@$(date +%s)" </dev/null
`;

/** Begins to fetch a file; `have`: what the asker has of it. Rejects with `HostError`. */
export function fetchFile(
  connection: Connection,
  path: string,
  have: { readonly bytes: number; readonly sha256: string },
  signal: AbortSignal,
): Promise<FetchedLog> {
  return begin(connection, path, {
    program: FETCH_FILE,
    args: [path, String(have.bytes), have.sha256],
    signal,
  });
}

/** Begins to fetch the journal of a unit as text. Rejects with `HostError`. */
export function fetchJournal(connection: Connection, unit: string, signal: AbortSignal): Promise<FetchedLog> {
  const args = [unitName(unit)];
  return begin(connection, `the journal of ${unit}`, { program: FETCH_JOURNAL, args, signal });
}

async function begin(
  connection: Connection,
  what: string,
  request: { readonly program: string; readonly args: readonly string[]; readonly signal: AbortSignal },
): Promise<FetchedLog> {
  const stream = await connection.open(request);
  const { host } = connection;
  stream.stdin.end();
  let said = '';
  stream.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4096);
  });
  const close = (): void => {
    stream.exit.catch(() => undefined);
    stream.close();
  };
  const broken = async (cause: unknown): Promise<never> => {
    // Why a connection broke, its end knows better; one that did not break never ends while nobody reads.
    await Promise.race([stream.exit, sleep(1000, undefined, { ref: false })]);
    throw cause instanceof HostError
      ? cause
      : new HostError(host, 'lost', `${what} of ${host} came in damaged or cut off`, '', { cause });
  };
  const chunks = stream.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const answer = await readAnswer(chunks).catch(broken);
  if (answer === null) {
    await stream.exit;
    const words = said.trim().split('\n').at(-1) ?? '';
    const why = words.replace(/^sh: (?:\d+: |line \d+: )?/, '') || 'it says nothing';
    throw new HostError(host, 'protocol', `${what} on ${host} cannot be read: ${why}`);
  }
  const [, way = '', start = '0', size = '-', modified = '-'] = answer.words;
  const packed = rest(answer.rest, chunks);
  const plain = way === 'gzip' ? unpack(packed) : packed;
  return {
    sizeBytes: size === '-' ? null : Number(size),
    modifiedMs: modified === '-' ? null : Number(modified) * 1000,
    startBytes: Number(start),
    bytes: guarded(plain, broken),
    async sha256() {
      await stream.exit;
      return /^sum ([0-9a-f]{64})\b/m.exec(said)?.[1] ?? '';
    },
    close,
  };
}

/** The words of the answer, and what of its chunk comes after it; what stands before it (a greeting) is passed over. null: none came. */
async function readAnswer(
  chunks: AsyncIterator<Buffer>,
): Promise<{ readonly words: readonly string[]; readonly rest: Buffer } | null> {
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return null;
    held = Buffer.concat([held, next.value]);
    const at = held.subarray(0, ANSWER.length).equals(Buffer.from(ANSWER))
      ? 0
      : held.indexOf(`\n${ANSWER}`) + 1;
    const begins = at > 0 || held.subarray(0, ANSWER.length).equals(Buffer.from(ANSWER));
    const end = begins ? held.indexOf(10, at) : -1;
    if (end >= 0) {
      const words = held
        .subarray(at + ANSWER.length, end)
        .toString()
        .split(' ');
      return { words, rest: held.subarray(end + 1) };
    }
    if (held.length > MAX_PREAMBLE_BYTES) held = held.subarray(-MAX_PREAMBLE_BYTES / 2);
  }
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  if (first.length > 0) yield first;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

async function* unpack(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const source = Readable.from(packed, { objectMode: false, highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    source.destroy();
  }
}

async function* guarded(
  bytes: AsyncIterable<Buffer>,
  broken: (cause: unknown) => Promise<never>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* bytes;
  } catch (cause) {
    await broken(cause);
  }
}
