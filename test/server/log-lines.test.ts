import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveCluster, type ServedCluster } from './local-cluster.ts';

const network = `127.${20 + (process.pid % 200)}.${(process.pid >> 3) % 250}`;
const hosts = [11, 12].map((n) => `${network}.${n}`);
const SPEC = `
cluster "logs" {}
component "app" {
  source = "./app"
  hosts  = [${hosts.map((host) => `"${host}"`).join(', ')}]
}
`;
const DEFINITION = `
file "greeting" {
  path    = "greeting"
  content = "hello\\n"
}
log "main" { path = "\${instance.dir}/main.log" }
log "long" { path = "\${instance.dir}/main.log.long" }
log "other" { path = "\${instance.dir}/greeting" }
`;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly instance?: string; readonly log?: string; readonly text?: string };
}

describe('lines of several logs in one stream', () => {
  let cluster: ServedCluster;
  beforeAll(async () => {
    cluster = await serveCluster({ 'cluster.hcl': SPEC, 'app/component.hcl': DEFINITION });
    const { plan } = await post('/plan', {});
    const { run } = await post('/runs', { does: 'apply', plan });
    await (await fetch(`${cluster.url}/api/v1/runs/${run}/events`)).text();
    for (const [i, host] of hosts.entries())
      writeFileSync(logOf(host), [1, 2, 3].map((n) => `${i}-${n}\n`).join(''));
  });
  afterAll(async () => {
    const { plan } = await post('/plan', { does: 'destroy' });
    const { run } = await post('/runs', { does: 'destroy', plan });
    await (await fetch(`${cluster.url}/api/v1/runs/${run}/events`)).text();
    expect(cluster.problems).toEqual([]);
    await cluster.close();
  });

  async function post(route: string, body: unknown): Promise<Record<string, string>> {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${cluster.url}/api/v1${route}`, options);
    return (await response.json()) as Record<string, string>;
  }

  function logOf(host: string): string {
    const found = readdirSync(cluster.directory, { recursive: true, encoding: 'utf8' }).find(
      (name) => name.includes(host) && name.endsWith('/greeting'),
    );
    return path.join(cluster.directory, path.dirname(found ?? ''), 'main.log');
  }

  /** Reads until there are so many events, then cuts the connection. */
  async function events(query: string, count: number, lastId?: string): Promise<readonly Event[]> {
    const cut = new AbortController();
    const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
    const response = await fetch(`${cluster.url}/api/v1/logs/lines?${query}`, {
      headers,
      signal: cut.signal,
    });
    expect(response.status).toBe(200);
    let text = '';
    const all = (): readonly Event[] =>
      text
        .split('\n\n')
        .slice(0, -1)
        .flatMap((block) => {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
          if (field('event') === '') return [];
          return [
            { id: field('id'), type: field('event'), data: JSON.parse(field('data')) as Event['data'] },
          ];
        });
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(bytes).toString();
      if (all().length >= count) break;
    }
    cut.abort();
    return all();
  }

  it('names of each line where it comes from, and ends', async () => {
    const all = await events('select=app&log=main', Infinity);
    expect(all.map(({ type, data }) => `${type} ${data.instance} ${data.log} ${data.text}`)).toEqual([
      ...hosts.flatMap((host, i) => [1, 2, 3].map((n) => `line app@${host} main ${i}-${n}`)),
      'end undefined undefined undefined',
    ]);
    expect(all.at(-1)?.id).toBe('end');
  });

  it('gives the last lines, and those that match', async () => {
    const last = await events(`select=app&log=main&lines=1`, Infinity);
    expect(last.flatMap(({ data }) => data.text ?? [])).toEqual(['0-3', '1-3']);
    writeFileSync(`${logOf(hosts[0] ?? '')}.long`, 'x\n'.repeat(3_000));
    const all = await events(`select=app@${hosts[0]}&log=long&lines=0`, Infinity);
    expect(all).toHaveLength(3_001);
    const matching = await events(`select=app&grep=-[12]$`, Infinity);
    expect(matching.flatMap(({ data }) => data.text ?? [])).toEqual(['0-1', '0-2', '1-1', '1-2']);
  });

  it('follows on after a cut without losing or repeating a line, also through rotation', async () => {
    const [host = ''] = hosts;
    const query = `select=app@${host}&log=main&follow=true&lines=2`;
    const before = await events(query, 2);
    expect(before.map(({ data }) => data.text)).toEqual(['0-2', '0-3']);
    appendFileSync(logOf(host), '0-4\n');
    renameSync(logOf(host), `${logOf(host)}.1`);
    writeFileSync(logOf(host), '0-5\n');
    const after = await events(query, 3, before[0]?.id);
    expect(after.map(({ data }) => data.text)).toEqual(['0-3', '0-4', '0-5']);
  });

  it('says so when it must begin anew', async () => {
    const all = await events('select=app&log=other', Infinity, '0123456789abcdef-7');
    expect(all.map(({ type }) => type)).toEqual(['anew', 'line', 'line', 'end']);
  });

  it.each([
    ['select=nobody', 404],
    ['log=nothing', 404],
    ['grep=(', 400],
    ['lines=-1', 400],
  ])('refuses %s', async (query, status) => {
    const response = await fetch(`${cluster.url}/api/v1/logs/lines?${query}`);
    expect(response.status).toBe(status);
  });
});
