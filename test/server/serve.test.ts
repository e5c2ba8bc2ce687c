import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServeOptions } from '../../src/app/serve/serve-options.ts';
import type { ServerPlugin } from '../../src/server/plugin.ts';
import { exchange, request, testDirectory, testServer } from './test-server.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const TOKENS = 'operator-0123456789abcdef01 operate anna\n';

describe('before anything is listened to', () => {
  const directory = testDirectory({ tokens: TOKENS, open: TOKENS, empty: '', 'no.pem': 'no certificate' });
  const file = (name: string): string => path.join(directory, name);
  chmodSync(file('open'), 0o644);

  it.each([
    ['another address without tokens', { host: '0.0.0.0' }, /--token-file is needed/],
    ['insecure without tokens', { host: '0.0.0.0', insecure: true }, /--token-file is needed/],
    ['tokens in the clear', { host: '0.0.0.0', tokenFile: file('tokens') }, /--tls-cert and --tls-key/],
    ['tokens that all can read', { tokenFile: file('open') }, /chmod 600/],
    ['no token', { tokenFile: file('empty') }, /no token/],
    ['no token file', { tokenFile: file('nowhere') }, /cannot be read/],
    [
      'a certificate that is none',
      { tls: { certFile: file('no.pem'), keyFile: file('no.pem') } },
      /certificate cannot/,
    ],
    ['a name', { host: 'example.com' }, /Not an address/],
    [
      'an address of another machine',
      { host: '192.0.2.1', tokenFile: file('tokens'), insecure: true },
      /no such address/,
    ],
  ] as readonly [string, Partial<ServeOptions>, RegExp][])(
    '%s: an error that says what to do',
    async (_what, options, words) => {
      await expect(testServer({ plugins: [], options })).rejects.toThrow(words);
    },
  );

  it('a port that is taken is told', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(testServer({ plugins: [], options: { port } })).rejects.toThrow(/Another program listens/);
    other.close();
  });

  it('a route that does not say whether it changes anything is told', async () => {
    const silent: ServerPlugin = async (app) => {
      app.get('/x', () => 1);
      await Promise.resolve();
    };
    await expect(testServer({ plugins: [silent] })).rejects.toThrow(/GET \/x does not say/);
  });

  it('another address with tokens and --insecure is served', async () => {
    const options = { host: '0.0.0.0', tokenFile: file('tokens'), insecure: true };
    const { port } = await testServer({ plugins: [], options });
    const auth = { Authorization: `Bearer ${TOKENS.split(' ')[0] ?? ''}` };
    expect((await request(port, 'GET /metrics', auth)).status).toBe(200);
    expect((await request(port, 'GET /metrics')).status).toBe(401);
  });
});

/** Writes a certificate of this name, and its key. */
function makeCertificate(certFile: string, keyFile: string, name: string): void {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', ['req', ...kind, '-subj', `/CN=${name}`, '-days', '30', ...files], {
    stdio: 'ignore',
  });
}

