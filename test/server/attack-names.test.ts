import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { request, testServer, type TestServer } from './test-server.ts';

/*
 * Names that want more than they are: against all routes that take one.
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

it('the files of the spec are as they were, and nobody is worse off', async () => {
  for (const [name, text] of Object.entries(FILES))
    expect(readFileSync(path.join(server.directory, name), 'utf8')).toBe(text);
  expect((await request(server.port, 'GET /healthz')).status).toBe(200);
  expect(server.problems).toEqual([]);
});
