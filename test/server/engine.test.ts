import { request as httpRequest } from 'node:http';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { localStore } from '../../state/local/local-store.ts';
import { serveCluster, type ServedCluster } from './local-cluster.ts';

const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const host = (n: number): string => `${network}.${n}`;
const NATS = `
input "greeting" { type = string }
file "config" {
  path    = "config"
  content = "\${input.greeting}\\n"
}
script "slow" {
  create   = "for n in 1 2 3 4 5; do echo step $n; sleep 0.1; done"
  triggers = [input.greeting]
}
service "nats" {
  command = "/bin/sh -c 'while sleep 1000; do :; done'"
}
`;
const ROUTER = `
service "router" {
  command = "/bin/sh -c 'while sleep 1000; do :; done'"
}
`;
/** As somebody has it who begins: nothing is placed. */
const SPEC = `
cluster "cf" {}
variable "domain" {
  type    = string
  default = "cf.local"
}
variable "password" {
  type      = string
  sensitive = true
}
component "nats" {
  source = "./nats"
  hosts  = []
  inputs = { greeting = var.domain }
}
component "router" {
  source     = "./router"
  hosts      = []
  depends_on = [component.nats]
}
`;
const FILES = { 'cluster.hcl': SPEC, 'nats/component.hcl': NATS, 'router/component.hcl': ROUTER };
/** curl -d says so, whatever is sent. */
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test says what it expects
  readonly json: any;
}

