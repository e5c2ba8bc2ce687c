import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostError } from '../../../src/host/connection.ts';
import type { Connection, ExecStream, InteractRequest } from '../../../src/host/connection.ts';

/** What a provider brings to the suite. */
export interface ConnectionUnderTest {
  /** Opens a connection as an ordinary user of the provider would. */
  connect(options?: { signal?: AbortSignal }): Promise<Connection>;
  /** Breaks all open connections from outside, as a network or a host does; absent where that cannot happen. */
  readonly sever?: () => Promise<void>;
  /** An address of this machine that the host can reach. Default: 127.0.0.1, for a host that is this machine. */
  readonly reachable?: string;
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/** The behaviour every `Connection` shares, as a suite: `connectionConformance('ssh', setup)`. */
export function connectionConformance(name: string, setup: () => Promise<ConnectionUnderTest>): void {
  describe(`a connection by ${name}`, () => {
    let provider: ConnectionUnderTest;
    let connection: Connection;
    beforeAll(async () => {
      provider = await setup();
      connection = await provider.connect();
    });
    afterAll(async () => {
      await connection?.close();
      await provider?.close();
    });
    const sh = async (program: string, ...args: string[]): Promise<string> =>
      (await connection.exec({ program, args })).stdout.toString();

    describe('exec', () => {
      it('gives exit code, stdout and stderr, each for itself', async () => {
        const result = await connection.exec({ program: 'echo out; echo err >&2; exit 7' });
        expect(result.code).toBe(7);
        expect(result.stdout.toString()).toBe('out\n');
        expect(result.stderr.toString()).toBe('err\n');
      });

      it('gives 127 for a command that is not there', async () => {
        expect((await connection.exec({ program: 'no-such-command-here' })).code).toBe(127);
      });

      it('runs the program as POSIX sh, over several lines', async () => {
        expect(await sh('for n in 1 2; do\n  echo "$n" # a comment\ndone\ncat <<END\n$((6 * 7))\nEND')).toBe(
          '1\n2\n42\n',
        );
      });

      it('hands over arguments literally', async () => {
        const words = [
          '',
          ' ',
          'a b',
          "it's",
          '"',
          '$HOME',
          '`id`',
          '\\',
          '\\\\n',
          "\\'",
          '!',
          '*',
          '~',
          'a\nb',
          '-n',
          'ü€😀',
          '\t',
          '#',
          ';',
          '%',
        ];
        expect(await sh('printf "%s\\0" "$@"', ...words)).toBe(words.map((word) => `${word}\0`).join(''));
      });

      it('leaves stdin empty when none is given', async () => {
        expect(await sh('cat; echo end')).toBe('end\n');
      });

      it('sends a string, bytes, or a stream to stdin', async () => {
        const cat = async (stdin: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<string> =>
          (await connection.exec({ program: 'cat', stdin })).stdout.toString();
        expect(await cat('grüße\n')).toBe('grüße\n');
        expect(await cat(Buffer.from('bytes'))).toBe('bytes');
        expect(await cat(chunks(Buffer.from('one '), Buffer.alloc(0), Buffer.from('two')))).toBe('one two');
        expect(await cat('')).toBe('');
      });

      it('carries every byte unchanged both ways', async () => {
        const bytes = Buffer.from(Array.from({ length: MEBIBYTE }, (_, n) => (n * 7 + (n >> 8)) & 255));
        const { stdout } = await connection.exec({ program: 'cat', stdin: bytes });
        expect(stdout.equals(bytes)).toBe(true);
      });

      it('ends when the program ends, read or unread stdin', async () => {
        const { code, stdout } = await connection.exec({
          program: 'head -c 1; exit 4',
          stdin: Buffer.alloc(16 * MEBIBYTE, 'x'),
        });
        expect(stdout.toString()).toBe('x');
        expect(code).toBe(4);
      });

      it('gives the exit code of a program that closed its outputs long before', async () => {
        const { code } = await connection.exec({
          program: 'exec >/dev/null 2>&1 </dev/null; sleep 0.2; exit 6',
        });
        expect(code).toBe(6);
      });

      it('gives no code of success when the program was killed', async () => {
        // A login shell between reports 128 and the signal.
        expect([null, 137]).toContain((await connection.exec({ program: 'kill -KILL $$' })).code);
      });

      it('runs many programs at once', async () => {
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, n) => sh('sleep 0.05; echo "$1"', String(n))),
        );
        expect(results).toEqual(Array.from({ length: 30 }, (_, n) => `${n}\n`));
      });

      it('refuses an output past 64 MiB', async () => {
        await expect(connection.exec({ program: 'head -c 70000000 /dev/zero' })).rejects.toMatchObject({
          name: 'HostError',
          kind: 'protocol',
        });
      });

      it('gives up after its timeout, and the connection goes on', async () => {
        await expect(connection.exec({ program: 'sleep 5', timeoutMs: 100 })).rejects.toMatchObject({
          kind: 'timeout',
        });
        expect(await sh('echo still here')).toBe('still here\n');
      });

      it('gives up when it is cancelled, before or while it runs', async () => {
        await expect(connection.exec({ program: 'true', signal: AbortSignal.abort() })).rejects.toMatchObject(
          {
            kind: 'cancelled',
          },
        );
        const controller = new AbortController();
        const running = connection.exec({ program: 'sleep 5', signal: controller.signal });
        setTimeout(() => controller.abort(), 50);
        await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
      });

      it('does not report success when its input fails half-way', async () => {
        async function* broken(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('half');
          await sleep(10);
          throw new Error('the disk is gone');
        }
        await expect(connection.exec({ program: 'cat', stdin: broken() })).rejects.toBeInstanceOf(HostError);
      });
    });

    describe('open', () => {
      it('has live streams', async () => {
        const stream = await connection.open({
          program: 'while read -r line; do echo "got $line"; done; echo bye >&2; exit 3',
        });
        const stderr = textOf(stream.stderr);
        const lines = stream.stdout.iterator({ destroyOnReturn: false });
        stream.stdin.write('a\n');
        expect(String((await lines.next()).value)).toBe('got a\n');
        stream.stdin.write('b\n');
        expect(String((await lines.next()).value)).toBe('got b\n');
        stream.stdin.end();
        expect((await lines.next()).done).toBe(true);
        expect(await stderr).toBe('bye\n');
        expect(await stream.exit).toEqual({ code: 3 });
      });

      it('holds back a writer that is faster than the program', async () => {
        const stream = await connection.open({ program: 'sleep 0.3; wc -c' });
        const counted = textOf(stream.stdout);
        stream.stderr.resume();
        let taken = 0;
        async function* source(): AsyncGenerator<Uint8Array> {
          for (; taken < 64; taken++) yield Buffer.alloc(MEBIBYTE);
        }
        const sent = pipeline(source(), stream.stdin);
        await sleep(150);
        expect(taken).toBeLessThan(32);
        await sent;
        expect((await counted).trim()).toBe(String(64 * MEBIBYTE));
        expect(await stream.exit).toEqual({ code: 0 });
      });

      it('lets go a writer whose program has ended', async () => {
        const stream = await connection.open({ program: 'exit 5' });
        stream.stdout.resume();
        stream.stderr.resume();
        const sent = pipeline(
          Readable.from(chunks(...Array<Buffer>(64).fill(Buffer.alloc(MEBIBYTE)))),
          stream.stdin,
        );
        await sent.catch(() => {});
        expect(await stream.exit).toEqual({ code: 5 });
      });

      it('holds back a program that is faster than the reader', async () => {
        const stream = await connection.open({ program: 'head -c 33554432 /dev/zero; echo done >&2' });
        const stderr = textOf(stream.stderr);
        await sleep(50);
        let bytes = 0;
        for await (const chunk of stream.stdout) bytes += (chunk as Buffer).length;
        expect(bytes).toBe(32 * MEBIBYTE);
        expect(await stderr).toBe('done\n');
      });

      it('is closed at will, by closing or by not reading on', async () => {
        const closed = await connection.open({ program: 'sleep 30' });
        closed.close();
        await settled(closed);
        const left = await connection.open({ program: 'yes' });
        left.stderr.resume();
        for await (const chunk of left.stdout) if ((chunk as Buffer).length > 0) break;
        await settled(left);
        const loud = await connection.open({ program: 'yes >&2' });
        loud.stdout.resume();
        for await (const chunk of loud.stderr) if ((chunk as Buffer).length > 0) break;
        await settled(loud);
        expect(await sh('echo still here')).toBe('still here\n');
      });

      it('ends with its signal', async () => {
        const controller = new AbortController();
        const stream = await connection.open({ program: 'sleep 30', signal: controller.signal });
        controller.abort();
        await expect(stream.exit).rejects.toMatchObject({ kind: 'cancelled' });
      });
    });

    describe('interact', () => {
      /** Files in the place of a terminal: what is typed, and what is shown. */
      const interact = async (
        typed: string,
        request: Omit<InteractRequest, 'terminal'>,
        on: Connection = connection,
      ): Promise<{ readonly code: number | null; readonly shown: string }> => {
        const folder = await mkdtemp(join(tmpdir(), 'slipway-terminal-'));
        const [input, output] = [join(folder, 'typed'), join(folder, 'shown')];
        await writeFile(input, typed);
        const [stdin, stdout] = [createReadStream(input), createWriteStream(output)];
        try {
          await Promise.all([once(stdin, 'open'), once(stdout, 'open')]);
          const terminal = { stdin, stdout, stderr: stdout, type: 'vt220', locale: {} };
          const { code } = await on.interact({ ...request, terminal });
          await new Promise((resolve) => stdout.end(resolve));
          return { code, shown: await readFile(output, 'utf8') };
        } finally {
          stdin.destroy();
          stdout.destroy();
          await rm(folder, { recursive: true, force: true });
        }
      };

      it('lends the terminal to a program, with its arguments, and gives its exit code', async () => {
        const program = 'read -r line; printf "%s.\\n" "$line" "$@"; exit 5';
        const { code, shown } = await interact('typed\n', { program, args: ['a  b', '$HOME', "it's"] });
        expect(code).toBe(5);
        for (const line of ['typed.', 'a  b.', '$HOME.', "it's."]) expect(shown).toContain(line);
      });

      it('is a shell without a program', async () => {
        const { code, shown } = await interact('echo $((6 * 7))\nexit 3\n', {});
        expect(code).toBe(3);
        expect(shown).toContain('42');
      });

      it('ends with its signal, before or while it runs', async () => {
        const controller = new AbortController();
        const running = interact('', { program: 'sleep 30', signal: controller.signal });
        const ended = running.then(
          ({ code }) => code,
          (error: HostError) => error.kind,
        );
        setTimeout(() => controller.abort(), 100);
        expect([null, 'cancelled']).toContain(await ended);
        await expect(interact('', { program: 'true', signal: AbortSignal.abort() })).rejects.toMatchObject({
          kind: 'cancelled',
        });
      });

      it('tells that the connection broke', async ({ skip }) => {
        if (provider.sever === undefined) return skip();
        const other = await provider.connect();
        const running = interact('', { program: 'sleep 30' }, other);
        const failed = expect(running).rejects.toMatchObject({ kind: 'lost' });
        await sleep(200);
        await provider.sever();
        await failed;
        await other.close();
        connection = await provider.connect();
      });
    });

    describe('dial', () => {
      const reachable = (): string => provider.reachable ?? '127.0.0.1';

      it('makes a TCP connection from the host', async () => {
        const server = createServer((socket) => void socket.pipe(socket));
        await new Promise<void>((resolve) => server.listen(0, reachable(), resolve));
        try {
          const { port } = server.address() as AddressInfo;
          const socket = await connection.dial(reachable(), port);
          socket.write('ping');
          const [answer] = await Promise.all([
            new Promise<Buffer>((resolve) => socket.once('data', resolve)),
          ]);
          expect(answer.toString()).toBe('ping');
          socket.destroy();
        } finally {
          server.close();
        }
      });

      it('tells a port on which nobody listens', async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, reachable(), resolve));
        const { port } = server.address() as AddressInfo;
        await new Promise((resolve) => server.close(resolve));
        await expect(connection.dial(reachable(), port)).rejects.toMatchObject({
          name: 'HostError',
          kind: 'refused',
        });
      });

