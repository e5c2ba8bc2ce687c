import { HostError } from './connection.ts';
import type { Connection, ExecStream } from './connection.ts';
import { HostLockedError } from './lock.ts';
import { lockField } from './lock-program.ts';
import { decodeRecordField } from './record-codec.ts';
import { ATTACH_PROGRAM, START_PROGRAM } from './script-bootstrap.ts';
import { followWith } from './script-follow.ts';
import type { ScriptHost, StreamEnd } from './script-follow.ts';
import { ScriptOutput } from './script-output.ts';
import type { ScriptEvent, ScriptOutcome } from './script.ts';

export interface ScriptStart {
  /** `LINEAGE-UNIQUE`, a file name. */
  readonly name: string;
  readonly nonce: string;
  readonly text: string;
  /** null: the lock is taken in the same exec. */
  readonly token: number | null;
  /** Told to the host once the outcome is known: `done`, or `last DIGEST...`. */
  readonly thanks: (outcome: ScriptOutcome) => string;
  readonly onEvent: (event: ScriptEvent) => void;
  /** Called once, with the token, when the script is known to have been started. */
  readonly onStarted: (token: number) => void;
  readonly signal: AbortSignal | undefined;
}

export interface ScriptEnd {
  readonly outcome: ScriptOutcome;
  /** Settles when the host has removed the run directory. Never rejects. */
  readonly cleaned: Promise<void>;
}

/** Losses in a row without a byte in between, after which it is not the network any more. */
const MAX_FRUITLESS = 10;
const MAX_STARTS = 3;
const CLEANING_MS = 30_000;

/**
 * Starts a script and follows it to its outcome, through any number of lost connections.
 * Rejects with `HostLockedError`, or with `HostError`: `denied`, `no-space`, `cancelled`, or the outage that did not end.
 */
export async function runScript(start: ScriptStart, host: ScriptHost): Promise<ScriptEnd> {
  const output = new ScriptOutput(start.nonce, start.onEvent);
  let token = start.token;
  let starts = 0;
  let fruitless = 0;
  let step: 'start' | 'attach' = 'start';
  for (;;) {
    const before = output.offset;
    let end: StreamEnd;
    if (step === 'start') {
      starts += 1;
      end = await follow(host, output, start.signal, (connection) =>
        openStart(connection, start, starts, token, host),
      );
    } else {
      end = await follow(host, output, start.signal, (connection) =>
        connection.open({
          program: ATTACH_PROGRAM,
          args: [...place(connection, start.name, host, token), `${before + 1}`],
        }),
      );
    }
    fruitless = output.offset > before ? 0 : fruitless + 1;
    const [word, ...words] = end.answer;
    const startedToken = word === 'started' ? Number(words[0]) : word === 'running' ? Number(words[2]) : null;
    if (startedToken !== null && token === null) token = startedToken;
    if (startedToken !== null) start.onStarted(startedToken);
    if (output.ended) return finish(end, output.outcome(), start);
    switch (word) {
      case 'vanished':
      case 'ended':
        // Else the stream broke before all of the output had come.
        if (output.complete) return finish(end, output.vanished(), start);
        break;
      case 'absent':
        if (output.begun) return finish(end, output.vanished(), start);
        // What sh says of a text that it cannot parse.
        if (output.offset > 0) throw notStarted(host.host, output.lastLines.join('; ').slice(0, 500));
        if (starts >= MAX_STARTS) throw notStarted(host.host, end.complaint);
        step = 'start';
        break;
      case 'busy':
        await adoptScript(host, () => undefined, start.signal);
        step = 'start';
        starts -= 1;
        break;
      case 'fenced':
        return finish(end, { outcome: 'fenced', holder: decodeRecordField(words[0] ?? '') }, start);
      case 'locked':
      case 'changed':
      case 'denied':
      case 'full':
        throw refusal(host.host, word, words, end);
      default:
        // The stream broke, before or after an answer: look what became of the script.
        step = 'attach';
    }
    if (fruitless > MAX_FRUITLESS) throw end.error ?? notStarted(host.host, end.complaint);
  }
}

