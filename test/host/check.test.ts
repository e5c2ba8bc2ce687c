import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localProvider } from '../../providers/local/local.ts';
import { awaitHealthy, runCheck } from '../../src/host/check.ts';
import type { CheckTarget } from '../../src/host/check.ts';
import { HostError } from '../../src/host/connection.ts';
import type { Connection } from '../../src/host/connection.ts';
import { SHELLS, useShell } from './shells.ts';

const servers: net.Server[] = [];
async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const web = (): http.Server =>
  http.createServer((request, response) => {
    response.statusCode = Number(request.url?.slice(1)) || 200;
    response.end('x'.repeat(100_000));
  });
async function freePort(): Promise<number> {
  const port = await listen(net.createServer());
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return port;
}

async function connect(): Promise<Connection> {
  return localProvider('/nowhere').connect({ host: '127.0.1.1' }, {});
}
/** A host that lets nobody open connections from it. */
async function connectWithoutForwards(): Promise<Connection> {
  const connection = await connect();
  return {
    host: connection.host,
    layout: connection.layout,
    closed: connection.closed,
    exec: (request) => connection.exec(request),
    open: (request) => connection.open(request),
    interact: (request) => connection.interact(request),
    close: () => connection.close(),
    dial: async () => {
      throw new HostError('127.0.1.1', 'forward-refused', 'administratively prohibited');
    },
  };
}

describe.each([
  ['through a connection from the host', connect],
  ['by a program on the host', connectWithoutForwards],
])('a check %s', (_, open) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await open();
  });
  afterAll(() => connection.close());
  const check = (target: CheckTarget, timeoutMs = 3000): ReturnType<typeof runCheck> =>
    runCheck(connection, target, { timeoutMs });

  it('of a port is healthy when somebody listens', async () => {
    const port = await listen(net.createServer((socket) => socket.destroy()));
    expect(await check({ type: 'tcp', address: '127.0.0.1', port })).toEqual({ healthy: true });
  });

  it('of a port says that nobody listens', async () => {
    const result = await check({ type: 'tcp', address: '127.0.0.1', port: await freePort() });
    expect(result).toMatchObject({ healthy: false, why: expect.stringMatching(/refused/i) as string });
  });

  it.each([
    [200, null, true],
    [301, null, true],
    [404, null, false],
    [500, null, false],
    [404, 404, true],
    [200, 204, false],
  ])('of HTTP that answers %i, wanted %j, is healthy: %j', async (answer, status, healthy) => {
    const port = await listen(web());
    const result = await check({ type: 'http', url: `http://127.0.0.1:${port}/${answer}`, status });
    expect(result.healthy).toBe(healthy);
    if (!result.healthy) expect(result.why).toContain(`answers ${answer}, not ${status ?? '2xx or 3xx'}`);
  });
});

describe('a check', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
  });
  afterAll(() => connection.close());

  it('of HTTP does not wait longer than it should for a server that says nothing', async () => {
    const port = await listen(net.createServer());
    const result = await runCheck(
      connection,
      { type: 'http', url: `http://127.0.0.1:${port}/`, status: null },
      { timeoutMs: 100 },
    );
    expect(result).toMatchObject({
      healthy: false,
      why: expect.stringContaining('no answer within') as string,
    });
  });

  it('of HTTP says what a server answers that speaks something else', async () => {
    const port = await listen(net.createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
    const result = await runCheck(
      connection,
      { type: 'http', url: `http://127.0.0.1:${port}/`, status: null },
      { timeoutMs: 1000 },
    );
    expect(result).toMatchObject({
      healthy: false,
      why: expect.stringMatching(/Parse Error|HTTP/) as string,
    });
  });

  it('of HTTP looks from the host, and never from here', async () => {
    const [port, elsewhere] = [await freePort(), await listen(web())];
    const connection = await connect();
    const there: Connection = {
      ...connection,
      dial: (_address, _port, options) => connection.dial('127.0.0.1', elsewhere, options),
    };
    const target: CheckTarget = { type: 'http', url: `http://127.0.0.1:${port}/204`, status: 204 };
    expect(await runCheck(there, target, { timeoutMs: 3000 })).toEqual({ healthy: true });
    await connection.close();
  });

  it('fails with the connection to its host', async () => {
    const closed = await connect();
    await closed.close();
    await expect(
      runCheck(closed, { type: 'command', command: 'true' }, { timeoutMs: 100 }),
    ).rejects.toBeInstanceOf(HostError);
  });
});

describe.each(SHELLS)('a command check under %s', (shell) => {
  useShell(shell);
  it.each([
    ['exit 0', { healthy: true }],
    ['echo nearly there; echo not yet >&2; exit 3', { healthy: false, why: 'not yet (exit code 3)' }],
    ['false', { healthy: false, why: 'exit code 1' }],
    ['sleep 30', { healthy: false, why: expect.any(String) as string }],
  ])('%s', async (command, expected) => {
    const connection = await connect();
    expect(await runCheck(connection, { type: 'command', command }, { timeoutMs: 500 })).toEqual(expected);
    await connection.close();
  });
});

describe('waiting until healthy', () => {
  it('looks soon and often at first', async () => {
    const port = await freePort();
    const whys: string[] = [];
    const waiting = awaitHealthy(
      connect,
      { type: 'tcp', address: '127.0.0.1', port },
      {
        intervalMs: 8000,
        timeoutMs: 20_000,
        onUnhealthy: (why) => whys.push(why),
      },
    );
    const startedAt = Date.now();
    setTimeout(() => {
      const server = net.createServer();
      servers.push(server);
      server.listen(port, '127.0.0.1');
    }, 150);
    expect(await waiting).toEqual({ healthy: true });
    expect(Date.now() - startedAt).toBeLessThan(8000);
    expect(whys.length).toBeGreaterThan(1);
  });

  it('gives the last reason when the time is over', async () => {
    const result = await awaitHealthy(
      connect,
      { type: 'command', command: 'echo still ill; exit 1' },
      { intervalMs: 20, timeoutMs: 200 },
    );
    expect(result).toEqual({ healthy: false, why: 'still ill (exit code 1)' });
  });

  it('survives a connection that is lost, and asks for another one', async () => {
    const first = await connect();
    await first.close();
    const connections = [first, await connect()];
    const result = await awaitHealthy(
      async () => connections.shift() ?? connect(),
      { type: 'command', command: 'true' },
      { intervalMs: 20, timeoutMs: 2000 },
    );
    expect(result).toEqual({ healthy: true });
  });

  it('ends when it is cancelled', async () => {
    const abort = new AbortController();
    const waiting = awaitHealthy(
      connect,
      { type: 'command', command: 'false' },
      { intervalMs: 20, timeoutMs: 10_000, signal: abort.signal },
    );
    setTimeout(() => abort.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
