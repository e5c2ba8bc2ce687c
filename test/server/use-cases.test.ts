import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request, testServer, type TestServer } from './test-server.ts';

const HOST = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}.7`;
const FILES = {
  'cluster.hcl': `component "web" {\n  source = "./web"\n  hosts  = ["${HOST}"]\n}\n`,
  'web/component.hcl': 'file "page" {\n  path    = "page"\n  content = "hello"\n}\n',
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ plugins: [], files: FILES });
});
afterAll(async () => {
  await (
    await server.use.desk.begin({ does: 'destroy' })
  ).done;
});

it('there is nothing to look at before the first apply', async () => {
  await expect(server.use.look()).rejects.toThrow(/There is no state yet/);
  expect(server.use.lastLook()).toBeNull();
  expect(await server.use.interruptedRun()).toBeNull();
});

it('all who ask at once share one look; one that was just made will do', async () => {
  const run = await server.use.desk.begin({ does: 'apply' });
  expect(await run.done).toMatchObject({ outcome: 'succeeded' });
  const [one, other] = await Promise.all([server.use.look(), server.use.look()]);
  expect(one).toBe(other);
  expect(one.instances).toMatchObject([{ address: `web@${HOST}`, condition: 'running' }]);
  expect(await server.use.look({ maxAgeMs: 60_000 })).toBe(one);
  expect(await server.use.look()).not.toBe(one);
});

it('looks see what changed meanwhile', async () => {
  appendFileSync(path.join(server.directory, '.slipway/hosts', HOST, 'instances/web/page'), '!');
  expect((await server.use.look()).instances).toMatchObject([{ condition: 'drifted' }]);
  expect(server.use.lastLook()?.instances).toMatchObject([{ condition: 'drifted' }]);
});

it('metrics tell of runs and of the last look', async () => {
  const { body } = await request(server.port, 'GET /metrics');
  expect(body).toContain('slipway_runs_total{does="apply",outcome="succeeded"} 1\n');
  expect(body).toContain('slipway_run_duration_seconds_count{does="apply"} 1\n');
  expect(body).toMatch(/slipway_run_duration_seconds_bucket\{does="apply",le="\+Inf"\} 1\n/);
  expect(body).toContain('slipway_instances{condition="drifted"} 1\n');
  expect(body).toContain('slipway_instances{condition="running"} 0\n');
});
