import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerPlugin } from '../../src/server/plugin.ts';
import { exchange, parseAnswer, request, testDirectory, testServer, type TestServer } from './test-server.ts';

/*
 * What somebody may try against the server, over real sockets. Pages are played by the headers that a browser sends for them.
 */

const READER = 'reader-0123456789abcdef0123';
const OPERATOR = 'operator-0123456789abcdef01';

/** Stands for everything that changes something: counts how often it was reached. */
const reached: string[] = [];
const routes: ServerPlugin = async (app, { sockets }) => {
  app.get('/attack/deploy', { config: { changes: true } }, (request) => {
    reached.push('deploy');
    request.auditNote = 'run 1';
    return { run: '1' };
  });
  app.post('/attack/echo', { config: { changes: true } }, (request) => {
    reached.push('echo');
    return { body: request.body };
  });
  app.delete('/attack/thing', { config: { changes: true } }, () => ({}));
  app.get('/attack/status', { config: { changes: false } }, () => []);
  app.get('/attack/bug', { config: { changes: false } }, () => {
    throw new Error('the password is hunter2');
  });
  app.get('/attack/page', { config: { changes: false, open: true } }, () => 'a page');
  sockets.add('/attack/operate', { changes: true }, (socket) => socket.send('operating'));
  sockets.add('/attack/log/:run', { changes: false }, (socket, { params }) =>
    socket.send(`log of ${params['run']}`),
  );
  await Promise.resolve();
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({
    plugins: [routes],
    options: { allowOrigins: ['https://board.example.com'], allowHosts: ['ops.example.com'] },
  });
});
afterEach(async () => {
  // Whatever was tried: others are served.
  reached.length = 0;
  expect((await request(server.port, 'GET /attack/status')).status).toBe(200);
});

