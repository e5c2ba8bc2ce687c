import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HostError } from '../../../src/host/connection.ts';
import { sshLab } from './ssh-lab.ts';
import type { SshLab } from './ssh-lab.ts';

describe('reaching a host', () => {
  let lab: SshLab;
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  beforeAll(async () => {
    lab = await sshLab();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => lab.stop());

  /** A TCP server in place of an sshd. */
  async function listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      onConnection(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  async function failure(more: object): Promise<HostError> {
    const error: unknown = await lab
      .provider()
      .connect(lab.settings({ host: '127.0.0.1', connect_timeout: 0.4, ...more }), {})
      .then(
        () => new Error('it connected'),
        (reason: unknown) => reason,
      );
    if (!(error instanceof HostError)) throw error;
    return error;
  }

  it('tells a port on which nobody listens', async () => {
    const port = await listen(() => {});
    servers.pop()?.close();
    const error = await failure({ port });
    expect(error).toMatchObject({ kind: 'refused', host: '127.0.0.1', transient: true });
    expect(error.message).toBe(`127.0.0.1:${port} refuses connections: no SSH server listens there`);
  });

  it('tells a name without an address', async () => {
    expect(await failure({ host: 'no-such-host.invalid', connect_timeout: 10 })).toMatchObject({
      kind: 'unreachable',
      transient: true,
    });
  });

  it('gives up a host that accepts and says nothing', async () => {
    expect(await failure({ port: await listen(() => {}) })).toMatchObject({
      kind: 'timeout',
      transient: true,
    });
  });

  it('gives up a host that stops in the middle of the key exchange', async () => {
    expect(
      await failure({ port: await listen((socket) => socket.write('SSH-2.0-Stuck\r\n')) }),
    ).toMatchObject({
      kind: 'timeout',
    });
  });

  it('gives up a host whose sshd is frozen', async () => {
    lab.sshd.freeze();
    try {
      expect(await failure({ host: lab.sshd.address, port: lab.sshd.port })).toMatchObject({
        kind: 'timeout',
      });
    } finally {
      lab.sshd.thaw();
    }
  });

  it('tells a host that hangs up at once', async () => {
    expect(await failure({ port: await listen((socket) => socket.end()) })).toMatchObject({
      kind: 'lost',
      transient: true,
    });
    expect(await failure({ port: await listen((socket) => socket.resetAndDestroy()) })).toMatchObject({
      kind: 'lost',
    });
    const busy = await listen((socket) => socket.end('Exceeded MaxStartups\r\n'));
    expect(await failure({ port: busy })).toMatchObject({ kind: 'lost' });
  });

  it('tells a server that is none of SSH', async () => {
    const port = await listen((socket) => socket.end(`SSH-1.0-old\r\n`));
    expect(await failure({ port })).toMatchObject({ kind: 'protocol', transient: false });
  });

  it('can be cancelled at any moment', async () => {
    const port = await listen(() => {});
    const controller = new AbortController();
    const connecting = lab
      .provider()
      .connect(lab.settings({ host: '127.0.0.1', port }), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(connecting).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('notices that a host does not answer any more', async () => {
    const connection = await lab.provider().connect(lab.settings({ keepalive_interval: 0.05 }), {});
    const running = connection.exec({ program: 'kill -STOP "$PPID"; sleep 5', privileged: false });
    // The sshd process of this session stops itself, as a machine does whose cable is pulled.
    const ended = expect(running).rejects.toMatchObject({ kind: 'lost' });
    expect(await Promise.race([connection.closed, sleep(5000)])).toMatchObject({ kind: 'lost' });
    await ended;
    await lab.cutSessions();
  });
});

describe('a host that limits', () => {
  const labs: SshLab[] = [];
  afterAll(() => Promise.all(labs.map((lab) => lab.stop())));
  const connect = async (...extraConfig: string[]) => {
    const lab = await sshLab({ extraConfig });
    labs.push(lab);
    return lab.provider().connect(lab.settings(), {});
  };

  it.each([1, 3])('sessions to %d runs many programs nevertheless', async (most) => {
    const connection = await connect(`MaxSessions ${most}`);
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => connection.exec({ program: 'echo "$1"', args: [String(n)] })),
    );
    expect(results.map(({ stdout }) => stdout.toString())).toEqual(
      Array.from({ length: 12 }, (_, n) => `${n}\n`),
    );
    await connection.close();
  });

  it('sessions to none says so', async () => {
    const connection = await connect('MaxSessions 0');
    await expect(connection.exec({ program: 'true' })).rejects.toMatchObject({ kind: 'protocol' });
    await connection.close();
  });

  it('forwarding makes no connection for us, and says what to change', async () => {
    const connection = await connect('AllowTcpForwarding no');
    await expect(connection.dial('127.0.0.1', 80)).rejects.toMatchObject({
      kind: 'forward-refused',
      remedy: expect.stringContaining('AllowTcpForwarding'),
    });
    await connection.close();
  });

  it('programs by their size gets a clear word instead of a broken one', async () => {
    const connection = await connect();
    await expect(connection.exec({ program: `: ${'x'.repeat(200_000)}` })).rejects.toMatchObject({
      kind: 'protocol',
    });
    const { stdout } = await connection.exec({ program: `: ${'x'.repeat(100_000)}; echo fine` });
    expect(stdout.toString()).toBe('fine\n');
    await connection.close();
  });
});
