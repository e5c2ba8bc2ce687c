import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { OVERRIDE_FILE } from '../../src/spec/override.ts';
import { request, testServer, type TestServer } from './test-server.ts';

/*
 * What somebody may try against the API of the deployment engine, where a deploy is a GET and values are posted, over real sockets.
 */

const API = '/deployment-engine';
const host = (n: number): string => `127.${60 + (process.pid % 150)}.${(process.pid >> 3) % 250}.${n}`;
const SPEC = {
  'main.hcl': `cluster "shop" {}
variable "motto" {
  default = "hello"
}
variable "numbers" {
  default = []
}
variable "list" {
  type    = list(string)
  default = []
}
variable "password" {
  type      = string
  sensitive = true
  default   = "spec-secret-1"
}
component "web" {
  source = "./web"
  hosts  = ["${host(1)}"]
  inputs = { motto = var.motto, list = var.list, password = var.password }
}
component "guarded" {
  source          = "./web"
  hosts           = ["${host(1)}"]
  inputs          = { motto = "", list = [], password = "" }
  prevent_destroy = true
}
`,
  'web/component.hcl': `input "motto" {}
input "list" { type = list(string) }
input "password" { type = string }
file "motto" {
  path    = "motto"
  content = input.motto
}
file "template" {
  path     = "template"
  template = "motto.tftpl"
}
file "password" {
  path    = "password"
  mode    = "0600"
  content = input.password
}
`,
  'web/motto.tftpl': '${input.motto}\n%{ for x in input.list }${x}\n%{ endfor }',
};

let server: TestServer;
const curl = (line: string, body = '', headers: Readonly<Record<string, string>> = {}) =>
  request(server.port, line, { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }, body);
const at = (name: string): string => path.join(server.directory, name);
const overrideText = (): string | null =>
  existsSync(at(OVERRIDE_FILE)) ? readFileSync(at(OVERRIDE_FILE), 'utf8') : null;
const everywhere = { web: [host(1)], guarded: [host(1)] };

async function deployed(): Promise<void> {
  const answer = await curl(`GET ${API}/deploy`);
  expect(answer.status, answer.body).toBe(202);
  expect(await server.use.desk.latest()?.done).toMatchObject({ outcome: 'succeeded' });
}

beforeAll(async () => {
  server = await testServer({ files: SPEC });
  await deployed();
});
afterEach(async () => {
  // Whatever was tried: others are served, and nothing was told to the log as a bug.
  expect((await curl(`GET ${API}/status`)).status).toBe(200);
  expect(server.problems).toEqual([]);
});
afterAll(async () => {
  server.use.desk.current()?.cancel('now');
  writeFileSync(
    at('main.hcl'),
    SPEC['main.hcl'].replace('prevent_destroy = true', 'prevent_destroy = false'),
  );
  await (
    await server.use.desk.begin({ does: 'apply' })
  ).done;
  await (
    await server.use.desk.begin({ does: 'destroy' })
  ).done;
});