function asker(cluster: () => ServedCluster) {
  return (
    method: string,
    route: string,
    body?: string,
    headers: Readonly<Record<string, string>> = body === undefined ? {} : FORM,
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        `${cluster().url}/deployment-engine${route}`,
        {
          method,
          agent: false,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (answer) => {
          let text = '';
          answer.on('data', (data: Buffer) => (text += data.toString()));
          answer.on('end', () => {
            const type = answer.headers['content-type'] ?? '';
            const json: unknown = type.startsWith('application/json') ? JSON.parse(text) : null;
            resolve({ status: answer.statusCode ?? 0, type, text, json });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}

/** The lines of the log as a viewer sees them, one message each. */
function watch(cluster: ServedCluster) {
  const socket = new WebSocket(`${cluster.url.replace('http', 'ws')}/deployment-engine/log`);
  const lines: string[] = [];
  const kinds = new Set<boolean>();
  socket.on('message', (data: Buffer, isBinary) => {
    kinds.add(isBinary);
    lines.push(data.toString());
  });
  return {
    socket,
    lines,
    kinds,
    until: (what: RegExp, count = 1) =>
      waitFor(() => (lines.filter((line) => what.test(line)).length >= count ? lines : undefined)),
  };
}

async function waitFor<T>(look: () => Promise<T | undefined> | T | undefined, ms = 10_000): Promise<T> {
  for (const endMs = performance.now() + ms; ;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const config = (nats: readonly number[], router: readonly number[], greeting = 'cf.local'): string =>
  JSON.stringify({
    components: { nats: nats.map(host), router: router.map(host) },
    properties: { domain: greeting, password: 'a secret of mine' },
  });
const END = /run \S+ (succeeded|failed|interrupted): /;

/** One life of a cluster, as clients of the original engine go about it. The tests build on each other. */
describe('the API of the original engine', () => {
  let cluster: ServedCluster;
  let off: string | null = null;
  const ask = asker(() => cluster);
  const runs = async (): Promise<number> => {
    const response = await fetch(`${cluster.url}/api/v1/runs?limit=100`);
    return ((await response.json()) as { runs: unknown[] }).runs.length;
  };
  const deployed = async (): Promise<Reply> => {
    const reply = await ask('GET', '/deploy');
    expect(reply).toMatchObject({ status: 202 });
    await waitFor(async () => {
      const response = await fetch(`${cluster.url}/api/v1/cluster`);
      return ((await response.json()) as { run: unknown }).run === null ? true : undefined;
    });
    return reply;
  };
  const statuses = async (): Promise<string> => {
    const { json } = await ask('GET', '/status');
    const rows = json as { Comp: string; Ip: string; Status: string }[];
    return rows.map(({ Comp, Ip, Status }) => `${Comp} ${Ip.split('.')[3]} ${Status}`).join(', ');
  };

  beforeAll(async () => {
    cluster = await serveCluster(FILES, { isOff: (address) => address === off });
  });
  afterAll(async () => {
    off = null;
    await ask('POST', '/config', config([], []));
    await deployed();
    await cluster.close();
    expect(cluster.problems).toEqual([]);
  });

  it.each([
    ['GET', '/status', undefined],
    ['GET', '/deploy', undefined],
    ['GET', '/hardware', '{ "Comp": "all", "Ip": "0.0.0.0" }'],
    ['PUT', '/restart', '{ "Comp": "all", "Ip": "0.0.0.0" }'],
    ['PUT', '/stop', '{ "Comp": "all", "Ip": "0.0.0.0" }'],
  ])('%s %s before there is a configuration is 403, and says so', async (method, route, body) => {
    const { status, json } = await ask(method, route, body);
    expect([status, json.error.summary]).toEqual([403, 'There is no configuration yet']);
  });

  it('gives the configuration, to be filled in', async () => {
    const { status, type, json } = await ask('GET', '/config');
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json).toEqual({ components: { nats: [], router: [] }, properties: { domain: 'cf.local' } });
  });

  it.each([
    ['no JSON', '{"components":', /not JSON/],
    ['nothing', undefined, /A configuration is expected/],
    ['an unknown component', '{"components":{"natz":["127.0.0.1"]},"properties":{}}', /natz/],
    ['an unknown property', '{"components":{},"properties":{"domian":"x"}}', /domian/],
    ['a host that is none', '{"components":{"nats":["300.1.1.1"]},"properties":{}}', /300\.1\.1\.1/],
  ])('%s is 400, and changes nothing', async (_what, body, words) => {
    const { status, text } = await ask('POST', '/config', body);
    expect(status).toBe(400);
    expect(text).toMatch(words);
    expect(existsSync(path.join(cluster.directory, 'deployment-engine_override.json'))).toBe(false);
  });

  it('takes a configuration, wrapped over lines, in the middle of an address too', async () => {
    const text = config([1, 2], [1]).replace('{"components"', '{\n  "components"');
    const wrapped = text.replace(`"${host(2)}"`, `"${host(2).slice(0, 6)}\n${host(2).slice(6)}"`);
    expect(wrapped).not.toBe(text);
    const { status, json } = await ask('POST', '/config', wrapped);
    expect([status, json.changed]).toEqual([201, true]);
    expect((await ask('GET', '/config')).json).toEqual({
      components: { nats: [host(1), host(2)], router: [host(1)] },
      properties: { domain: 'cf.local', password: '(sensitive)' },
    });
  });

  it('before a deploy all is down, and the hardware is known', async () => {
    const { status, type, text, json } = await ask('GET', '/status');
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json).toHaveLength(3);
    expect(text).toContain(
      `{"Comp":"nats","Ip":"${host(1)}","Cpu":"0%","Mem":"0%","Disk":"0%","Status":"DOWN"}`,
    );
    const one = await ask('GET', '/hardware', `{ "Comp": "nats", "Ip": "${host(2)}" }`);
    expect(one.status).toBe(200);
    expect(one.text).toMatch(
      new RegExp(`^{"Comp":"nats","IP":"${host(2)}","CPU":\\d+,"RAM":\\d+,"DISK":\\d+(\\.\\d)?}$`),
    );
    expect((await ask('GET', '/download')).json).toEqual([]);
    expect((await ask('PUT', '/stop', `{"Comp":"nats","Ip":"${host(1)}"}`)).status).toBe(400);
  });

  it('deploys, while those who watch see each line once, and only one at a time', async () => {
    const early = watch(cluster);
    await new Promise((resolve) => early.socket.once('open', resolve));
    const { status, json } = await ask('GET', '/deploy');
    expect(status).toBe(202);
    expect(json).toEqual({ run: json.run, planned: { install: 3, update: 0, remove: 0 } });
    const second = await ask('GET', '/deploy');
    expect([second.status, second.json.error.run]).toEqual([409, json.run]);
    const late = watch(cluster);
    await early.until(END);
    await late.until(END);
    expect(late.lines).toEqual(early.lines);
    expect(new Set(early.lines).size).toBe(early.lines.length);
    expect(early.kinds).toEqual(new Set([false]));
    expect(early.lines.filter((line) => / nats@\S+: step \d$/.test(line))).toHaveLength(10);
    // Who came when all was over gets the same; and who stays sees the next run.
    const after = watch(cluster);
    await after.until(END);
    expect(after.lines).toEqual(early.lines);
    early.socket.close();
    late.socket.close();
    await ask('GET', '/deploy');
    await after.until(/run \S+ \(apply\): nothing had to be changed$/);
    after.socket.close();
  });

  it('runs', async () => {
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, router 1 RUNNING');
    const { text } = await ask('GET', '/status');
    const row =
      /^{"Comp":"[a-z]+","Ip":"[\d.]+","Cpu":"\d+(\.\d{1,5})?%","Mem":"\d+(\.\d{1,2})?%","Disk":"\d+%","Status":"RUNNING"}$/;
    for (const one of text.slice(1, -1).split(/(?<=}),/)) expect(one).toMatch(row);
  });

  /*
   * The lines of the original document's section on its API, as they are meant there (two are misprinted): a missing quote, a line
   * break in an address.
   */
  it.each([
    ['GET', '/config', undefined, 200, /^{"components":{"nats":\[.*\],"router":\[.*\]},"properties":{.*}}$/],
    ['POST', '/config', config([1, 2], [1]), 201, /^{"changed":false,/],
    ['GET', '/deploy', undefined, 202, /^{"run":"\d{8}T\d{6}-[0-9a-f]+",/],
    ['GET', '/status', undefined, 200, /^\[{"Comp":.*"Status":"RUNNING"}\]$/],
    [
      'GET',
      '/hardware',
      `{ "Comp": "nats", "Ip": "${host(1)}" }`,
      200,
      /^{"Comp":"nats","IP":"[\d.]+","CPU":\d+,"RAM":\d+,"DISK":[\d.]+}$/,
    ],
    ['GET', '/hardware', '{ "Comp": "all", "Ip": "0.0.0.0" }', 200, /^\[({"Comp":[^}]*}[,\]]){3}$/],
    ['GET', '/download', undefined, 200, /^\["local\.log","nats_0\.log","nats_1\.log","router_0\.log"\]$/],
    ['PUT', '/download', 'local.log', 200, /^\S+Z run \S+ of 3 changes\n/],
    ['PUT', '/restart', `{ "Comp":"nats","Ip":"${host(2)}"}`, 200, /"outcome":"succeeded"/],
    ['PUT', '/stop', `{ "Comp": "nats", "Ip": "${host(2)}" }`, 200, /"outcome":"succeeded"/],
  ] as const)('curl -X %s %s with %j: %i', async (method, route, body, status, shape) => {
    const reply = await ask(method, route, body);
    expect({ status: reply.status, text: reply.text }).toEqual({
      status,
      text: expect.stringMatching(shape),
    });
    await waitFor(async () => ((await ask('GET', '/deploy')).status === 409 ? undefined : true));
  });

  it('what is stopped stays so in a deploy, until it is restarted', async () => {
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 DOWN, router 1 RUNNING');
    await deployed();
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 DOWN, router 1 RUNNING');
    const { status, json } = await ask('PUT', '/restart', `{"name":"nats","ip":"${host(2)}"}`);
    expect([status, json.instances]).toEqual([200, [`nats@${host(2)}`]]);
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, router 1 RUNNING');
  });

  it('all of it stops and starts again, in order', async () => {
    await ask('PUT', '/stop', `{"Comp":"router","Ip":"${host(1)}"}`);
    expect((await ask('PUT', '/restart', '{"Comp":"all","Ip":"0.0.0.0"}')).status).toBe(200);
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, router 1 RUNNING');
    const { json } = await ask('PUT', '/stop', '{"Comp":"all","Ip":"0.0.0.0"}');
    expect(json).toMatchObject({ outcome: 'succeeded' });
    expect(await statuses()).toBe('nats 1 DOWN, nats 2 DOWN, router 1 DOWN');
    const log = (await ask('PUT', '/download', 'local.log')).text;
    const done = [...log.matchAll(/ (\w+)@\S+: succeeded/g)].map((match) => match[1]);
    expect(done).toEqual(['router', 'nats', 'nats']);
    expect((await ask('PUT', '/restart', '{"Comp":"all","Ip":"0.0.0.0"}')).status).toBe(200);
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, router 1 RUNNING');
  });

  describe('quirks', () => {
    const of = (n: number): string => `{ "name":"nats","Ip":"${host(n)}"}`;
    it.each([
      ['name and Ip', 'PUT', '/restart', of(1), FORM, 200],
      ['keys in any case', 'PUT', '/restart', `{"COMP":"nats","IP":"${host(1)}"}`, FORM, 200],
      ['JSON that is called so', 'PUT', '/restart', of(1), { 'content-type': 'application/json' }, 200],
      ['with a charset', 'PUT', '/restart', of(1), { 'content-type': 'application/json;charset=utf-8' }, 200],
      ['no content type', 'PUT', '/restart', of(1), {}, 200],
      ['a content type that is none', 'PUT', '/restart', of(1), { 'content-type': 'html/text' }, 200],
      ['GET with a body', 'GET', '/restart', of(1), FORM, 200],
      ['GET with a query', 'GET', `/restart?name=nats&Ip=${host(1)}`, undefined, {}, 200],
      ['hardware by a query', 'GET', `/hardware?Comp=nats&Ip=${host(1)}`, undefined, {}, 200],
      ['another host', 'PUT', '/restart', of(9), FORM, 400],
      ['another host', 'GET', '/hardware', of(9), FORM, 400],
      ['another component', 'PUT', '/stop', `{"Comp":"natz","Ip":"${host(1)}"}`, FORM, 400],
      ['the component of another host', 'PUT', '/stop', `{"Comp":"router","Ip":"${host(2)}"}`, FORM, 400],
      ['all on one host', 'PUT', '/stop', `{"Comp":"all","Ip":"${host(1)}"}`, FORM, 400],
      ['one on all hosts', 'PUT', '/stop', '{"Comp":"nats","Ip":"0.0.0.0"}', FORM, 400],
      ['no JSON', 'PUT', '/stop', '{"Comp":"nats"', FORM, 400],
      ['nothing', 'PUT', '/stop', undefined, {}, 400],
      ['half of it', 'PUT', '/stop', '{"Comp":"nats"}', FORM, 400],
      ['no texts', 'PUT', '/stop', '{"Comp":["nats"],"Ip":1}', FORM, 400],
      ['two things at once', 'PUT', '/stop', `{"Comp":"nats","name":"router","Ip":"${host(1)}"}`, FORM, 400],
      ['__proto__', 'PUT', '/stop', '{"__proto__":{"Comp":"nats"},"Ip":"0.0.0.0"}', FORM, 400],
    ] as const)('%s: %s %s %s', async (_what, method, route, body, headers, status) => {
      const reply = await ask(method, route, body, headers);
      expect({ status: reply.status, json: reply.json }).toEqual({
        status,
        json:
          status === 200
            ? expect.anything()
            : { error: expect.objectContaining({ summary: expect.any(String) }) },
      });
    });

    it.each(['local.log', '"local.log"', '{ "local.log" }', ' local.log\n', '{"local.log"}'])(
      'a log named as %s',
      async (name) => {
        const { status, type } = await ask('PUT', '/download', name);
        expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
      },
    );

    it('no name leads out of the logs', async () => {
      const logs = path.join(cluster.directory, '.slipway', 'runs', '99991231T000000-ffff');
      mkdirSync(logs);
      writeFileSync(path.join(logs, 'local.log'), '');
      symlinkSync('/etc/passwd', path.join(logs, 'passwd.log'));
      expect((await ask('GET', '/download')).json).toEqual(['local.log']);
      expect(await ask('PUT', '/download', 'local.log')).toMatchObject({ status: 200, text: '' });
      for (const name of [
        '../../audit.log',
        '/etc/passwd',
        'passwd.log',
        '..%2f..%2faudit.log',
        './local.log',
        '',
        'local.log\0',
      ])
        expect(await ask('PUT', '/download', name)).toMatchObject({ status: 404 });
      rmSync(logs, { recursive: true });
    });
  });

  it('scales up, and down to less than before', async () => {
    expect((await ask('POST', '/config', config([1, 2, 3], []))).status).toBe(201);
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, nats 3 DOWN, router 1 RUNNING');
    expect((await deployed()).json.planned).toEqual({ install: 1, update: 0, remove: 1 });
    expect(await statuses()).toBe('nats 1 RUNNING, nats 2 RUNNING, nats 3 RUNNING');
    expect((await ask('POST', '/config', config([1], []))).status).toBe(201);
    expect((await deployed()).json.planned).toEqual({ install: 0, update: 0, remove: 2 });
    expect(await statuses()).toBe('nats 1 RUNNING');
  });

  it('a value that is sent back as it was shown stays as it is', async () => {
    const shown = (await ask('GET', '/config')).text;
    expect((await ask('POST', '/config', shown)).json).toMatchObject({ changed: false });
    const kept = readFileSync(path.join(cluster.directory, 'deployment-engine_override.json'), 'utf8');
    expect(kept).toContain('a secret of mine');
  });

  it('a host that is off is named, and down', async () => {
    await ask('POST', '/config', config([1, 4], []));
    off = host(4);
    const deploy = await ask('GET', '/deploy');
    expect(deploy.status).toBe(502);
    expect(deploy.json.error.detail).toContain(host(4));
    expect(await statuses()).toBe('nats 1 RUNNING, nats 4 DOWN');
    expect((await ask('GET', '/hardware', `{"Comp":"nats","Ip":"${host(4)}"}`)).status).toBe(502);
    const { status, json } = await ask('GET', '/hardware', '{"Comp":"all","Ip":"0.0.0.0"}');
    expect([status, json[1]]).toEqual([200, { Comp: 'nats', IP: host(4), CPU: 0, RAM: 0, DISK: 0 }]);
    off = host(1);
    const stop = await ask('PUT', '/stop', `{"Comp":"nats","Ip":"${host(1)}"}`);
    expect(stop.status).toBe(502);
    expect(stop.json.error).toMatchObject({ summary: 'The stop failed', run: expect.any(String) });
    expect(stop.json.error.detail).toContain(`nats@${host(1)} failed`);
    off = null;
    await ask('POST', '/config', config([1], []));
  });

  it('a client that leaves and comes back has the last 1000 lines again', async () => {
    await ask('POST', '/config', config([1], [], 'many'));
    cluster.write(
      'nats/component.hcl',
      NATS.replace('for n in 1 2 3 4 5; do echo step $n; sleep 0.1; done', 'seq 1 3000'),
    );
    await deployed();
    const back = watch(cluster);
    await back.until(END);
    expect(back.lines).toHaveLength(1000);
    back.socket.close();
    cluster.write('nats/component.hcl', NATS);
  });

  it('a definition that is damaged is 500', async () => {
    cluster.write('nats/component.hcl', `${NATS}\nservice {`);
    const { status, json } = await ask('GET', '/deploy');
    expect([status, json.error.diagnostics.length > 0]).toEqual([500, true]);
    cluster.write('nats/component.hcl', NATS);
  });

  it('a state that is damaged is 500', async () => {
    const file = path.join(cluster.directory, 'slipway.state.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, 100));
    for (const [method, route] of [
      ['GET', '/deploy'],
      ['GET', '/status'],
    ] as const)
      expect(await ask(method, route)).toMatchObject({ status: 500 });
    writeFileSync(file, text);
    expect(await statuses()).toBe('nats 1 RUNNING');
  });

  it('another controller at work is 409, with its run', async () => {
    const before = await runs();
    const store = localStore(path.join(cluster.directory, 'slipway.state.json'));
    const lock = await store.lock(
      { run: '20261121T000000-aaaa', operation: 'apply', owner: 'another@there' },
      { timeoutMs: 0 },
    );
    const reply = await ask('GET', '/deploy');
    expect([reply.status, reply.json.error.run]).toEqual([409, '20261121T000000-aaaa']);
    await lock.release();
    expect(await runs()).toBe(before);
  });
});
