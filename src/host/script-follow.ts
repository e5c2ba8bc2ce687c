import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from './connection.ts';
import type { Connection, ExecStream } from './connection.ts';
import { converse } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import type { ScriptOutput } from './script-output.ts';

/** What the running of scripts needs of its session. */
export interface ScriptHost {
  readonly host: string;
  readonly lineage: string;
  readonly run: string;
  readonly owner: string;
  readonly expectedToken: () => number | null;
  /** Opens the connection anew where it was lost, with backoff; rejects when the outage lasts too long. */
  connection(): Promise<Connection>;
  /** Called when a stream of this connection broke, so that the next one is a new one. */
  suspect(connection: Connection): void;
  /** How often a silent script is asked for, in milliseconds. */
  readonly aliveMs: number;
}

/** What one stream brought: its answer (empty: none came), and why it ended if it broke. */
export interface StreamEnd {
  readonly answer: readonly string[];
  readonly conversation: Conversation | null;
  readonly stream: ExecStream | null;
  readonly complaint: string;
  readonly error: HostError | undefined;
}

/** Opens a stream and feeds the output until the script's end marker, a refusal, or the end of the stream. */
export async function followWith(
  host: ScriptHost,
  signal: AbortSignal | undefined,
  {
    open,
    onAnswer,
  }: {
    open: (connection: Connection) => Promise<ExecStream>;
    onAnswer: (words: readonly string[]) => ScriptOutput | null;
  },
): Promise<StreamEnd> {
  if (signal?.aborted === true) throw cancelled(host.host);
  const connection = await host.connection();
  let stream: ExecStream;
  try {
    stream = await open(connection);
  } catch (error) {
    if (!(error instanceof HostError) || !error.transient) throw error;
    host.suspect(connection);
    await sleep(100);
    return { answer: [], conversation: null, stream: null, complaint: '', error };
  }
  let answer: readonly string[] = [];
  const sink: { output: ScriptOutput | null } = { output: null };
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const conversation = converse(stream, {
    onAnswer: (words) => {
      answer = words;
      sink.output = onAnswer(words);
      if (!FOLLOWED.has(words[0] ?? '')) ended();
    },
    onBytes: (bytes) => {
      sink.output?.feed(bytes);
      // Not the end of the stream: sshd keeps that back for as long as stderr is open.
      if (sink.output?.ended === true || sink.output?.complete === true) ended();
    },
  });
  // A script that was killed can say nothing: the host is asked whether its process lives.
  const timer = setInterval(() => {
    if (answer.length > 0 && Date.now() - conversation.heardAt >= host.aliveMs) conversation.tell('alive');
  }, host.aliveMs);
  const aborted = whenAborted(signal);
  try {
    await Promise.race([end, conversation.over, aborted.promise]);
  } finally {
    clearInterval(timer);
    aborted.forget();
  }
  // What the host still waits for: thanks for the output, or the end of its stdin.
  const followed = sink.output as ScriptOutput | null;
  const settled = followed?.ended === true || followed?.complete === true;
  if (!settled && aborted.happened()) {
    stream.close();
    throw cancelled(host.host);
  }
  let error: HostError | undefined;
  if (!settled) {
    stream.stdin.end();
    error = await stream.exit.then(
      () => undefined,
      (reason: unknown) => (reason instanceof HostError ? reason : undefined),
    );
    if (error !== undefined && !REFUSED.has(answer[0] ?? '')) {
      if (!error.transient) throw error;
      host.suspect(connection);
    }
  }
  return { answer, conversation, stream, complaint: conversation.complaint, error };
}

/** Answers after which output follows. */
const FOLLOWED: ReadonlySet<string> = new Set(['started', 'running', 'ended', 'vanished']);
const REFUSED: ReadonlySet<string> = new Set([
  'absent',
  'busy',
  'fenced',
  'locked',
  'changed',
  'denied',
  'full',
]);

function cancelled(host: string): HostError {
  return new HostError(host, 'cancelled', `the work on ${host} was given up on request`);
}

function whenAborted(signal: AbortSignal | undefined): {
  promise: Promise<void>;
  happened: () => boolean;
  forget: () => void;
} {
  const happened = (): boolean => signal?.aborted === true;
  if (signal === undefined) {
    return { promise: new Promise(() => undefined), happened, forget: () => undefined };
  }
  let listener = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    listener = () => resolve();
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', listener, { once: true });
  });
  return { promise, happened, forget: () => signal.removeEventListener('abort', listener) };
}