describe("a page in the user's browser", () => {
  const pages: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
    ['an image on another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'image' }, 403],
    ['a link on another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }, 403],
    ['a page on another port of this machine', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['an old browser', { Origin: 'http://evil.example' }, 403],
    ['a frame without origin', { Origin: 'null' }, 403],
    ['a prefetch', { 'Sec-Fetch-Site': 'none', 'Sec-Purpose': 'prefetch' }, 403],
    ['a name that was made to point here', { Host: 'evil.example:50000' }, 421],
    ['an address that is not ours', { Host: '169.254.169.254' }, 421],
  ];
  const ORDERS = [
    `GET ${API}/deploy`,
    `GET ${API}/restart?Comp=all&Ip=0.0.0.0`,
    `GET ${API}/stop?Comp=all&Ip=0.0.0.0`,
    `PUT ${API}/stop`,
    `POST ${API}/config`,
  ];
  it.each(pages)('%s changes nothing', async (_what, headers, status) => {
    const [before, latest] = [overrideText(), server.use.desk.latest()];
    for (const order of ORDERS) {
      const body = order.startsWith('POST') ? '{"components": {}}' : '';
      const answer = await curl(order, body, { 'Content-Type': 'text/plain', ...headers });
      expect(answer.status, order).toBe(status);
      expect(answer.head).not.toMatch(/access-control-allow/i);
    }
    expect(server.use.desk.latest()).toBe(latest);
    expect(overrideText()).toBe(before);
  });

  it.each([
    ['a foreign origin', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:3000' }, 403],
    ['a site that is told', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
    ['a name that was made to point here', { headers: { host: 'evil.example' } }, 421],
  ] as const)('a socket of %s sees no log', async (_what, options, status) => {
    expect(await openLog(options)).toBe(status);
  });

  it('our own page does', async () => {
    expect(await openLog({ origin: `http://127.0.0.1:${server.port}` })).toMatch(/run \d{8}T\d{6}-/);
  });
});

describe('a name of a log', () => {
  const folder = (): string => at(`.slipway/runs/${server.use.desk.latest()?.id}`);

  it.each([
    ['one above', '../run.json'],
    ['the key', '../../key'],
    ['absolute', '/etc/passwd'],
    ['in JSON', '{ "../../key" }'],
    ['encoded', '..%2f..%2fkey'],
    ['encoded twice', '%252e%252e%252fkey'],
    ['encoded as UTF-8 must not be', '..%c0%af..%c0%afkey'],
    ['with a NUL', 'local.log\0/../../../key'],
    ['with a NUL after it', '/etc/passwd\0.log'],
    ['through the directory', './../last/local.log'],
    ['with backslashes', '..\\..\\key'],
    ['a directory', '.'],
    ['a file that is no log', 'run.json'],
    ['nothing', ''],
    ['in lines', 'local.log\n/etc/passwd'],
    ['very long', `${'../'.repeat(20_000)}etc/passwd`],
    ['of an object', '__proto__'],
  ])('%s: there is none', async (_what, name) => {
    const answer = await curl(`PUT ${API}/download`, name);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(/root:|key/);
  });

  it.each([
    'GET /deployment-engine/download/../../key',
    'GET /deployment-engine/download/..%2f..%2fkey',
    'GET /deployment-engine/..%2f..%2f.slipway/key',
    'GET /.slipway/key',
    'GET /../.slipway/key',
    `GET /${OVERRIDE_FILE}`,
    'GET /%2e%2e/%2e%2e/etc/passwd',
  ])('%s: there is nothing', async (line) => {
    expect([400, 404]).toContain((await curl(line)).status);
  });

  it('that is a link leads nowhere', async () => {
    symlinkSync('/etc/passwd', path.join(folder(), 'web_9.log'));
    symlinkSync('/etc', path.join(folder(), 'etc.log'));
    expect((await curl(`GET ${API}/download`)).body).not.toContain('9');
    for (const name of ['web_9.log', 'etc.log', 'etc.log/passwd'])
      expect((await curl(`PUT ${API}/download`, name)).status).toBe(404);
  });

  it.each(['text/plain', ';;;', 'application', ',', '/'])(
    'that is right is served, sent as %s',
    async (type) => {
      const answer = await curl(`PUT ${API}/download`, 'local.log', { 'Content-Type': type });
      expect(answer).toMatchObject({
        status: 200,
        body: readFileSync(path.join(folder(), 'local.log'), 'utf8'),
      });
    },
  );
});

describe('a posted value', () => {
  const post = (properties: unknown, components: unknown = everywhere) =>
    curl(`POST ${API}/config`, JSON.stringify({ components, properties }));

  const TEXTS = [
    '${file("/etc/passwd")}',
    '$${file("/etc/passwd")}',
    '%{ for x in ["a"] }${x}%{ endfor }',
    '%{ if true }yes%{ endif }',
    '<<EOT\n${file("/etc/passwd")}\nEOT',
    'a"\n}\ncomponent "evil" {',
    "$(touch /tmp/slipway-was-here); `id`; '; reboot #",
    '{"__proto__": {"admin": true}}',
    '(known after probing)',
  ];
  it('is those characters, wherever it is used', async () => {
    for (const motto of TEXTS) {
      expect((await post({ motto, list: TEXTS, password: motto })).status).toBe(201);
      await deployed();
      const home = at(`.slipway/hosts/${host(1)}/instances/web`);
      expect(readFileSync(path.join(home, 'motto'), 'utf8')).toBe(motto);
      expect(readFileSync(path.join(home, 'password'), 'utf8')).toBe(motto);
      expect(readFileSync(path.join(home, 'template'), 'utf8')).toBe(
        `${motto}\n${TEXTS.map((text) => `${text}\n`).join('')}`,
      );
      const { body } = await curl(`GET ${API}/config`);
      expect(JSON.parse(body)).toMatchObject({ properties: { motto, list: TEXTS, password: '(sensitive)' } });
    }
    expect(existsSync('/tmp/slipway-was-here')).toBe(false);
  }, 60_000);

  it('is that number, however large, and got as it may be posted', async () => {
    const numbers = '[98765432109876543210,-0.1,123456789012345678,1e-7,"98765432109876543210","n1e3"]';
    const properties = `{"numbers": ${numbers}, "password": 98765432109876543210}`;
    const sent = `{"components": ${JSON.stringify(everywhere)}, "properties": ${properties}}`;
    expect((await curl(`POST ${API}/config`, sent)).status).toBe(201);
    const got = await curl(`GET ${API}/config`);
    expect(got.head).toMatch(/content-type: application\/json/i);
    expect(got.body).toContain(`"numbers":${numbers}`);
    expect((await curl('GET /api/v1/override')).body).toContain(`"numbers":${numbers}`);
    expect((await curl(`POST ${API}/config`, got.body)).status).toBe(201);
    expect((await curl(`GET ${API}/config`)).body).toBe(got.body);
    expect(overrideText()).toContain('"numbers": [98765432109876543210,-0.1,123456789012345678,');
    expect(overrideText()).toContain('"password": 98765432109876543210');
    expect(JSON.parse((await curl(`POST ${API}/config`, got.body)).body)).toMatchObject({ changed: false });
  });

  it('that is secret stands in no answer and no file but the override', async () => {
    const secret = 'posted-secret-of-the-attacks';
    const answers = [await post({ motto: 'x', password: secret })];
    await deployed();
    for (const line of [
      `GET ${API}/config`,
      `GET ${API}/status`,
      `PUT ${API}/download`,
      'GET /api/v1/cluster',
      'GET /api/v1/history/2',
      'GET /api/v1/history/2/diff/now',
      'GET /api/v1/runs/last',
    ])
      answers.push(await curl(line, line.startsWith('PUT') ? 'web_0.log' : ''));
    answers.push(await curl('POST /api/v1/plan', '{}', { 'Content-Type': 'application/json' }));
    answers.push(await post({ password: secret, motto: [secret] }, { ...everywhere, web: ['nowhere'] }));
    expect(answers.map(({ body }) => body).join('\n')).not.toContain(secret);
    const own = readdirSync(at('.slipway'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.slipway/hosts'))
      .map((entry) => path.join(entry.parentPath, entry.name));
    for (const file of [...own, at('slipway.state.json')].filter(existsSync))
      expect(readFileSync(file).includes(secret), file).toBe(false);
  });

  it.each<readonly [string, string, number]>([
    ['nested deeply', `{"components": ${'['.repeat(100_000)}`, 400],
    [
      'with values nested too deep',
      `{"components":{},"properties":{"motto":${'['.repeat(40)}1${']'.repeat(40)}}}`,
      400,
    ],
    ['larger than 1 MiB', `{"components": {"web": ["${'x'.repeat(1024 * 1024)}"]}}`, 413],
    ['with __proto__', '{"components": {"__proto__": ["10.0.0.1"]}}', 400],
    [
      'with __proto__ in a value',
      '{"components": {}, "properties": {"motto": {"__proto__": {"a": 1}}}}',
      400,
    ],
    ['with constructor', '{"components": {"constructor": ["10.0.0.1"]}}', 400],
    [
      'with __proto__ spelt out',
      '{"components": {}, "properties": {"motto": {"__pr\\u006fto__": {"a": 1}}}}',
      400,
    ],
    [
      'with a component twice',
      `{"components": {"web": ["${host(1)}"], "guarded": ["${host(1)}"], "web": []}}`,
      400,
    ],
    [
      'with all components twice',
      `{"components": ${JSON.stringify(everywhere)}, "components": ${JSON.stringify(everywhere)}}`,
      400,
    ],
    ['with a number that is no number', '{"components": {}, "properties": {"motto": 1e400}}', 400],
    [
      'with a number of a mebibyte',
      `{"components": {}, "properties": {"motto": ${'9'.repeat(1_000_000)}}}`,
      400,
    ],
    ['of blanks', ' '.repeat(1_048_000), 400],
    ['of blanks in a text', `"${' '.repeat(1_048_000)}`, 400],
    ['of quotes', '\\"'.repeat(524_000), 400],
    ['of texts that are wrapped', `[${'"\n",'.repeat(200_000)}`, 400],
    [
      'of one long name with many in it',
      `{"${'x'.repeat(500_000)}": {${Array.from({ length: 40_000 }, (_, i) => `"${i}":1`).join()}}}`,
      400,
    ],
    ['half', '{"components": {"web": [', 400],
    ['of nothing', 'null', 400],
    ['without components', '{"properties": {}}', 400],
    ['with a host that is code', '{"components": {"web": ["${file(\\"/etc/passwd\\")}"]}}', 400],
    ['with a host that is an option', '{"components": {"web": ["-oProxyCommand=reboot"]}}', 400],
    ['with a host that is a path', '{"components": {"web": ["../../etc"]}}', 400],
    ['with a component that is a path', '{"components": {"../web": ["127.0.0.1"]}}', 400],
    ['with a text where a list is wanted', '{"components": {}, "properties": {"list": "[1]"}}', 400],
    [
      'with 100,000 hosts',
      JSON.stringify({ components: { web: Array.from({ length: 100_000 }, () => '::1') } }),
      400,
    ],
    ['with 9,000 hosts that are none', JSON.stringify({ components: { web: Array(9_000).fill('x') } }), 400],
  ])('%s is refused, and nothing changes', async (_what, body, status) => {
    const before = overrideText();
    const answer = await curl(`POST ${API}/config`, body);
    expect(answer.status, answer.body.slice(0, 500)).toBe(status);
    expect(answer.body).not.toContain('root:');
    expect(overrideText()).toBe(before);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('never overrides prevent_destroy', async () => {
    for (const components of [{}, { web: [host(1)] }, { ...everywhere, guarded: [] }]) {
      const answer = await post({}, components);
      expect(answer.status).toBe(400);
      expect(answer.body).toContain(`guarded@${host(1)} must not be removed`);
    }
    // Nor does a file that was written by hand.
    const before = overrideText() ?? '';
    writeFileSync(at(OVERRIDE_FILE), '{"components": {}}', { mode: 0o600 });
    const answer = await curl(`GET ${API}/deploy`);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('prevent_destroy = true');
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { summary: `guarded@${host(1)} must not be removed`, diagnostics: expect.any(Array) as unknown },
    });
    expect(existsSync(at(`.slipway/hosts/${host(1)}/instances/guarded/motto`))).toBe(true);
    writeFileSync(at(OVERRIDE_FILE), before);
  });
});

describe('stop and restart', () => {
  it.each([
    '{"Comp": "$(reboot)", "Ip": "127.0.0.1"}',
    '{"Comp": "web", "Ip": "0.0.0.0"}',
    '{"Comp": "all", "Ip": "127.0.0.1"}',
    '{"Comp": ["web"], "Ip": "127.0.0.1"}',
    '{"Comp": "web", "name": "guarded", "Ip": "127.0.0.1"}',
    '{"Comp": "web@127.0.0.1", "Ip": "*"}',
    '{"__proto__": {"Comp": "all", "Ip": "0.0.0.0"}}',
    '{"Comp": "web", "Comp": "all", "Ip": "0.0.0.0"}',
    '[{"Comp": "all", "Ip": "0.0.0.0"}]',
    '"all"',
    '',
  ])('%s is refused', async (body) => {
    const latest = server.use.desk.latest();
    for (const action of ['stop', 'restart'])
      expect((await curl(`PUT ${API}/${action}`, body)).status).toBe(400);
    expect(server.use.desk.latest()).toBe(latest);
  });
});

/** Opens the log. Resolves to its first line, or the status of the refusal. */
function openLog(options: {
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
}): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${API}/log`, [], options);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('message', (data: Buffer) => {
      resolve(data.toString());
      socket.terminate();
    });
    socket.on('error', reject);
  });
}
