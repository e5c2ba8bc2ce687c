import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import type { RunningSlipway } from '../slipway.ts';
import { eventually } from '../wait.ts';

const run = promisify(execFile);

/** A service with a file of settings and a secret; installing takes long enough for others to come in between. */
const definition = (name: string): string => `
definition { description = "${name}" }
input "domain" { type = string }
input "password" { type = string }
file "settings" {
  path    = "/etc/${name}.conf"
  content = "\${instance.index} \${input.domain}\\n"
}
file "password" {
  path    = "/etc/${name}.secret"
  mode    = "0600"
  content = input.password
}
script "prepare" {
  create   = "for n in 1 2 3; do echo \\"${name} step $n\\"; sleep 0.3; done"
  triggers = [input.domain]
}
service "${name}" {
  command = "/bin/sh -c 'while :; do sleep 1000; done'"
}
`;
const COMPONENTS = ['nats', 'cloud_controller_ng', 'gorouter'] as const;

const SPEC = (hosts: readonly LabHost[]): string => `
cluster "cf" {}
variable "domain" {
  default = "cf.local"
}
variable "disksize" {
  type    = number
  default = 1
}
variable "checkdisk" {
  type    = bool
  default = false
}
variable "password" {
  type      = string
  sensitive = true
  default   = "not-yet-set"
}
${COMPONENTS.map(
  (name, n) => `
component "${name}" {
  source     = "./components/${name}"
  hosts      = ["${hosts[n]?.address}"]
  inputs     = { domain = var.domain, password = var.password }
  depends_on = [${n === 0 ? '' : `component.${COMPONENTS[n - 1]}`}]
}
`,
).join('')}`;

interface Config {
  readonly components: Record<string, string[]>;
  readonly properties: Record<string, unknown>;
}

