import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterReport } from '../../../src/app/operate/cluster-report.ts';
import type { HardwareReport } from '../../../src/app/operate/hardware.ts';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { eventually } from '../wait.ts';

const WEB = `
definition {
  requires {
    cpu    = 1
    memory = "64MiB"
  }
}
file "index" {
  path    = "/srv/site/index.html"
  content = "hello\\n"
}
service "web" {
  command = "/usr/bin/python3 -m http.server 8080 --bind 127.0.0.1 --directory /srv/site"
}
check "answers" { http = "http://127.0.0.1:8080/index.html" }
endpoint "http" { port = 8080 }
`;

describe.skipIf(noLab())('status and hardware', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let killed: LabHost, stopped: LabHost, edited: LabHost, sick: LabHost, full: LabHost, off: LabHost;
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(6, { diskMiB: 96 });
    [killed, stopped, edited, sick, full, off] = hosts as [
      LabHost,
      LabHost,
      LabHost,
      LabHost,
      LabHost,
      LabHost,
    ];
    project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "shop" { version = "1.4.0" }
        component "web" {
          source = "./components/web"
          hosts  = ${JSON.stringify(hosts.map((host) => host.address))}
        }`,
      'components/web/component.hcl': WEB,
    });
    await project.apply();
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.start()));
    await project.dispose();
  });

  const look = async (...args: readonly string[]) => {
    const { code, stdout } = await project.run('status', '--json', ...args);
    const report = JSON.parse(stdout) as ClusterReport;
    const on = (host: LabHost) => report.instances.find((instance) => instance.host === host.address);
    return { code, report, on };
  };

  it('finds that everything runs, since when, and what it takes', async () => {
    const { code, report, on } = await look();
    expect(report.instances.map(({ condition, detail }) => detail ?? condition)).toEqual(
      hosts.map(() => 'running'),
    );
    expect(code).toBe(0);
    const web = on(killed);
    expect(web).toMatchObject({ version: '1.4.0', restarts: 0, checks: [{ healthy: true }] });
    expect(Math.abs((web?.sinceMs ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(web?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(web?.cpuPercent).toBeLessThan(100);
    expect(report.hosts[0]?.memoryUsedPercent).toBeGreaterThan(0);
  });

  it('tells what hosts consist of, and that it is enough', async () => {
    const { code, stdout } = await project.run('hardware', '--json');
    expect(code).toBe(0);
    const { hosts: found } = JSON.parse(stdout) as HardwareReport;
    const [first] = found;
    expect(first?.machine).toMatchObject({ init: 'systemd', packageManager: 'apt', os: { id: 'debian' } });
    expect(first?.machine?.interfaces.find(({ name }) => name === 'eth0')?.addresses).toContain(
      `${killed.address}/24`,
    );
    // The lab's hosts have the clock of this machine.
    expect(Math.abs(first?.machine?.clock?.offsetMs ?? NaN)).toBeLessThan(100);
    expect(first?.fits.map(({ what, short }) => [what, short])).toEqual([
      ['cpu', null],
      ['memory', null],
    ]);
  });

  it('says by how much a host falls short', async () => {
    const state = 'slipway.state.json';
    const before = await project.read(state);
    expect(before).toContain('67108864');
    await project.write(state, before.replace('67108864', String(2 ** 50)));
    const { text } = await project.run('hardware', `@${killed.address}`);
    await project.write(state, before);
    expect(text).toMatch(/memory: web needs 1024 TiB, has .* GiB: falls short by 10.* TiB/);
  });

  it('tells what is amiss where, at one look, and lets no host spoil it for the others', async () => {
    await killed.exec('kill -9 $(systemctl show -p MainPID --value web)');
    await stopped.exec('systemctl stop web');
    await edited.exec('echo bye >/srv/site/index.html; chmod 600 /srv/site/index.html');
    await sick.exec('rm /srv/site/index.html');
    await full.exec('dd if=/dev/zero of=/root/big bs=1M; true');
    await off.kill();
    await eventually(
      'the restart',
      async () => (await look(`@${killed.address}`)).on(killed)?.restarts === 1,
    );

    const { code, report, on } = await look();
    expect(code).toBe(2);
    expect(on(killed)).toMatchObject({ condition: 'running', restarts: 1 });
    expect(on(stopped)).toMatchObject({
      condition: 'stopped',
      stoppedByUser: false,
      detail: 'web.service was stopped on the host, not by slipway',
      checks: [{ healthy: null }],
    });
    expect(on(edited)).toMatchObject({
      condition: 'drifted',
      drift: ['file.index: content changed, mode 0600 instead of 0644'],
    });
    expect(on(sick)).toMatchObject({
      condition: 'degraded',
      detail:
        'check answers: http://127.0.0.1:8080/index.html answers 404, not 2xx or 3xx; file.index: deleted',
    });
    expect(on(full)).toMatchObject({ condition: 'running' });
    expect(report.hosts.find(({ address }) => address === full.address)?.diskUsedPercent).toBeGreaterThan(99);
    expect(on(off)).toMatchObject({ condition: 'unreachable' });
    expect(on(off)?.detail).toContain(off.address);

    const { text, code: again } = await project.run('status');
    expect(again).toBe(2);
    expect(text).toMatch(new RegExp(`✔ web@${killed.address} +running`));
    expect(text).toMatch(
      /6 instances on 6 hosts: 1 unreachable, 1 stopped, 1 degraded, 1 drifted, 2 running\./,
    );
    const hardware = await project.run('hardware');
    expect(hardware.code).toBe(1);
    expect(hardware.text).toMatch(/6 hosts: 1 did not answer\./);
  });

  it('gives up a host that is cut off while it looks, and says so', async () => {
    // The probe hangs there until it is cut.
    await killed.exec(
      `printf '#!/bin/sh\\ntouch /run/asked; exec sleep 100\\n' >/usr/local/bin/find; chmod 755 /usr/local/bin/find`,
    );
    const running = project.start('status', '--json');
    await eventually('the probe', async () => (await killed.exec('test -e /run/asked')).code === 0);
    await killed.cut();
    const cutAt = Date.now();
    const { code, stdout } = await running.result;
    expect(Date.now() - cutAt).toBeLessThan(25_000);
    expect(code).toBe(2);
    const { instances } = JSON.parse(stdout) as ClusterReport;
    const conditionOn = (host: LabHost) => instances.find((instance) => instance.host === host.address);
    expect(conditionOn(killed)).toMatchObject({ condition: 'unreachable' });
    expect(conditionOn(killed)?.detail).toMatch(/did not answer any more|cannot be reached|broke/);
    expect(conditionOn(stopped)).toMatchObject({ condition: 'stopped' });
    await killed.heal();
  });
});
