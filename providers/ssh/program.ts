import { Writable } from 'node:stream';
import type { Duplex, Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { ExecStream, HostError } from '../../src/host/connection.ts';

/** A program that runs on the host, over a channel of its own. */
export interface Program extends ExecStream {
  /** Gives it up: `exit` rejects, the channel is closed. */
  fail(error: HostError): void;
  /** Settles when the channel is closed on both sides, abandoned, or the connection gone. Never rejects. */
  readonly released: Promise<void>;
}

/** A program that we gave up may run on; for so long it counts as one of the sessions that the server allows. */
const ABANDONED_MS = 2000;

export function program(channel: ClientChannel, socket: Duplex): Program {
  let code: number | null = null;
  let failed = false;
  const stdin = channelInput(channel, socket);
  channel.on('exit', (status: number | null) => {
    code = status;
    stdin.destroy();
  });
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  const stderrEnded = new Promise<void>((resolve) => channel.stderr.once('end', () => resolve()));
  let reject: (error: HostError) => void = () => {};
  let giveUp: () => void = () => {};
  const exit = new Promise<{ code: number | null }>((resolve, rejectExit) => {
    reject = rejectExit;
    // The server answers to a close only when the program has ended, which may be never.
    giveUp = () => resolve({ code });
    void Promise.all([closed, stderrEnded]).then(() => resolve({ code }));
  });
  // Who only reads the outputs need not ask for the exit.
  exit.catch(() => {});
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
    void closed.then(resolve);
  });
  void closed.then(() => stdin.destroy());

  /** What still arrives is thrown away: a channel is closed only once it is read to its end. */
  const close = (): void => {
    stdin.destroy();
    channel.close();
    channel.resume();
    channel.stderr.resume();
    giveUp();
    setTimeout(release, ABANDONED_MS).unref();
  };
  // A reader that stops early destroys its stream, which for ssh2 leaves the channel unread and open. Node also destroys
  // a stream that has ended both ways; closing then might forestall the exit code, and the server closes by itself.
  for (const output of [channel, channel.stderr as Readable]) {
    output.destroy = () => {
      if (!output.readableEnded) close();
      return output;
    };
  }
  return {
    stdin,
    stdout: channel,
    stderr: channel.stderr as Readable,
    exit,
    released,
    close,
    fail(error) {
      if (failed) return;
      failed = true;
      reject(error);
      close();
      // The other side may never answer.
      if (error.kind === 'lost') release();
    },
  };
}

/**
 * The stdin of a channel. It takes the next chunk only when the one before has left for the kernel: otherwise ssh2 holds
 * a window (2 MiB) of encrypted packets per channel, whatever the network takes. It is destroyed, without an error, when
 * the program has ended: ssh2's own stream would then wait for ever.
 */
function channelInput(channel: ClientChannel, socket: Duplex): Writable {
  return new Writable({
    highWaterMark: 256 * 1024,
    write(chunk: Uint8Array, _encoding, done) {
      channel.write(chunk, () => (socket.writableNeedDrain ? socket.once('drain', () => done()) : done()));
    },
    final(done) {
      channel.end();
      done();
    },
  });
}

/** Sends all of a source, a chunk when the one before was taken. Ends early, without an error, when the program has ended. */
export async function feed(
  stdin: Writable,
  source: Uint8Array | string | AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  if (source !== undefined) {
    for await (const chunk of typeof source === 'string' || source instanceof Uint8Array
      ? slices(source)
      : source) {
      if (stdin.destroyed) return;
      await taken(stdin, chunk);
    }
  }
  if (!stdin.destroyed) stdin.end();
}

const SLICE_BYTES = 256 * 1024;

function* slices(source: Uint8Array | string): Generator<Uint8Array> {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

/** Settles when the chunk is no longer needed. */
function taken(stream: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stream.removeListener('close', go);
      resolve();
    };
    stream.once('close', go);
    stream.write(chunk, go);
  });
}
