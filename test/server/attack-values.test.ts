import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { request, testServer, type TestServer } from './test-server.ts';

/*
 * Names and values that want more than they are: against all routes there are.
 */

const SECRET = 'the-secret-of-this-file';
const RUN = '20261121T041500-83c1';
const FILES = {
  'cluster.hcl': `
cluster "shop" { version = "1" }
variable "greeting" {
  type    = string
  default = "hello"
}
component "web" {
  source = "./web"
  hosts  = ["127.0.0.61"]
  inputs = { greeting = var.greeting }
}
`,
  'web/component.hcl': `
input "greeting" { type = string }
file "page" {
  path    = "page"
  content = input.greeting
}
`,
  'secret.txt': SECRET,
  [`.slipway/runs/${RUN}/local.log`]: '2026-11-21T04:15:00.000Z run\n',
  [`.slipway/runs/${RUN}/web_0.log`]: '2026-11-21T04:15:00.000Z web\n',
  '.slipway/key': SECRET,
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ files: FILES });
});
const json = { 'Content-Type': 'application/json' };

describe('names of logs that want to leave their directory', () => {
  const names = [
    '../../../secret.txt',
    '..%2F..%2F..%2Fsecret.txt',
    '%2e%2e/%2e%2e/%2e%2e/secret.txt',
    '..%252f..%252f..%252fsecret.txt',
    '....//....//....//secret.txt',
    '..\\..\\..\\secret.txt',
    '/etc/passwd',
    '%2Fetc%2Fpasswd',
    'local.log/../../../key',
    'local.log%00.txt',
    '.',
    '..',
    '',
  ];
  it.each(names)('%j', async (name) => {
    const answers = await Promise.all([
      request(server.port, 'PUT /deployment-engine/download', { 'Content-Type': 'text/plain' }, name),
      request(server.port, `GET /deployment-engine/download/${name}`),
      request(server.port, `GET /api/v1/runs/${RUN}/logs/${name.replaceAll(' ', '%20')}`),
      request(server.port, `GET /api/v1/runs/${name.replaceAll(' ', '%20')}/logs/local.log`),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain(SECRET);
      expect(body).not.toContain('root:');
    }
  });
});

describe('values that want to be evaluated', () => {
  it.each([
    '${file("secret.txt")}',
    '${file("/etc/passwd")}',
    '%{ for x in [1] }${file("secret.txt")}%{ endfor }',
    '"}\ncomponent "evil" { source = "./web" }\n#',
    '$${file("secret.txt")}',
  ])('%j stays what it is', async (value) => {
    const config = JSON.stringify({ components: { web: ['127.0.0.61'] }, properties: { greeting: value } });
    const posted = await request(server.port, 'POST /deployment-engine/config', json, config);
    expect(posted.status).not.toBe(500);
    const shown = await request(server.port, 'GET /deployment-engine/config');
    const plan = await request(server.port, 'POST /api/v1/plan', json, '{}');
    for (const { body } of [posted, shown, plan]) {
      expect(body).not.toContain(SECRET);
      expect(body).not.toContain('root:');
    }
    if (posted.status === 201) expect(JSON.parse(shown.body)).toHaveProperty('properties.greeting', value);
  });

  it.each(['__proto__', '../web', 'web"', 'web\n', ''])('a component called %j is refused', async (name) => {
    const before = readdirSync(server.directory);
    const config = `{"components": {${JSON.stringify(name)}: ["127.0.0.61"]}, "properties": {}}`;
    const { status } = await request(server.port, 'POST /deployment-engine/config', json, config);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(readdirSync(server.directory)).toEqual(before);
  });
});

it('the files of the spec are as they were, and nobody is worse off', async () => {
  for (const [name, text] of Object.entries(FILES))
    expect(readFileSync(path.join(server.directory, name), 'utf8')).toBe(text);
  expect((await request(server.port, 'GET /healthz')).status).toBe(200);
  expect(server.problems).toEqual([]);
});