/** The session that the original's document tells, by its own curl lines: the tests build on each other. */
describe.skipIf(noLab())('a client of the original deployment engine', () => {
  let project: Project;
  let server: RunningSlipway;
  let base = '';
  let hosts: readonly LabHost[];
  const ip = (n: number): string => hosts[n]?.address ?? '';

  /** `curl URL ARGS`. Resolves to the status, and to the body as text and as JSON where it is. */
  async function curl(route: string, ...args: string[]) {
    const format = '\n%{http_code} %{time_total}';
    const { stdout } = await run('curl', ['-s', '-w', format, `${base}/deployment-engine/${route}`, ...args]);
    const at = stdout.lastIndexOf('\n');
    const [status = 0, seconds = 0] = stdout
      .slice(at + 1)
      .split(' ')
      .map(Number);
    const text = stdout.slice(0, at);
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test says what it expects
    let json: any = null;
    try {
      json = JSON.parse(text);
    } catch {
      // A log.
    }
    return { status, seconds, text, json };
  }
  const getConfig = async (): Promise<Config> => (await curl('config', '-X', 'GET')).json as Config;
  const post = (config: Config) => curl('config', '-X', 'POST', '-d', JSON.stringify(config, null, 1));
  const rows = async (): Promise<string[]> =>
    ((await curl('status', '-X', 'GET')).json as { Comp: string; Ip: string; Status: string }[])
      .map(({ Comp, Ip, Status }) => `${Comp} ${hosts.findIndex((h) => h.address === Ip)} ${Status}`)
      .sort();
  const isActive = async (n: number, service: string): Promise<string> =>
    (await hosts[n]?.exec(`systemctl is-active ${service}`))?.stdout.trim() ?? '';
  const pid = async (n: number, service: string): Promise<string> =>
    (await hosts[n]?.exec(`systemctl show -p MainPID --value ${service}`))?.stdout.trim() ?? '';

  function openLog() {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/deployment-engine/log`);
    const lines: string[] = [];
    socket.on('message', (data: Buffer) => lines.push(data.toString()));
    return {
      socket,
      lines,
      ended: (count: number) => lines.filter((line) => ENDED.test(line)).length >= count,
    };
  }
  const ENDED = /run \S+ (succeeded|failed|interrupted): /;
  /** Polls the status as clients do, until no run goes on. */
  async function deployed(): Promise<void> {
    const answer = await curl('deploy', '-X', 'GET');
    expect(answer.status, answer.text).toBe(202);
    expect(answer.seconds).toBeLessThan(10);
    await eventually(
      'the end of the deploy',
      async () => (await rows()).every((row) => row.endsWith('RUNNING')) && (await isIdle()),
      { timeoutMs: 30_000, intervalMs: 300 },
    );
  }
  async function isIdle(): Promise<boolean> {
    const { stdout } = await run('curl', ['-s', `${base}/api/v1/cluster`]);
    return (JSON.parse(stdout) as { run: unknown }).run === null;
  }

  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(5);
    const definitions = COMPONENTS.map(
      (name) => [`components/${name}/component.hcl`, definition(name)] as const,
    );
    project = await specOnLab(lab, { 'cluster.hcl': SPEC(hosts), ...Object.fromEntries(definitions) });
    server = project.start('serve', '--listen=127.0.0.1:0');
    await server.seen(/Ctrl-C ends it/);
    base = /at (http:\S+)/.exec(server.text())?.[1] ?? '';
  });
  afterAll(async () => {
    server.kill('SIGTERM');
    await server.result;
    await project.destroy();
    await project.dispose();
  });

  it('gets the configuration, and the hardware of all its hosts', async () => {
    expect(await getConfig()).toEqual({
      components: { nats: [ip(0)], cloud_controller_ng: [ip(1)], gorouter: [ip(2)] },
      properties: { domain: 'cf.local', disksize: 1, checkdisk: false, password: '(sensitive)' },
    });
    const all = await curl('hardware', '-X', 'GET', '-d', '{ "Comp": "all", "Ip": "0.0.0.0" }');
    expect(all.status).toBe(200);
    expect(all.json).toHaveLength(3);
    const one = await curl('hardware', '-X', 'GET', '-d', `{ "Comp": "nats", "Ip": "${ip(0)}" }`);
    expect(one.json).toEqual({
      Comp: 'nats',
      IP: ip(0),
      CPU: expect.any(Number) as number,
      RAM: expect.any(Number) as number,
      DISK: expect.any(Number) as number,
    });
    expect(await curl('hardware', '-X', 'GET', '-d', `{ "Comp": "nats", "Ip": "${ip(1)}" }`)).toMatchObject({
      status: 400,
    });
  });

  it('posts a larger cluster, deploys it, and watches the log', async () => {
    const config = await getConfig();
    // Wrapped, as the document prints it: in the middle of an address as well.
    const wrapped = JSON.stringify(
      {
        components: { ...config.components, nats: [ip(0), ip(3)], gorouter: [ip(2), ip(3), ip(4)] },
        properties: {
          domain: '${upper("cf")}.local',
          disksize: '1',
          checkdisk: '1',
          password: 'swordfish-1',
        },
      },
      null,
      4,
    ).replace(ip(4), `${ip(4).slice(0, 6)}\n    ${ip(4).slice(6)}`);
    const posted = await curl('config', '-X', 'POST', '-d', wrapped);
    expect(posted.status, posted.text).toBe(201);
    expect(posted.text).not.toContain('swordfish');
    const viewer = openLog();
    await deployed();
    expect(await rows()).toEqual([
      'cloud_controller_ng 1 RUNNING',
      'gorouter 2 RUNNING',
      'gorouter 3 RUNNING',
      'gorouter 4 RUNNING',
      'nats 0 RUNNING',
      'nats 3 RUNNING',
    ]);
    await eventually('the last line', () => Promise.resolve(viewer.ended(1)));
    viewer.socket.close();
    expect(viewer.lines.filter((line) => line.includes('gorouter step 3'))).toHaveLength(3);
    // Who comes late sees the same.
    const late = openLog();
    await eventually('the same lines', () => Promise.resolve(late.ended(1)));
    late.socket.close();
    expect(late.lines).toEqual(viewer.lines);
    const files = await hosts[3]?.exec(
      'cat /etc/gorouter.conf /etc/nats.secret; stat -c %a /etc/nats.secret',
    );
    expect(files?.stdout).toBe('1 ${upper("cf")}.local\nswordfish-1600\n');
    expect(await isActive(4, 'gorouter')).toBe('active');
  });

  it('is told that a run goes on, and which hosts cannot be reached', async () => {
    await post({ ...(await getConfig()), properties: { domain: 'other.local', password: '(sensitive)' } });
    const first = await curl('deploy', '-X', 'GET');
    const second = await curl('deploy', '-X', 'GET');
    expect([first.status, second.status]).toEqual([202, 409]);
    expect(second.text).toContain(first.json.run);
    await eventually('its end', isIdle, { timeoutMs: 30_000 });
    await hosts[4]?.kill();
    const off = await curl('deploy', '-X', 'GET');
    const seen = await rows();
    await hosts[4]?.start();
    expect(off.status, off.text).toBe(502);
    expect(off.seconds).toBeLessThan(10);
    expect(off.text).toContain(ip(4));
    expect(seen.filter((row) => row.endsWith('DOWN'))).toEqual(['gorouter 4 DOWN']);
  }, 60_000);

  it('scales down', async () => {
    const config = await getConfig();
    const { status } = await post({
      ...config,
      components: { ...config.components, nats: [ip(3)], gorouter: [ip(2)] },
    });
    expect(status).toBe(201);
    await eventually('the host', async () => (await hosts[4]?.exec('true'))?.code === 0);
    await deployed();
    expect(await rows()).toEqual(['cloud_controller_ng 1 RUNNING', 'gorouter 2 RUNNING', 'nats 3 RUNNING']);
    for (const n of [0, 4]) {
      const left = await hosts[n]?.exec('ls /etc/*.conf /etc/*.secret | grep -e nats -e gorouter');
      expect(left?.stdout).toBe('');
    }
    const secret = await hosts[3]?.exec('cat /etc/nats.secret');
    expect(secret?.stdout).toBe('swordfish-1');
  });

  it('restarts and stops, one and all', async () => {
    const before = await pid(3, 'nats');
    const one = `{ "name": "nats", "Ip": "${ip(3)}" }`;
    expect((await curl('restart', '-X', 'PUT', '-d', one)).status).toBe(200);
    const after = await pid(3, 'nats');
    expect(after).not.toBe(before);
    expect((await curl('stop', '-X', 'PUT', '-d', one)).status).toBe(200);
    expect(await rows()).toEqual(['cloud_controller_ng 1 RUNNING', 'gorouter 2 RUNNING', 'nats 3 DOWN']);
    expect(await isActive(3, 'nats')).toBe('inactive');
    expect((await curl('restart', '-X', 'PUT', '-d', '{ "Comp":"all","Ip":"0.0.0.0"}')).status).toBe(200);
    expect((await rows()).filter((row) => row.endsWith('RUNNING'))).toHaveLength(3);
    // The original's seventh section names GET.
    expect((await curl('stop', '-X', 'GET', '-d', '{ "name":"all","ip":"0.0.0.0"}')).status).toBe(200);
    expect((await rows()).filter((row) => row.endsWith('DOWN'))).toHaveLength(3);
    expect((await curl('restart', '-X', 'PUT', '-d', `{ "Comp": "nats", "Ip": "${ip(0)}" }`)).status).toBe(
      400,
    );
    expect((await curl('restart', '-X', 'PUT', '-d', '{ "Comp":"all","Ip":"0.0.0.0"}')).status).toBe(200);
  });

  it('downloads the logs', async () => {
    const { json, status } = await curl('download', '-X', 'GET');
    expect(status).toBe(200);
    expect(json).toEqual(['local.log', 'cloud_controller_ng_0.log', 'gorouter_0.log', 'nats_1.log']);
    for (const name of json as string[]) {
      const log = await curl('download', '-X', 'PUT', '-d', name);
      expect(log.status).toBe(200);
      expect(log.text.length).toBeGreaterThan(0);
      expect(log.text).not.toContain('swordfish');
    }
    expect((await curl('download', '-X', 'PUT', '-d', '../../key')).status).toBe(404);
  });

  it('and who uses the command line see the same cluster', async () => {
    const { text } = await project.must('plan');
    expect(text).toContain('deployment-engine_override.json shadows the spec');
    expect(text).toContain(`hosts of component nats (cluster.hcl:22:3): ${ip(0)} -> ${ip(3)}`);
    expect(text).toMatch(/No changes|Nothing to do|as wanted/);
    expect(readFileSync(project.path('.slipway/audit.log'), 'utf8')).not.toContain('swordfish');
    expect((await project.must('history', '--json')).stdout).not.toContain('swordfish');
  });
});
