import { ANSWER } from './script-bootstrap.ts';
import type { ExecStream } from './connection.ts';

const MAX_PREAMBLE_BYTES = 64 * 1024;

/** A program of ours that runs: it answers in one line, then sends bytes, and is told words on its stdin. */
export interface Conversation {
  /** Settles when stdout has ended, whatever the reason. Everything was handed over by then. */
  readonly over: Promise<void>;
  /** One line to the program; a stream that is gone is no error, its end is seen elsewhere. */
  tell(line: string): void;
  /** Milliseconds since 1970 when the program was last heard of. */
  readonly heardAt: number;
  /** The beginning of what it wrote to stderr. */
  readonly complaint: string;
}

/**
 * Listens to a stream that was opened for one of our programs. `onAnswer` gets the words of its answer line, then `onBytes`
 * what follows it, both as soon as it comes. What stands before the answer (a login script's greeting) is passed over.
 */
export function converse(
  stream: ExecStream,
  handlers: {
    readonly onAnswer: (words: readonly string[]) => void;
    readonly onBytes: (bytes: Buffer) => void;
  },
): Conversation {
  let heardAt = Date.now();
  let complaint = '';
  let preamble: Buffer | null = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    heardAt = Date.now();
    if (preamble === null) {
      handlers.onBytes(chunk);
      return;
    }
    preamble = Buffer.concat([preamble, chunk]);
    const begin = answerStart(preamble);
    const end = begin < 0 ? -1 : preamble.indexOf('\n', begin);
    if (end < 0) {
      if (preamble.length > MAX_PREAMBLE_BYTES) preamble = preamble.subarray(-MAX_PREAMBLE_BYTES / 2);
      return;
    }
    const words = preamble
      .subarray(begin + ANSWER.length, end)
      .toString()
      .split(' ');
    const rest = preamble.subarray(end + 1);
    preamble = null;
    handlers.onAnswer(words);
    if (rest.length > 0) handlers.onBytes(rest);
  };
  const over = new Promise<void>((resolve) => {
    stream.stdout.on('end', resolve).on('close', resolve).on('error', resolve);
    stream.exit.then(
      () => undefined,
      () => resolve(),
    );
  });
  stream.stdout.on('data', onData);
  stream.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  stream.stderr.on('error', () => undefined);
  stream.stdin.on('error', () => undefined);
  return {
    over,
    tell: (line) => {
      if (stream.stdin.writable) stream.stdin.write(`${line}\n`);
    },
    get heardAt() {
      return heardAt;
    },
    get complaint() {
      return complaint.trim();
    },
  };
}

/** Index of an answer at the beginning of a line, or -1. */
function answerStart(bytes: Buffer): number {
  if (bytes.subarray(0, ANSWER.length).toString() === ANSWER) return 0;
  const at = bytes.indexOf(`\n${ANSWER}`);
  return at < 0 ? -1 : at + 1;
}
