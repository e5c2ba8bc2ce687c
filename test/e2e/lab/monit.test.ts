import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { setVariables, specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { changesOn } from '../residue.ts';
import { eventually } from '../wait.ts';

/** A program with a control file of ours on two hosts, and on one of them one whose control file a package might have brought. */
const files = (hosts: readonly string[]) => ({
  'main.hcl': `
cluster "monit" {}
variable "text" {
  type    = string
  default = "one"
}
component "web" {
  source = "./components/web"
  hosts  = ${JSON.stringify(hosts)}
  inputs = { text = var.text }
}
component "cache" {
  source = "./components/cache"
  hosts  = [${JSON.stringify(hosts[0])}]
}
`,
  'components/web/component.hcl': `
definition {}
input "text" { type = string }
user "web" { system = true }
file "page" {
  path    = "index.html"
  content = input.text
}
service "web" {
  command           = "/usr/bin/python3 -m http.server 8080"
  user              = "web"
  working_directory = instance.dir
  stop_timeout      = "5s"
}
check "up" { http = "http://\${host.address}:8080/" }
endpoint "http" { port = 8080 }
`,
  'components/cache/component.hcl': `
definition {}
package "redis-server" {}
file "control" {
  path    = "/etc/monit/conf.d/redis"
  content = <<-CONTROL
    check process redis with pidfile /run/redis/redis-server.pid
      start program = "/etc/init.d/redis-server start"
      stop program = "/etc/init.d/redis-server stop"
  CONTROL
}
service "redis" {}
check "up" { command = "redis-cli ping" }
`,
});

/** What monit keeps for itself, and what the removal of redis, which is no purge, leaves with its data: its account. */
const MONITS_OWN = /^\w+: \/var\/(?:lib\/monit\/|log\/monit\.log )/;
const OF_REDIS =
  /^\w+: \/(?:etc\/g?(?:shadow|passwd|group)|var\/lib\/dpkg\/statoverride|var\/(?:lib|log)\/redis)\b/;

describe.skipIf(noLab())('hosts whose supervisor is monit', () => {
  let project: Project;
  let first: LabHost;
  let second: LabHost;
  let before: readonly (readonly string[])[];
  beforeAll(async () => {
    const lab = await useLab();
    const hosts = await lab.fresh(2, { init: 'monit' });
    [first, second] = hosts as [LabHost, LabHost];
    before = await Promise.all(hosts.map((host) => host.listFiles()));
    project = await specOnLab(lab, files(hosts.map(({ address }) => address)));
  });
  afterAll(() => project.dispose());

  it('starts services under it, of ours and of others, and finds nothing to do then', async () => {
    await project.apply();
    await expectNothingToDo();
    // Monit itself believes it in its next round.
    const all = (states: Readonly<Record<string, string>>) =>
      Object.entries(states)
        .map((entry) => entry.join(' '))
        .sort()
        .join();
    await eventually('monit knows', async () => all(await summary(first)) === 'redis OK,web OK');
    await eventually('monit knows', async () => all(await summary(second)) === 'web OK');
    expect(await page(first)).toBe('one');
    const status = await project.run('status');
    expect(status.code, status.text).toBe(0);
    expect(status.stdout).toContain('3 running');
  });

  it('restarts a service whose file changed, and only that', async () => {
    const [web, redis] = [await pidOf(first, 'web'), await pidOf(first, 'redis')];
    await setVariables(project, { text: 'two' });
    await project.apply();
    expect(await page(first)).toBe('two');
    expect(await pidOf(first, 'web')).not.toBe(web);
    expect(await pidOf(first, 'redis')).toBe(redis);
    await expectNothingToDo();
  });

  it('has it bring back a program that was killed, and counts that', async () => {
    const web = await pidOf(first, 'web');
    await first.exec(`kill -9 ${web}`);
    await eventually('monit starts it again', async () => {
      const now = await pidOf(first, 'web').catch(() => '');
      return now !== '' && now !== web && (await page(first)) === 'two';
    });
    await expectNothingToDo();
    const { stdout } = await project.run('status', '--json');
    const { instances } = JSON.parse(stdout) as { instances: { address: string; restarts: number | null }[] };
    expect(instances.find(({ address }) => address === `web@${first.address}`)?.restarts).toBe(1);
  });

  it('puts back a control file that was edited, and looks after what it was told to leave alone', async () => {
    await first.exec('sed -i "s/30 seconds/31 seconds/" /etc/monit/conf.d/slipway-web; monit unmonitor web');
    await eventually('monit obeys', async () => (await summary(first))['web'] === 'Not monitored');
    const status = await project.run('status');
    expect(status.stdout.replace(/\s+/g, ' ')).toContain('its control file or program changed');
    await project.apply();
    await expectNothingToDo();
    await eventually('monit knows', async () => (await summary(first))['web'] === 'OK');
  });

  it('keeps what was stopped down over a reboot, and brings the rest up at boot', async () => {
    await project.must('stop', `web@${first.address}`, '--auto-approve');
    await Promise.all([first, second].map((host) => host.kill()));
    await Promise.all([first, second].map((host) => host.start()));
    await eventually('services come up at boot', async () => (await page(second)) === 'two');
    await eventually('redis comes up at boot', async () => (await pidOf(first, 'redis')) !== '');
    expect((await summary(first))['web']).toBe('Not monitored');
    await expectNothingToDo();
    await project.must('start', 'web', '--auto-approve');
    expect(await page(first)).toBe('two');
    expect((await first.exec('tail -n 1 /etc/monit/conf.d/slipway-web')).stdout.trim()).toBe(
      'onreboot start',
    );
  });

  it('restarts them all on demand', async () => {
    const pids = await Promise.all([pidOf(first, 'web'), pidOf(first, 'redis'), pidOf(second, 'web')]);
    await project.must('restart', '--all', '--auto-approve');
    const now = await Promise.all([pidOf(first, 'web'), pidOf(first, 'redis'), pidOf(second, 'web')]);
    for (const [n, pid] of now.entries()) expect(pid).not.toBe(pids[n]);
  });

  it('says which line is missing when it cannot be asked, and waits for it when it is down', async () => {
    await second.exec('mv /etc/monit/conf.d/lab /root/; monit reload');
    await eventually('it falls silent', async () => (await second.exec('monit status')).code !== 0);
    const silent = await project.run('plan');
    expect(silent.code).toBe(1);
    expect(silent.text.replace(/\s+/g, ' ')).toContain(
      'add the line "set httpd port 2812 and use address 127.0.0.1 allow localhost" to /etc/monit/monitrc',
    );
    await second.exec('mv /usr/bin/monit /root/; kill $(cat /run/monit.pid)');
    await eventually('it ends', async () => (await second.exec('ls /run/monit.pid')).code !== 0);
    const gone = await project.run('plan');
    expect(gone.code).toBe(1);
    expect(gone.text).toContain('Start monit.');
    await second.exec('mv /root/monit /usr/bin/; mv /root/lab /etc/monit/conf.d/');
    await eventually('it is back', async () => (await second.exec('monit status')).code === 0);
  });

  it('leaves nothing', async () => {
    await project.destroy();
    for (const [n, host] of [first, second].entries()) {
      const changes = changesOn(before[n] ?? [], await host.listFiles());
      expect(
        changes.filter((line) => !MONITS_OWN.test(line) && !(host === first && OF_REDIS.test(line))),
        host.address,
      ).toEqual([]);
      expect(await summary(host), host.address).not.toHaveProperty('web');
      expect((await host.exec('ls /run')).stdout).not.toContain('slipway-');
    }
  });

  async function expectNothingToDo(): Promise<void> {
    const { code, text } = await project.run('plan', '--detailed-exitcode');
    expect(code, text).toBe(0);
  }
});

/** Processes and what monit calls their state. */
async function summary(host: LabHost): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await host.exec('monit -B summary');
  const rows = [...stdout.matchAll(/^ (\S+)\s{2,}(\S.*?)\s{2,}Process/gm)];
  return Object.fromEntries(rows.map(([, name = '', state = '']) => [name, state]));
}

async function pidOf(host: LabHost, service: 'web' | 'redis'): Promise<string> {
  const file = service === 'web' ? '/run/slipway-web.pid' : '/run/redis/redis-server.pid';
  const { stdout } = await host.exec(`cut -d' ' -f1 ${file}`);
  return stdout.trim();
}

async function page(host: LabHost): Promise<string> {
  return (await host.exec('curl -s http://127.0.0.1:8080/')).stdout;
}
