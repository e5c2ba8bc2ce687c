import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerPlugin } from '../../src/server/plugin.ts';
import { request, testServer, type TestServer } from './test-server.ts';

const SILENCE_MS = 1_500;
/** More than the kernel takes for a client that reads nothing. */
const MUCH = Buffer.alloc(32 * 1024 * 1024, 'x');
const PIECE = 64 * 1024;

const routes: ServerPlugin = async (app, { sockets }) => {
  app.get('/much', { config: { changes: false } }, () => MUCH);
  app.get('/late', { config: { changes: false } }, async () => {
    await sleep(2 * SILENCE_MS);
    return 'late';
  });
  sockets.add('/quiet', { changes: false }, () => undefined);
  sockets.add('/much', { changes: false }, (socket) => {
    const send = (at: number): void => {
      if (at < MUCH.length) socket.send(MUCH.subarray(at, at + PIECE), () => send(at + PIECE));
    };
    send(0);
  });
  await Promise.resolve();
};

describe('who gives no sign of being there', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer({ plugins: [routes], patience: { silenceMs: SILENCE_MS, pingMs: 50 } });
  });

  const closed = (socket: { once(event: 'close', listener: () => void): unknown }): Promise<boolean> =>
    Promise.race([
      new Promise<boolean>((resolve) => socket.once('close', () => resolve(true))),
      sleep(20 * SILENCE_MS, false),
    ]);
  const client = (route: string, options: { autoPong?: boolean } = {}): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${server.port}${route}`, options).on('error', () => undefined);
  async function open(route: string, options?: { autoPong?: boolean }): Promise<WebSocket> {
    const socket = client(route, options);
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  }
  const connections = async (): Promise<number> =>
    Number(/^slipway_connections (\d+)$/m.exec((await request(server.port, 'GET /metrics')).body)?.[1]);

  it('by a WebSocket: loses it, one that answers pings does not', async () => {
    const well = await open('/quiet');
    expect(await closed(await open('/quiet', { autoPong: false }))).toBe(true);
    expect(well.readyState).toBe(WebSocket.OPEN);
    well.terminate();
  });

  it('by a WebSocket of which nothing is read: loses it, one that is read slowly does not', async () => {
    const deaf = await open('/much');
    deaf.pause();
    let read = 0;
    const slow = client('/much', { autoPong: false });
    slow.on('message', () => {
      read += PIECE;
      if (read % (16 * PIECE) !== 0) return;
      slow.pause();
      setTimeout(() => slow.resume(), SILENCE_MS / 10);
    });
    await Promise.race([closed(slow), expect.poll(() => read).toBe(MUCH.length)]);
    expect(read).toBe(MUCH.length);
    slow.terminate();
    expect((await request(server.port, 'GET /metrics')).body).toMatch(/^slipway_websockets 0$/m);
    deaf.terminate();
  });

  it('by an answer of which nothing is read: loses it', async () => {
    const before = await connections();
    const deaf = connect(server.port, '127.0.0.1').on('error', () => undefined);
    deaf.pause();
    deaf.write('GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(connections, { timeout: 5_000 }).toBe(before + 1);
    await expect.poll(connections, { timeout: 20 * SILENCE_MS }).toBe(before);
    deaf.destroy();
  });

  it('an answer that is long in coming is waited for', async () => {
    expect((await request(server.port, 'GET /late')).body).toBe('late');
  });
});