describe("a page in the user's browser", () => {
  it.each([
    [
      'an image on another site',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
    ],
    ['a link on another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
    [
      'a fetch of another port of this machine',
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:3000' },
    ],
    ['a fetch without CORS from another port', { 'Sec-Fetch-Site': 'same-site' }],
    ['a fetch in an old browser', { Origin: 'http://evil.example' }],
    ['a frame without origin', { Origin: 'null' }],
    ['a prefetch of what is being typed', { 'Sec-Fetch-Site': 'none', 'Sec-Purpose': 'prefetch' }],
  ])('%s does not deploy', async (_what, headers) => {
    const answer = await request(server.port, 'GET /attack/deploy', headers);
    expect(answer.status).toBe(403);
    expect(answer.head).not.toMatch(/access-control-allow/i);
    expect(reached).toEqual([]);
  });

  it('a person who follows a link from another site is told what to do', async () => {
    const headers = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    const { status, body } = await request(server.port, 'GET /attack/page', headers);
    expect(status).toBe(403);
    expect(body).toMatch(/Type the address/);
  });

  it('a form on another site does not post', async () => {
    const headers = {
      Origin: 'http://evil.example',
      'Sec-Fetch-Site': 'cross-site',
      'Content-Type': 'text/plain',
    };
    expect((await request(server.port, 'POST /attack/echo', headers, '{}')).status).toBe(403);
    expect(reached).toEqual([]);
  });

  it('a page whose name was made to point here (DNS rebinding) is not served', async () => {
    const headers = {
      Host: `evil.example:${server.port}`,
      'Sec-Fetch-Site': 'same-origin',
      Origin: `http://evil.example:${server.port}`,
    };
    expect((await request(server.port, 'GET /attack/deploy', headers)).status).toBe(421);
    expect((await request(server.port, 'GET /attack/status', headers)).status).toBe(421);
  });

  it('a preflight is answered for allowed origins alone', async () => {
    const ask = (origin: string) =>
      request(server.port, 'OPTIONS /attack/echo', {
        Origin: origin,
        'Sec-Fetch-Site': 'cross-site',
        'Access-Control-Request-Method': 'POST',
      });
    expect((await ask('http://evil.example')).status).toBe(403);
    const allowed = await ask('https://board.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.head).toMatch(/access-control-allow-origin: https:\/\/board\.example\.com/i);
  });

  it('our own page, an allowed one, and curl are served', async () => {
    const own = { Origin: `http://127.0.0.1:${server.port}`, 'Sec-Fetch-Site': 'same-origin' };
    const allowed = { Origin: 'https://board.example.com', 'Sec-Fetch-Site': 'cross-site' };
    for (const headers of [own, allowed, {}, { Host: 'ops.example.com' }])
      expect((await request(server.port, 'GET /attack/deploy', headers)).status).toBe(200);
    expect(reached).toHaveLength(4);
  });

  it.each([
    ['a foreign origin', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:3000' }, 403],
    ['a name that was made to point here', { headers: { host: 'evil.example' } }, 421],
    ['a site that is told', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
  ] as const)('a WebSocket of %s is not opened', async (_what, options, status) => {
    expect(await openSocket(server.port, '/attack/log/1', [], options)).toBe(status);
  });

  it('a WebSocket of our own page is opened', async () => {
    const origin = `http://127.0.0.1:${server.port}`;
    expect(await openSocket(server.port, '/attack/log/a%2Fb', [], { origin })).toBe('log of a/b');
    expect(await openSocket(server.port, '/attack/nothing', [])).toBe(404);
  });
});

describe('another user of this machine', () => {
  it.runIf(process.getuid?.() === 0)('is refused, also when they leave at once', async () => {
    const get = `GET /attack/deploy HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n`;
    const say = (then: string): Promise<string> =>
      asNobody(`const s = require('node:net').connect(${server.port}, '127.0.0.1', () => { s.write('${get}'); ${then} });
        let text = ''; s.on('data', (d) => text += d).on('error', () => {}).on('close', () => console.log(text));`);
    expect(parseAnswer(await say('')).status).toBe(403);
    for (let n = 0; n < 5; n++) await say('s.end(); setTimeout(() => s.destroy(), 1)');
    for (let n = 0; n < 5; n++) await say('s.resetAndDestroy()');
    expect(reached).toEqual([]);
    const refused = server.audit().filter(({ who, status }) => who === null && status === 403);
    expect(refused.length).toBeGreaterThan(0);
  });

  it.runIf(process.getuid?.() === 0)('does not keep connections open', async () => {
    const started = performance.now();
    await asNobody(
      `require('node:net').connect(${server.port}, '127.0.0.1').on('close', () => process.exit()).on('error', () => {}); setTimeout(() => {}, 8000)`,
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('with tokens', () => {
  let guarded: TestServer;
  beforeAll(async () => {
    const tokens = `${testDirectory({ tokens: `${READER} read board\n${OPERATOR} operate anna\n` })}/tokens`;
    guarded = await testServer({ plugins: [routes], options: { tokenFile: tokens } });
  });
  const get = (path: string, token: string | null) =>
    request(guarded.port, `GET ${path}`, token === null ? {} : { Authorization: `Bearer ${token}` });

  it('nobody is served without one, not even told what there is', async () => {
    const answer = await get('/attack/status', null);
    expect(answer.status).toBe(401);
    expect(answer.head).toMatch(/www-authenticate: bearer/i);
    expect((await get('/attack/nothing', null)).status).toBe(401);
    expect(await openSocket(guarded.port, '/attack/nothing', [])).toBe(401);
    expect((await get('/attack/page', null)).status).toBe(200);
    expect((await get('/healthz', null)).status).toBe(200);
    expect((await get('/metrics', null)).status).toBe(401);
  });

  it('a reader reads, an operator operates', async () => {
    expect((await get('/attack/status', READER)).status).toBe(200);
    expect((await get('/attack/deploy', READER)).status).toBe(403);
    expect((await get('/attack/status', OPERATOR)).status).toBe(200);
    expect(reached).toEqual([]);
    expect((await get('/attack/deploy', OPERATOR)).status).toBe(200);
    expect(reached).toEqual(['deploy']);
  });

  it('a WebSocket takes the header, or a subprotocol', async () => {
    const { port } = guarded;
    const header = { headers: { authorization: `Bearer ${READER}` } };
    expect(await openSocket(port, '/attack/log/1', [], header)).toBe('log of 1');
    expect(await openSocket(port, '/attack/log/1', ['slipway', `bearer.${READER}`])).toBe('log of 1');
    expect(await openSocket(port, '/attack/log/1', [`bearer.${READER}`])).toBe('log of 1');
    expect(await openSocket(port, '/attack/log/1', ['bearer.wrong'])).toBe(401);
    expect(await openSocket(port, '/attack/log/1', [])).toBe(401);
  });

  it("tokens are still no way in for other people's pages", async () => {
    const headers = { Authorization: `Bearer ${OPERATOR}`, Origin: 'http://evil.example' };
    expect((await request(guarded.port, 'GET /attack/deploy', headers)).status).toBe(403);
  });

  it('no answer and no log holds a token', async () => {
    await get('/attack/deploy', OPERATOR);
    const answer = await get('/attack/deploy', `${OPERATOR}x`);
    expect(`${answer.head}${answer.body}`).not.toContain(OPERATOR);
    expect(JSON.stringify(guarded.audit())).not.toContain(OPERATOR);
    expect(guarded.audit()).toContainEqual(
      expect.objectContaining({
        who: 'anna',
        method: 'GET',
        route: '/attack/deploy',
        status: 200,
        note: 'run 1',
      }),
    );
  });

  it('a reader who is refused is named in the audit log, however often', async () => {
    const before = guarded.audit().length;
    for (let n = 0; n < 70; n++) expect((await get('/attack/deploy', READER)).status).toBe(403);
    const header = { headers: { authorization: `Bearer ${READER}` } };
    expect(await openSocket(guarded.port, '/attack/operate', [], header)).toBe(403);
    await expect.poll(() => guarded.audit().length - before).toBe(71);
    for (const line of guarded.audit().slice(before))
      expect(line).toMatchObject({ who: 'board', peer: '127.0.0.1', status: 403 });
    expect(reached).toEqual([]);
  });

  it('guesses are soon told to wait, and lock out nobody with a token behind the same address', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 14; n++)
      statuses.push((await get('/attack/status', `${'guess'.repeat(6)}${n}`)).status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
    const refused = await get('/attack/deploy', `${OPERATOR}x`);
    expect(refused.status).toBe(429);
    expect(refused.head).toMatch(/retry-after: \d+/i);
    expect(await openSocket(guarded.port, '/attack/log/1', ['bearer.wrong'])).toBe(429);
    expect(reached).toEqual([]);
    expect((await get('/attack/deploy', OPERATOR)).status).toBe(200);
    expect(await openSocket(guarded.port, '/attack/log/1', [`bearer.${READER}`])).toBe('log of 1');
    expect((await get('/attack/page', `${OPERATOR}x`)).status).toBe(200);
  });

  it.runIf(process.getuid?.() === 0)("a neighbour's guesses count for the neighbour alone", async () => {
    const tokens = `${testDirectory({ tokens: `${OPERATOR} operate anna\n` })}/tokens`;
    const other = await testServer({ plugins: [routes], options: { tokenFile: tokens } });
    const guesses = await asNobody(`(async () => { for (let n = 0; n < 12; n++) {
      const { status } = await fetch('http://127.0.0.1:${other.port}/attack/status', { headers: { authorization: 'Bearer wrong' + n } });
      console.log(status); } })()`);
    expect(guesses.trim().split('\n').at(-1)).toBe('429');
    const wrong = { Authorization: `Bearer ${OPERATOR}x` };
    expect((await request(other.port, 'GET /attack/status', wrong)).status).toBe(401);
  });
});

describe('bodies', () => {
  const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    request(server.port, 'POST /attack/echo', { 'Content-Type': 'application/json', ...headers }, body);

  it.each([
    ['nested deeply', '['.repeat(100_000), 400],
    ['nested one too deep', `${'['.repeat(33)}${']'.repeat(33)}`, 400],
    ['half a text', '{"a": "hunter2', 400],
    ['nothing like JSON', 'hunter2', 400],
    ['with __proto__', '{"a": {"__proto__": {"admin": true}}}', 400],
    ['with __proto__ spelt out', '{"\\u005f\\u005fproto__": 1}', 400],
    ['with a letter of __proto__ spelt out', '{"a": {"__pr\\u006fto__": {"admin": true}}}', 400],
    ['larger than 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, 413],
  ])('%s: refused', async (_what, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('hunter2');
    expect(JSON.parse(answer.body)).toHaveProperty('error.summary');
    expect(reached).toEqual([]);
  });

  it('that are fine are read, with all that may stand in texts', async () => {
    const body = {
      a: `${'['.repeat(50)}\\"${'{'.repeat(50)}`,
      b: '${file("/etc/passwd")}',
      c: [[1.5, null]],
    };
    expect(JSON.parse((await post(JSON.stringify(body))).body)).toEqual({ body });
    const deep = `${'['.repeat(32)}${']'.repeat(32)}`;
    expect((await post(deep)).status).toBe(200);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application', ';;;'])(
    'that are not there may have the type %s',
    async (type) => {
      const headers = { 'Content-Type': type };
      expect((await request(server.port, 'GET /healthz', headers)).status).toBe(200);
      expect((await request(server.port, 'DELETE /attack/thing', headers)).status).toBe(200);
      expect((await request(server.port, 'POST /attack/echo', headers)).status).toBe(200);
      const empty = { ...headers, 'Content-Length': '0' };
      expect((await request(server.port, 'POST /attack/echo', empty)).status).toBe(200);
      expect((await request(server.port, 'POST /attack/echo', headers, '{}')).status).toBe(415);
      expect((await request(server.port, 'GET /healthz', headers, '{}')).status).toBe(415);
    },
  );

  it('announced as endless, or in bytes that are no UTF-8, are refused', async () => {
    expect((await post('', { 'Content-Length': '99999999999' })).status).toBe(413);
    const head = `POST /attack/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 3\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0x22])]);
    expect(parseAnswer(await exchange(server.port, bytes)).status).toBe(400);
  });

  it('in chunks without end are cut at the limit', async () => {
    const head =
      'POST /attack/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const answer = parseAnswer(await exchange(server.port, head + chunk.repeat(20), 2_000));
    expect(answer.status).toBe(413);
  });
});

describe('requests that are not what they seem', () => {
  const raw = async (lines: readonly string[], rest = ''): Promise<number[]> => {
    const text = await exchange(server.port, `${lines.join('\r\n')}\r\n\r\n${rest}`, 1_500);
    return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
  };
  const post = ['POST /attack/echo HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
  const smuggled = 'GET /attack/deploy HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it.each([
    ['two lengths', [...post, 'Content-Length: 2', 'Content-Length: 40'], `{}${smuggled}`],
    [
      'length and chunks',
      [...post, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      `0\r\n\r\n${smuggled}`,
    ],
    [
      'chunks that are hidden',
      [...post, 'Transfer-Encoding: xchunked', 'Content-Length: 2'],
      `{}${smuggled}`,
    ],
    ['a space before the colon', [...post, 'Content-Length : 2'], `{}${smuggled}`],
    ['a line that is folded', [...post, 'X: a', ' Content-Length: 2'], `{}${smuggled}`],
    ['bare line feeds', [`${post[0]}\nHost: localhost\nX: 1`], smuggled],
    ['two hosts', ['GET /attack/deploy HTTP/1.1', 'Host: localhost', 'Host: evil.example'], ''],
    ['no host', ['GET /attack/deploy HTTP/1.1'], ''],
    ['no host, in an old version', ['GET /attack/deploy HTTP/1.0'], ''],
    [
      'two origins',
      [
        'GET /attack/deploy HTTP/1.1',
        'Host: localhost',
        'Origin: http://localhost',
        'Origin: http://evil.example',
      ],
      '',
    ],
    ['a target elsewhere', ['GET http://localhost/attack/deploy HTTP/1.1', 'Host: localhost'], ''],
    ['a tunnel', ['CONNECT 10.0.0.1:22 HTTP/1.1', 'Host: localhost'], ''],
    ['no HTTP', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], ''],
    [
      'a post that is to be a WebSocket',
      [...post, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 2'],
      '{}',
    ],
    [
      'an upgrade to something else from another site',
      [
        'GET /attack/deploy HTTP/1.1',
        'Host: localhost',
        'Origin: http://evil.example',
        'Connection: Upgrade',
        'Upgrade: h2c',
      ],
      '',
    ],
    ['huge headers', ['GET /attack/deploy HTTP/1.1', 'Host: localhost', `X: ${'x'.repeat(20_000)}`], ''],
  ] as const)('%s: one refusal, nothing is reached', async (_what, lines, rest) => {
    const statuses = await raw(lines, rest);
    expect(statuses.length).toBeLessThanOrEqual(1);
    for (const status of statuses) expect(status).toBeGreaterThanOrEqual(400);
    expect(reached).toEqual([]);
  });

  it('an offer of another protocol is passed over, and nothing that follows is reached', async () => {
    const offer = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    ];
    const look = ['GET /attack/status HTTP/1.1', 'Host: localhost', ...offer];
    const length = [...post, 'Content-Length: 2', ...offer];
    const chunks = [...post, 'Transfer-Encoding: chunked', ...offer];
    expect(await raw(look)).toEqual([200]);
    expect(await raw(length, '{}')).toEqual([200]);
    expect(await raw(chunks, '2\r\n{}\r\n0\r\n\r\n')).toEqual([200]);
    const large = JSON.stringify('x'.repeat(300_000));
    expect(await raw([...post, `Content-Length: ${large.length}`, ...offer], large)).toEqual([200]);
    expect(reached).toEqual(['echo', 'echo', 'echo']);
    expect(await raw(look, smuggled)).toHaveLength(1);
    expect(await raw(length, `{}${smuggled}`)).toHaveLength(1);
    expect(await raw(chunks, `2\r\n{}\r\n0\r\n\r\n${smuggled}`)).toHaveLength(1);
    expect(reached).not.toContain('deploy');
  });

  it('HEAD does not deploy', async () => {
    expect((await request(server.port, 'HEAD /attack/deploy')).status).toBe(404);
    expect(reached).toEqual([]);
  });

  it('paths lead nowhere but to routes', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/attack/%ff',
      '//attack/deploy',
      '/attack/deploy%00',
    ])
      expect((await request(server.port, `GET ${path}`)).status).toBeGreaterThanOrEqual(400);
    expect(reached).toEqual([]);
  });

  it("a bug tells who asked nothing, and the server's own log everything", async () => {
    const answer = await request(server.port, 'GET /attack/bug');
    expect(answer.status).toBe(500);
    expect(answer.body).not.toMatch(/hunter2|\.ts/);
    expect(server.problems.join('\n')).toContain('hunter2');
  });
});

describe('slow clients', () => {
  it('are cut off, and others do not notice', async () => {
    const slow = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connect(server.port, '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write('GET /attack/status HTTP/1.1\r\nHost: localhost\r\n');
        return socket;
      }),
    );
    const silent = connect(server.port, '127.0.0.1');
    const drip = setInterval(
      () => slow.forEach((socket) => socket.writable && socket.write('X: y\r\n')),
      500,
    );
    const closed = Promise.all([...slow, silent].map(closing));
    for (let n = 0; n < 20; n++) {
      const started = performance.now();
      expect((await request(server.port, 'GET /attack/status')).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
    await closed;
    clearInterval(drip);
  }, 20_000);
});

describe('all the connections there are', () => {
  const take = async (port: number, many: number, bytes: string): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    // As many at once as the kernel queues.
    while (sockets.length < many) {
      const batch = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
      await Promise.all(
        batch.map(
          (socket) => new Promise((resolve) => socket.on('error', resolve).once('connect', resolve).resume()),
        ),
      );
      sockets.push(...batch);
    }
    for (const socket of sockets) socket.write(bytes);
    return sockets;
  };
  const isOpen = (socket: Socket): boolean => !socket.destroyed;

  it.each([
    ['half requests', 'GET /attack/status HTTP/1.1\r\nHost: localhost\r\n'],
    ['nothing', ''],
  ])(
    'taken by %s of one peer are given to who asks',
    async (_what, bytes) => {
      const admitted = connect(server.port, '127.0.0.1').resume();
      admitted.write('GET /attack/status HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await new Promise((resolve) => admitted.once('data', resolve));
      const taken = await take(server.port, 1100, bytes);
      for (let n = 0; n < 5; n++) {
        const { status } = await request(server.port, 'GET /attack/status');
        expect(status).toBe(200);
      }
      const left = (): number => taken.filter(isOpen).length;
      await expect.poll(left).toBeLessThan(1024);
      // Those that stay are closed in their own time, for nothing came of them.
      expect(left()).toBeGreaterThan(0);
      expect(isOpen(admitted)).toBe(true);
      for (const socket of [...taken, admitted]) socket.destroy();
    },
    20_000,
  );

  it('taken by who was refused are given to who is let in', async () => {
    const tokens = `${testDirectory({ tokens: `${OPERATOR} operate anna\n` })}/tokens`;
    const { port } = await testServer({ plugins: [routes], options: { tokenFile: tokens } });
    const taken = await take(port, 1100, 'GET /attack/page HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const headers = { Authorization: `Bearer ${OPERATOR}` };
    expect((await request(port, 'GET /attack/status', headers)).status).toBe(200);
    for (const socket of taken) socket.destroy();
  }, 20_000);
});

function closing(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** The first message; the status when it is refused. */
function openSocket(
  port: number,
  path: string,
  protocols: string[],
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, options);
    socket.on('message', (data: Buffer) => {
      resolve(data.toString());
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('error', reject);
  });
}

/** Runs a script of Node's as the user nobody, and resolves to what it prints. */
function asNobody(script: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534, cwd: '/' });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.on('close', () => resolve(text));
  });
}
