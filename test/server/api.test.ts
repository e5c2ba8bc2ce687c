import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { OPERATIONS, type OperationId } from '../../src/server/api/operations.ts';
import type { OpenApiDocument } from '../../src/server/api/openapi.ts';
import type { Operation } from '../../src/server/api/operation.ts';
import { answerChecker } from './answer-check.ts';
import { serveCluster, type ServedCluster } from './local-cluster.ts';

const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const host = (n: number): string => `${network}.${n}`;
const DEFINITION = `
input "greeting" { type = string }
file "config" {
  path    = "config"
  content = "\${input.greeting}\\n"
}
service "app" {
  command = "/bin/sh -c 'echo begun; while sleep 1000; do :; done'"
}
log "config" { path = "\${instance.dir}/config" }
`;
const spec = (hosts: number, greeting = 'hello'): string => `
cluster "small" {}
component "app" {
  source = "./app"
  hosts  = [${Array.from({ length: hosts }, (_, n) => `"${host(n + 1)}"`).join(', ')}]
  inputs = { greeting = "${greeting}" }
}
output "greeting" { value = "${greeting}" }
`;

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an answer holds is checked by its schema
  readonly json: any;
}

/** The tests build on each other: one life of a cluster, by the API only. */
describe('the own API', () => {
  let cluster: ServedCluster;
  let check: Awaited<ReturnType<typeof answerChecker>>;
  beforeAll(async () => {
    check = await answerChecker();
    cluster = await serveCluster({ 'cluster.hcl': spec(1), 'app/component.hcl': DEFINITION });
  });
  afterAll(async () => {
    // A test that failed may have left its run.
    await ask('cancelRun', { run: 'last' }, { mode: 'now' });
    try {
      const { plan } = (await ask('plan', {}, { does: 'destroy' })).json as { plan: string };
      await finished(await begin({ does: 'destroy', plan }));
    } finally {
      await cluster.close();
    }
    expect(cluster.problems).toEqual([]);
  });

  /** Asks, and holds the answer against its schema. */
  async function ask(
    id: OperationId,
    params: Readonly<Record<string, string | number>> = {},
    body?: unknown,
    query = '',
  ): Promise<Reply> {
    const operation: Operation = OPERATIONS[id];
    const path = operation.path.replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(String(params[name])),
    );
    const response = await fetch(`${cluster.url}/api/v1${path}${query}`, {
      method: operation.method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const json: unknown = isJson ? JSON.parse(text) : null;
    const { status, headers } = response;
    if (status >= 400) expect(check('error', json)).toEqual([]);
    else if (isJson) expect(check(id, json)).toEqual([]);
    return { status, headers, text, json };
  }

  async function begin(order: unknown): Promise<string> {
    const reply = await ask('beginRun', {}, order);
    expect(reply).toMatchObject({ status: 202 });
    return (reply.json as { run: string }).run;
  }

  /** Follows the events of a run until its end. */
  async function finished(run: string): Promise<Reply> {
    await ask('runEvents', { run });
    return ask('run', { run });
  }

  async function applied(): Promise<Reply> {
    const { plan } = (await ask('plan')).json as { plan: string };
    return finished(await begin({ does: 'apply', plan }));
  }

  async function events(run: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${cluster.url}/api/v1/runs/${run}/events`, { headers });
    const blocks = (await response.text()).split('\n\n').filter((block) => block.startsWith('id:'));
    return {
      status: response.status,
      events: blocks.map((block) => {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        return {
          id: field('id'),
          type: field('event'),
          data: JSON.parse(field('data')) as Record<string, unknown>,
        };
      }),
    };
  }

  it('says that nothing was applied yet', async () => {
    expect((await ask('cluster')).json).toMatchObject({ serial: 0, components: [], run: null });
    expect(await ask('instances')).toMatchObject({ status: 404 });
    expect(await ask('hosts')).toMatchObject({ status: 404 });
    expect(await ask('logs')).toMatchObject({ status: 404 });
    expect((await ask('history')).json).toEqual({ deployments: 0, versions: [] });
    expect((await ask('runs')).json).toEqual({ current: null, runs: [] });
  });

  it('validates the spec', async () => {
    expect((await ask('validate')).json).toMatchObject({ valid: true, errors: 0 });
    cluster.write('cluster.hcl', spec(1).replace('greeting =', 'greetings ='));
    expect((await ask('validate')).json).toMatchObject({ valid: false });
    expect(await ask('plan')).toMatchObject({ status: 400, json: { error: { diagnostics: [{}, {}] } } });
    cluster.write('cluster.hcl', spec(1));
  });

  it('plans, and applies the plan by its digest', async () => {
    const { json } = await ask('plan', {}, { does: 'apply' });
    expect(json).toMatchObject({ changes: true, view: { summary: { install: 1 } }, diagnostics: [] });
    expect((await ask('keptPlan', { plan: json.plan })).json).toEqual(json);
    const run = await begin({ does: 'apply', plan: json.plan });
    const end = await finished(run);
    expect(end.json).toMatchObject({
      run,
      outcome: 'succeeded',
      counts: { succeeded: 1 },
      instances: [{ instance: `app@${host(1)}`, action: 'install', outcome: 'succeeded' }],
    });
    expect((await ask('cluster')).json).toMatchObject({
      cluster: 'small',
      components: [{ name: 'app', instances: [`app@${host(1)}`] }],
      hosts: [host(1)],
      outputs: { greeting: 'hello' },
      deployments: 1,
    });
  });

  it('scales up, and tells of every instance', async () => {
    cluster.write('cluster.hcl', spec(3));
    expect((await applied()).json).toMatchObject({ outcome: 'succeeded', counts: { succeeded: 2 } });
    const { json } = await ask('instances');
    expect(json.instances).toHaveLength(3);
    expect(json.instances[2]).toMatchObject({ address: `app@${host(3)}`, condition: 'running' });
    expect((await ask('instances', {}, undefined, '?look=last')).json).toEqual(json);
    const hosts = await ask('hosts');
    expect(hosts.json.hosts).toHaveLength(3);
    expect(hosts.json.hosts[0]).toMatchObject({
      instances: [`app@${host(1)}`],
      usage: { problem: null },
      hardware: { problem: null, machine: { kernel: expect.any(String) as string } },
    });
  });

  it('stops and starts what is selected', async () => {
    const end = await finished(await begin({ does: 'stop', selectors: [`@${host(2)}`] }));
    expect(end.json).toMatchObject({ operation: 'stop', outcome: 'succeeded', counts: { succeeded: 1 } });
    const { json } = await ask('instances');
    expect(json.instances[1]).toMatchObject({ condition: 'stopped', stoppedByUser: true });
    await finished(await begin({ does: 'start', selectors: ['app'] }));
    expect((await ask('instances')).json.instances[1]).toMatchObject({ condition: 'running' });
    expect(await ask('beginRun', {}, { does: 'stop', selectors: ['nobody'] })).toMatchObject({ status: 400 });
  });

  it('refuses a plan that is stale', async () => {
    cluster.write('cluster.hcl', spec(3, 'hi'));
    const { plan } = (await ask('plan')).json as { plan: string };
    cluster.write('cluster.hcl', spec(3, 'hey'));
    const reply = await ask('beginRun', {}, { does: 'apply', plan });
    expect(reply).toMatchObject({ status: 409, json: { error: { summary: 'The plan is stale' } } });
    expect(reply.text).toContain('the spec, a definition or a variable has changed');
    expect((await ask('cluster')).json.run).toBeNull();
  });

  it('tells the events of a run, from the one on that was seen', async () => {
    const { plan } = (await ask('plan')).json as { plan: string };
    const run = await begin({ does: 'apply', plan });
    const all = (await events(run)).events;
    expect(all.map(({ id }) => id)).toEqual([...all.slice(0, -1).map((_, n) => String(n + 1)), 'end']);
    expect(all[0]?.type).toBe('run-started');
    expect(all.at(-1)).toMatchObject({ type: 'end', data: { run, outcome: 'succeeded', problem: null } });
    const rest = await events(run, { 'last-event-id': '2' });
    expect(rest.events).toEqual(all.slice(2));
    expect(await events(run, { 'last-event-id': 'end' })).toEqual({ status: 204, events: [] });

    const socket = new WebSocket(`${cluster.url.replace('http', 'ws')}/api/v1/runs/${run}/events?after=2`);
    const messages: unknown[] = [];
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(messages).toHaveLength(all.length - 2);
    expect(messages.at(-1)).toMatchObject({ id: 'end', type: 'end' });
  });

  it('keeps the logs of a run, in stretches', async () => {
    const runs = (await ask('runs', {}, undefined, '?limit=2')).json;
    expect(runs.runs).toHaveLength(2);
    const run = runs.runs[0].run as string;
    const whole = await ask('runLog', { run, log: 'local' });
    expect(whole.text).toMatch(new RegExp(`run ${run} of 3 changes\\n`));
    const part = await ask('runLog', { run, log: `app@${host(1)}` }, undefined, '?from=25&limit=7');
    const log = await ask('runLog', { run: 'last', log: `app@${host(1)}` });
    expect(part.text).toBe(log.text.slice(25, 32));
    expect(part.headers.get('x-next-from')).toBe('32');
    const followed = await ask('runLog', { run, log: 'local' }, undefined, '?follow=true&from=10');
    expect(followed.text).toBe(whole.text.slice(10));
    for (const name of ['../run.json', 'run.json', '..%2frun.json', '/etc/passwd'])
      expect(await ask('runLog', { run, log: name })).toMatchObject({ status: 404 });
    expect(await ask('run', { run: '20200101T000000-dead' })).toMatchObject({ status: 404 });
  });

  it('shows, follows and lists the logs of instances', async () => {
    const { json } = await ask('logs', {}, undefined, `?select=@${host(1)}`);
    expect(json.logs.map(({ log }: { log: string }) => log)).toEqual(['config', 'service.app']);
    const instance = `app@${host(1)}`;
    const shown = await ask('log', { instance, log: 'config' }, undefined, '?download=true');
    expect(shown.text).toBe('hey\n');
    expect(shown.headers.get('content-disposition')).toContain('attachment');
    expect((await ask('log', { instance, log: 'config' }, undefined, '?grep=nothing')).text).toBe('');
    expect(await ask('log', { instance, log: 'config' }, undefined, '?grep=(')).toMatchObject({
      status: 400,
    });
    expect(await ask('log', { instance, log: 'nothing' })).toMatchObject({ status: 404 });
    expect(await ask('log', { instance: 'x@y', log: 'config' })).toMatchObject({ status: 404 });

    const leaving = new AbortController();
    const path = `${cluster.url}/api/v1/logs/${instance}/service.app?follow=true`;
    const response = await fetch(path, { signal: leaving.signal });
    let text = '';
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(bytes).toString();
      if (text.includes('event: line')) break;
    }
    leaving.abort();
    expect(text).toContain('"text":"begun"');
  });

  it('cancels a run, and takes one at a time', async () => {
    const script = `create = "until test -e ${cluster.directory}/go; do sleep 0.05; done"`;
    cluster.write('app/component.hcl', `${DEFINITION}script "slow" {\n  ${script}\n}\n`);
    const { plan } = (await ask('plan')).json as { plan: string };
    const run = await begin({ does: 'apply', plan });
    const { json } = await ask('runs', {}, undefined, '?limit=1');
    expect(json).toMatchObject({ current: run, runs: [{ run, outcome: 'running', operation: 'apply' }] });
    const log = `app@${host(1)}`;
    const following = ask('runLog', { run, log }, undefined, '?follow=true');
    const busy = await ask('beginRun', {}, { does: 'restart', selectors: [] });
    expect(busy).toMatchObject({ status: 409, json: { error: { run } } });
    expect(await ask('cancelRun', { run }, { mode: 'now' })).toMatchObject({ status: 202, json: { run } });
    expect((await finished(run)).json).toMatchObject({ outcome: 'interrupted', phase: null });
    expect((await following).text).toBe((await ask('runLog', { run, log })).text);
    expect(await ask('cancelRun', { run })).toMatchObject({ status: 409 });
    cluster.write('go', '');
    cluster.write('app/component.hcl', DEFINITION);
    expect((await applied()).json).toMatchObject({ outcome: 'succeeded' });
  });

  it('keeps a history, and goes back in it', async () => {
    const { json } = await ask('history');
    expect(json.versions.length).toBeGreaterThan(2);
    const version = await ask('version', { version: 2 });
    expect(version.json).toMatchObject({ version: 2, operation: 'apply', author: 'tester@here' });
    expect(version.json.files[0]).toMatchObject({ path: 'cluster.hcl', text: spec(3) });
    const diff = await ask('diff', { version: 1, other: 2 });
    expect(diff.json.files).toMatchObject([{ path: 'cluster.hcl', change: 'changed' }]);
    expect((await ask('diff', { version: 2, other: 'now' })).text).toContain(
      '+  inputs = { greeting = \\"hey',
    );
    expect(await ask('version', { version: 99 })).toMatchObject({ status: 404 });
    expect(await ask('diff', { version: 1, other: 99 })).toMatchObject({ status: 404 });
    expect(await ask('rollback', {}, { version: 99 })).toMatchObject({ status: 404 });

    // Down to one again.
    const back = await ask('rollback', {}, { version: 1 });
    expect(back.json).toMatchObject({ view: { summary: { remove: 2, update: 1 } } });
    const end = await finished(await begin({ does: 'apply', plan: back.json.plan }));
    expect(end.json).toMatchObject({ operation: 'rollback to 1', outcome: 'succeeded' });
    expect((await ask('instances')).json.instances).toHaveLength(1);
  });

  it('tells of the override, and takes it away', async () => {
    const alone = { components: { app: [1, 2, 3].map(host) }, properties: {} };
    expect((await ask('override')).json).toEqual({ override: null, spec: alone });
    expect((await ask('withdrawOverride')).json).toEqual({ changed: false });
    cluster.write('deployment-engine_override.json', `{"components": {"app": ["${host(9)}"]}}`);
    expect((await ask('override')).json).toEqual({
      override: { components: { app: [host(9)] }, properties: {} },
      spec: alone,
    });
    expect(await ask('withdrawOverride')).toMatchObject({ status: 200, json: { changed: true } });
    expect((await ask('override')).json.override).toBeNull();
    const audit = readFileSync(path.join(cluster.directory, '.slipway/audit.log'), 'utf8');
    expect(audit).toMatch(/"DELETE".*"\/api\/v1\/override".*200,"note":"the override was withdrawn"/);
  });

  it.each([
    ['a digest that is none', 'beginRun', { does: 'apply', plan: 'x' }, /body\/plan/],
    ['no digest', 'beginRun', { does: 'apply' }, /'plan'/],
    ['no selectors', 'beginRun', { does: 'stop' }, /'selectors'/],
    ['something unknown', 'plan', { does: 'apply', force: true }, /additional properties/],
    ['a version that is none', 'rollback', { version: 0 }, />= 1/],
    ['no body', 'beginRun', undefined, /object/],
  ] as const)('refuses %s, and says why', async (_what, id, body, words) => {
    const reply = await ask(id, {}, body);
    expect(reply.status).toBe(400);
    expect(reply.text).toMatch(words);
  });

  it('does not know a plan that it never made', async () => {
    expect(await ask('beginRun', {}, { does: 'apply', plan: '0'.repeat(64) })).toMatchObject({ status: 404 });
  });

  it('describes itself', async () => {
    const { json } = await ask('openapi');
    expect(json.openapi).toBe('3.1.0');
    const described = Object.values<Record<string, { operationId: string }>>(json.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(described).toEqual(expect.arrayContaining(Object.keys(OPERATIONS)));
    const names = [...JSON.stringify(json).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)];
    for (const [, kind = '', name = ''] of names) expect(json.components[kind]).toHaveProperty(name);
    const page = await ask('docs');
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(page.text).toContain('POST /api/v1/runs');
    expect(page.text).not.toMatch(/<script|style="|https?:/);
    expect((await ask('docsStyle')).headers.get('content-type')).toContain('text/css');
  });
});

it('ends with its server, whoever still listens', async () => {
  const cluster = await serveCluster({ 'cluster.hcl': spec(1), 'app/component.hcl': DEFINITION });
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', body: JSON.stringify(body), headers };
    return (await (await fetch(`${cluster.url}/api/v1${path}`, options)).json()) as Record<string, string>;
  };
  const change = async (does: string) => {
    const { plan } = await post('/plan', { does });
    const { run } = await post('/runs', { does, plan });
    await (await fetch(`${cluster.url}/api/v1/runs/${run}/events`)).text();
  };
  await change('apply');
  const path = `/api/v1/logs/app@${host(1)}/service.app?follow=true`;
  const [reading, idle] = await Promise.all([fetch(cluster.url + path), fetch(cluster.url + path)]);
  expect([reading.status, idle.status]).toEqual([200, 200]);
  await change('destroy');
  const text = reading.text().catch(() => 'cut off');
  await cluster.close();
  expect(await text).toMatch(/begun|cut off/);
  expect(cluster.problems).toEqual([]);
});

it('lets a token that may only read do what changes nothing and holds up nobody', async () => {
  const tokens = 'reader-0123456789abcdef0123 read rita\noperator-0123456789abcdef01 operate anna\n';
  const cluster = await serveCluster({ 'cluster.hcl': 'cluster "none" {}\n' }, { tokens });
  const ask = (name: 'reader' | 'operator' | null, path: string, method = 'GET'): Promise<Response> => {
    const token = tokens
      .split('\n')
      .find((line) => name !== null && line.startsWith(name))
      ?.split(' ')[0];
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    return fetch(`${cluster.url}/api/v1${path}`, {
      method,
      ...(headers === undefined ? {} : { headers }),
    });
  };
  const statusOf = async (...what: Parameters<typeof ask>): Promise<number> => (await ask(...what)).status;
  expect(await statusOf(null, '/cluster')).toBe(401);
  expect(await statusOf(null, '/openapi.json')).toBe(200);
  expect(await (await ask('reader', '/cluster')).json()).toMatchObject({ role: 'read' });
  expect(await (await ask('operator', '/cluster')).json()).toMatchObject({ role: 'operate' });
  expect(await statusOf('reader', '/validate', 'POST')).toBe(200);
  // Planning changes nothing, but takes the lock that operators need.
  expect(await statusOf('reader', '/plan', 'POST')).toBe(403);
  expect(await statusOf('reader', '/rollback', 'POST')).toBe(403);
  expect(await statusOf('operator', '/plan', 'POST')).toBe(200);
  expect(await statusOf('reader', '/runs', 'POST')).toBe(403);
  expect(await statusOf('reader', '/runs/last/cancel', 'POST')).toBe(403);
  expect(await statusOf('operator', '/runs', 'POST')).toBe(400);
  expect(await statusOf('reader', '/override')).toBe(200);
  expect(await statusOf('reader', '/override', 'DELETE')).toBe(403);
  expect(await statusOf('operator', '/override', 'DELETE')).toBe(200);
  const { paths } = (await (await fetch(`${cluster.url}/api/v1/openapi.json`)).json()) as OpenApiDocument;
  const roles = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((operation) => [operation.operationId, operation['x-role']]),
  );
  expect(Object.fromEntries(roles)).toMatchObject({
    plan: 'operate',
    rollback: 'operate',
    runs: 'read',
    docs: null,
  });
  expect(roles.filter(([, role]) => role === 'operate')).toHaveLength(5);
  await cluster.close();
});