/** Follows the script of our own lineage that the host's lock names to its end; null when there is none. */
export async function adoptScript(
  host: ScriptHost,
  onEvent: (event: ScriptEvent) => void,
  signal: AbortSignal | undefined,
): Promise<ScriptEnd | null> {
  const found: { output: ScriptOutput | null } = { output: null };
  let name = '';
  for (let fruitless = 0; fruitless <= MAX_FRUITLESS; fruitless++) {
    const from = (found.output?.offset ?? 0) + 1;
    const end = await followWith(host, signal, {
      open: (connection) =>
        connection.open({
          program: ATTACH_PROGRAM,
          args: [...place(connection, name, host, null), `${from}`],
        }),
      onAnswer: (words) => {
        name = words[1] ?? name;
        if (words[0] === 'absent') return null;
        found.output ??= new ScriptOutput(words[2] ?? '-', onEvent);
        return found.output;
      },
    });
    const seen = found.output;
    const ack = { thanks: () => 'done' };
    if (seen?.ended === true) return finish(end, seen.outcome(), ack);
    if (end.answer[0] === 'absent')
      return seen === null || seen.offset === 0 ? null : finish(end, seen.vanished(), ack);
    if (seen?.complete === true) return finish(end, seen.vanished(), ack);
    if (seen !== null && seen.offset >= from) fruitless = 0;
  }
  throw notStarted(host.host, '');
}

function follow(
  host: ScriptHost,
  output: ScriptOutput,
  signal: AbortSignal | undefined,
  open: (connection: Connection) => Promise<ExecStream>,
): Promise<StreamEnd> {
  return followWith(host, signal, { open, onAnswer: () => output });
}

function finish(end: StreamEnd, outcome: ScriptOutcome, start: Pick<ScriptStart, 'thanks'>): ScriptEnd {
  const { stream, conversation } = end;
  if (stream === null || conversation === null) return { outcome, cleaned: Promise.resolve() };
  conversation.tell(start.thanks(outcome));
  stream.stdin.end();
  const timer = setTimeout(() => stream.close(), CLEANING_MS);
  const cleaned = stream.exit
    .then(
      () => undefined,
      () => undefined,
    )
    .finally(() => clearTimeout(timer));
  return { outcome, cleaned };
}

async function openStart(
  connection: Connection,
  start: ScriptStart,
  attempt: number,
  token: number | null,
  host: ScriptHost,
): Promise<ExecStream> {
  const text = Buffer.from(start.text);
  const args = [
    ...place(connection, start.name, host, token),
    `${host.expectedToken() ?? '-'}`,
    `${text.length}`,
    `${attempt}`,
  ];
  const stream = await connection.open({ program: START_PROGRAM, args });
  stream.stdin.on('error', () => undefined);
  stream.stdin.write(text);
  stream.stdin.write('go\n');
  return stream;
}

/** The arguments that all programs of a session begin with. */
export function place(
  connection: Connection,
  name: string,
  host: Pick<ScriptHost, 'lineage' | 'run' | 'owner'>,
  token: number | null,
): readonly string[] {
  const { stateDir, secretsDir, instancesDir } = connection.layout;
  const fields = [host.lineage, host.run, host.owner].map(lockField);
  return [stateDir, secretsDir, instancesDir, name, ...fields, `${token ?? 0}`];
}

function refusal(host: string, word: string, words: readonly string[], end: StreamEnd): Error {
  const why = end.complaint === '' ? '' : `: ${end.complaint.split('\n').at(-1)}`;
  if ((word === 'full' || word === 'denied') && /read-only file system/i.test(end.complaint)) {
    const message = `a file system where slipway keeps its things on ${host} is read-only${why}`;
    const remedy =
      'The kernel makes it so when a disk fails: look at dmesg there, then mount it writable again.';
    return new HostError(host, 'denied', message, remedy);
  }
  switch (word) {
    case 'locked':
      return new HostLockedError(host, {
        lineage: decodeRecordField(words[0] ?? ''),
        run: decodeRecordField(words[1] ?? ''),
        owner: decodeRecordField(words[2] ?? ''),
        leaseSecondsLeft: Number(words[3] ?? 0),
        scriptRunning: words[4] === 'yes',
      });
    case 'changed':
      return new HostLockedError(host, null);
    case 'full':
      return noRoom(host, words.join(' '));
    default:
      if (/no space left|quota exceeded/i.test(end.complaint)) return noRoom(host, null);
      return new HostError(
        host,
        'denied',
        `slipway may not write where it keeps its things on ${host}${why}`,
        'Connect as root, or let the connection become root (become = "sudo").',
      );
  }
}

function noRoom(host: string, folder: string | null): HostError {
  const where = folder === null ? 'where slipway keeps its things' : `in ${folder}`;
  const message = `${host} is full: there is no room for a script ${where}`;
  return new HostError(host, 'no-space', message, 'Free space on the host and run again.');
}

function notStarted(host: string, complaint: string): HostError {
  return new HostError(
    host,
    'protocol',
    `a script could not be started on ${host}${complaint === '' ? '' : `: ${complaint}`}`,
  );
}