      it('gives up when it is cancelled', async () => {
        await expect(connection.dial('127.0.0.1', 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
          kind: 'cancelled',
        });
      });
    });

    describe('its life', () => {
      it('says where things lie', () => {
        const { stateDir, secretsDir, instancesDir } = connection.layout;
        for (const path of [stateDir, secretsDir, instancesDir]) expect(path).toMatch(/^(~?\/)/);
      });

      it('is cancelled before it begins', async () => {
        await expect(provider.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({
          kind: 'cancelled',
        });
      });

      it('closes once, and ends what still runs', async () => {
        const other = await provider.connect();
        const running = other.exec({ program: 'sleep 30' });
        const ended = expect(running).rejects.toBeInstanceOf(HostError);
        await sleep(50);
        await other.close();
        await ended;
        expect(await other.closed).toBeUndefined();
        await expect(other.exec({ program: 'true' })).rejects.toBeInstanceOf(HostError);
        await expect(other.open({ program: 'true' })).rejects.toBeInstanceOf(HostError);
        await other.close();
      });

      it('tells everybody when it breaks', async ({ skip }) => {
        if (provider.sever === undefined) return skip();
        const other = await provider.connect();
        const running = other.exec({ program: 'sleep 30' });
        const stream = await other.open({ program: 'sleep 30' });
        const failures = Promise.all([
          expect(running).rejects.toMatchObject({ kind: 'lost', transient: true }),
          expect(stream.exit).rejects.toMatchObject({ kind: 'lost' }),
        ]);
        await provider.sever();
        await failures;
        expect(await other.closed).toMatchObject({ kind: 'lost' });
        await expect(other.exec({ program: 'true' })).rejects.toMatchObject({ kind: 'lost' });
        await other.close();
      });
    });
  });
}

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part;
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** Its exit settles, whichever way. */
async function settled(stream: ExecStream): Promise<void> {
  await stream.exit.catch(() => {});
}
