import { randomBytes } from 'node:crypto';
import { HostError } from './connection.ts';
import type { Connection } from './connection.ts';
import { converse } from './conversation.ts';
import { parseInventory, type LogInventory } from './log-inventory.ts';
import { LOG_PROGRAM, WORD_SEPARATOR } from './log-program.ts';

/** Bytes of one block: a reading begins at its boundary. */
const BLOCK_BYTES = 512;
/** Most that one reading brings. */
export const READ_BYTES = 1024 * 1024;

/** Bytes of a file, and those just before them, which tell whether it still is what was read until there. */
export interface LogReading {
  /** The last 512 at least, or all from the file's start on. */
  readonly before: Buffer;
  readonly bytes: Buffer;
}

/** Asks one host about its log files, over one channel; requests are answered in their order. All reject with `HostError`. */
export interface LogServer {
  /** Minutes that the host's time zone is ahead of UTC. */
  readonly zoneMinutes: number;
  /** How far the host's clock is ahead of ours, in milliseconds, to a second. */
  readonly clockAheadMs: number;
  /** Adds a source by a shell's pattern; gives its number, counted from 0. */
  add(pattern: string): Promise<number>;
  /** What all sources have now. */
  look(): Promise<LogInventory>;
  /** From an offset on, at most READ_BYTES and not beyond `to`. */
  read(path: string, from: number, to: number): Promise<LogReading>;
  /** The last lines that match an extended regular expression, in pieces as they come. */
  lastMatches(
    path: string,
    count: number,
    expression: string,
    onBytes: (bytes: Buffer) => void,
  ): Promise<void>;
  hold(path: string): Promise<void>;
  drop(holder: number): Promise<void>;
  close(): void;
}

interface Request {
  readonly onBytes: (bytes: Buffer) => void;
  readonly resolve: (word: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the program on the host. `close` must be called whatever happens. */
export async function openLogServer(connection: Connection, signal?: AbortSignal): Promise<LogServer> {
  const nonce = randomBytes(16).toString('hex');
  const stream = await connection.open({
    program: LOG_PROGRAM,
    args: [nonce],
    ...(signal === undefined ? {} : { signal }),
  });
  const waiting: Request[] = [];
  const ends = createEndFinder(nonce);
  let failure: Error | undefined;
  let hello: (words: readonly string[]) => void = () => undefined;
  let refuse: (error: unknown) => void = () => undefined;
  const greeting = new Promise<readonly string[]>((resolve, reject) => {
    hello = resolve;
    refuse = reject;
  });
  const conversation = converse(stream, {
    onAnswer: hello,
    onBytes: (bytes) => {
      for (const part of ends.feed(bytes)) {
        if (part.bytes.length > 0) waiting[0]?.onBytes(part.bytes);
        if (part.end !== null) waiting.shift()?.resolve(part.end);
      }
    },
  });
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    refuse(failure);
    for (const request of waiting.splice(0)) request.reject(failure);
  };
  const ended = (): HostError => {
    const words = conversation.complaint.split('\n').at(-1) ?? '';
    const why = words === '' ? '' : `: ${words}`;
    return new HostError(
      connection.host,
      'lost',
      `the program that reads logs on ${connection.host} ended${why}`,
    );
  };
  void conversation.over.then(() => stream.exit.then(() => fail(ended()), fail));

  const ask = (words: readonly (string | number)[], onBytes: (bytes: Buffer) => void = () => undefined) =>
    new Promise<string>((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      waiting.push({ onBytes, resolve, reject });
      conversation.tell(words.join(WORD_SEPARATOR));
    });
  const collect = async (words: readonly (string | number)[]): Promise<{ word: string; bytes: Buffer }> => {
    const chunks: Buffer[] = [];
    const word = await ask(words, (bytes) => void chunks.push(bytes));
    return { word, bytes: Buffer.concat(chunks) };
  };

  let sources = 0;
  let seen: LogInventory = { matches: new Map(), files: new Map(), held: new Map() };
  const [, zone = '', seconds = ''] = await greeting.catch((error: unknown) => {
    stream.close();
    throw error;
  });
  return {
    zoneMinutes: zoneMinutes(zone),
    clockAheadMs: seconds === '' ? 0 : Number(seconds) * 1000 - Date.now(),
    async add(pattern) {
      const source = sources++;
      await ask(['source', source, pattern]);
      return source;
    },
    async look() {
      const { word, bytes } = await collect(['look']);
      if (word !== 'same') seen = parseInventory(bytes.toString());
      return seen;
    },
    async read(path, from, to) {
      const first = Math.max(0, Math.floor(from / BLOCK_BYTES) - 1);
      const upTo = Math.min(to, from + READ_BYTES);
      const blocks = Math.ceil(upTo / BLOCK_BYTES) - first;
      const { bytes } = await collect(['read', BLOCK_BYTES, first, blocks, path]);
      const before = from - first * BLOCK_BYTES;
      return { before: bytes.subarray(0, before), bytes: bytes.subarray(before, upTo - first * BLOCK_BYTES) };
    },
    async lastMatches(path, count, expression, onBytes) {
      await ask(['lines', count, expression, path], onBytes);
    },
    async hold(path) {
      await ask(['hold', path]);
    },
    async drop(holder) {
      await ask(['drop', holder]);
    },
    close: () => stream.close(),
  };
}

/** `+0530` */
function zoneMinutes(text: string): number {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(text);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

interface Part {
  readonly bytes: Buffer;
  /** The word of the line that ended an answer; null: more of it comes. */
  readonly end: string | null;
}

/** Finds the lines that end answers in a stream, wherever chunks are cut. */
function createEndFinder(nonce: string): { feed(bytes: Buffer): Iterable<Part> } {
  const mark = Buffer.from(`\n${nonce} `);
  const longest = mark.length + 32;
  let held: Buffer = Buffer.alloc(0);
  return {
    *feed(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (;;) {
        const at = held.indexOf(mark);
        if (at < 0) {
          // Its beginning may be what the chunk ends with.
          const safe = Math.max(0, held.length - longest);
          if (safe > 0) yield { bytes: held.subarray(0, safe), end: null };
          held = held.subarray(safe);
          return;
        }
        const lineEnd = held.indexOf(10, at + mark.length);
        if (lineEnd < 0) return;
        const end = held.subarray(at + mark.length, lineEnd).toString();
        const bytes = held.subarray(0, at);
        held = held.subarray(lineEnd + 1);
        yield { bytes, end };
      }
    },
  };
}