it.runIf(hasOpenssl)(
  'takes a renewed certificate, and keeps the old one when that cannot be used',
  async () => {
    const directory = testDirectory();
    const [certFile, keyFile] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
    makeCertificate(certFile, keyFile, 'first');
    const { port, renewCertificate } = await testServer({
      plugins: [],
      options: { tls: { certFile, keyFile } },
    });
    const nameSeen = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    makeCertificate(certFile, keyFile, 'second');
    expect(await nameSeen()).toBe('first');
    const until = await renewCertificate();
    expect(Math.round(((until?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(30);
    expect(await nameSeen()).toBe('second');

    makeCertificate(certFile, path.join(directory, 'other.pem'), 'third');
    await expect(renewCertificate()).rejects.toThrow(/The certificate cannot be used: .*mismatch/);
    expect(await nameSeen()).toBe('second');
    rmSync(certFile);
    await expect(renewCertificate()).rejects.toThrow(/ENOENT/);
    expect(await nameSeen()).toBe('second');
  },
);

it.runIf(hasOpenssl)('speaks TLS, and nothing else then', async () => {
  const directory = testDirectory();
  const [certFile, keyFile] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
  makeCertificate(certFile, keyFile, 'localhost');
  const { port, url } = await testServer({ plugins: [], options: { tls: { certFile, keyFile } } });
  expect(url).toBe(`https://127.0.0.1:${port}`);
  const status = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      get(
        { port, host: '127.0.0.1', path: '/healthz', rejectUnauthorized: false, agent: false, headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      ).on('error', reject);
    });
  expect(await status({})).toBe(200);
  expect(await status({ origin: `https://127.0.0.1:${port}` })).toBe(200);
  expect(await status({ origin: `http://127.0.0.1:${port}` })).toBe(403);
  expect(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', 1_000)).not.toContain(
    '200',
  );
  const silent: Socket[] = [];
  while (silent.length < 1100) {
    const batch = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
    await Promise.all(
      batch.map((socket) => new Promise((resolve) => socket.on('error', resolve).once('connect', resolve))),
    );
    silent.push(...batch);
  }
  for (let n = 0; n < 3; n++) expect(await status({})).toBe(200);
  for (const socket of silent) socket.destroy();
});

describe('health', () => {
  it('is told, with and without a state', async () => {
    const { port } = await testServer({ plugins: [] });
    expect((await request(port, 'GET /healthz')).body).toBe('{"status":"ok"}');
    expect((await request(port, 'GET /readyz')).status).toBe(200);
  });

  it('a state that is damaged is not ready', async () => {
    const { port } = await testServer({ plugins: [], files: { 'slipway.state.json': '{"half' } });
    const answer = await request(port, 'GET /readyz');
    expect([answer.status, answer.body]).toEqual([503, '{"status":"the state cannot be read"}']);
  });

  it('metrics are lines of Prometheus', async () => {
    const { port } = await testServer({ plugins: [] });
    const { head, body } = await request(port, 'GET /metrics');
    expect(head).toMatch(/content-type: text\/plain; version=0\.0\.4/i);
    for (const line of body.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/);
    expect(body).toMatch(/^slipway_connections 1$/m);
  });
});

describe('its end', () => {
  const streams: ServerPlugin = async (app, { sockets, closing }) => {
    app.get('/slow', { config: { changes: false } }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'done';
    });
    app.get('/endless', { config: { changes: true } }, (_request, reply) => {
      reply.raw.writeHead(200);
      reply.raw.write('on and on');
      return reply.hijack();
    });
    sockets.add('/socket', { changes: true }, (socket, { signal }) => {
      signal.addEventListener('abort', () => socket.send('farewell'));
      socket.send('hello');
    });
    closing.addEventListener('abort', () => undefined);
    await Promise.resolve();
  };

  it('lets answers come to their end, and takes what goes on and on with it', async () => {
    const server = await testServer({ plugins: [streams] });
    const slow = request(server.port, 'GET /slow');
    const endless = request(server.port, 'GET /endless');
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`);
    const deaf = new WebSocket(`ws://127.0.0.1:${server.port}/socket`);
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    await Promise.all([socket, deaf].map((each) => new Promise((resolve) => each.once('open', resolve))));
    deaf.pause();
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await server.close('graceful');
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(await closed).toBe(1001);
    expect(heard).toEqual(['hello', 'farewell']);
    expect((await slow).body).toBe('done');
    await endless;
    expect(server.audit().map(({ route, status }) => [route, status])).toEqual(
      expect.arrayContaining([
        ['/socket', 101],
        ['/endless', 200],
      ]),
    );
    expect(statSync(path.join(server.directory, '.slipway', 'audit.log')).mode & 0o777).toBe(0o600);
  });

  it('a client that leaves before the answer is in the audit log', async () => {
    const late: ServerPlugin = async (app) => {
      app.post(
        '/late',
        { config: { changes: true } },
        () => new Promise((resolve) => setTimeout(resolve, 400, 'x')),
      );
      await Promise.resolve();
    };
    const server = await testServer({ plugins: [late] });
    await exchange(server.port, 'POST /late?secret=1 HTTP/1.1\r\nHost: localhost\r\n\r\n', 100);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(server.audit()).toMatchObject([
      { method: 'POST', route: '/late', status: null, who: `uid ${process.getuid?.() ?? 0}` },
    ]);
  });
});
