import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { setVariables, specOnLab } from '../lab-project.ts';
import { eventsOf, type Project } from '../project.ts';
import { eventually } from '../wait.ts';

/** Notes when it starts, is ready (0.4 s later) and is stopped (which takes 0.3 s), in nanoseconds since 1970. */
const TICK = `
definition { description = "keeps a log of its life" }
input "value" { type = string }
file "program" {
  path    = "/opt/tick"
  mode    = "0755"
  content = <<-EOT
    #!/bin/sh
    note() { echo "$1 $(date +%s%N)" >>/var/log/tick; }
    trap 'sleep 0.3; note stop; exit 0' TERM
    rm -f /run/tick.ready
    note start
    sleep 0.4
    note ready
    cp /etc/tick.conf /run/tick.ready
    sleep 1000000 &
    wait
  EOT
}
file "config" {
  path    = "/etc/tick.conf"
  content = "\${input.value}\\n"
}
service "tick" {
  command = "/opt/tick"
  drain   = "echo drain >>/var/log/tick"
}
check "ready" {
  command  = "cmp /etc/tick.conf /run/tick.ready"
  interval = "100ms"
  timeout  = "10s"
}
`;

const cluster = (hosts: readonly LabHost[]): string => `
cluster "power" { version = "1" }
variable "value" { type = string }
component "a" {
  source = "./components/tick"
  hosts  = ["${hosts[0]?.address}"]
  inputs = { value = var.value }
}
component "b" {
  source     = "./components/tick"
  hosts      = ["${hosts[1]?.address}", "${hosts[2]?.address}", "${hosts[3]?.address}"]
  inputs     = { value = var.value }
  depends_on = [component.a]
  update { max_in_flight = 1 }
}
component "c" {
  source     = "./components/tick"
  hosts      = ["${hosts[4]?.address}"]
  inputs     = { value = var.value }
  depends_on = [component.b]
}
`;

describe.skipIf(noLab())('start, stop and restart', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let a: LabHost, b1: LabHost, b2: LabHost, b3: LabHost, c: LabHost;

  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(5);
    [a, b1, b2, b3, c] = hosts as [LabHost, LabHost, LabHost, LabHost, LabHost];
    project = await specOnLab(lab, {
      'cluster.hcl': cluster(hosts),
      'components/tick/component.hcl': TICK,
    });
    await setVariables(project, { value: 'one' });
    await project.apply();
  });
  afterAll(() => project.dispose());

  it('keep the order of dependencies over the hosts, also where something between is left out', async () => {
    await project.must('stop', '--all', '--auto-approve');
    const stopped = await lives('stop');
    expect(Math.max(...stopped(c))).toBeLessThan(Math.min(...stopped(b1, b2, b3)));
    expect(Math.max(...stopped(b1, b2, b3))).toBeLessThan(Math.min(...stopped(a)));
    for (const host of hosts) expect(await service(host), host.address).toBe('inactive disabled');

    await project.must('start', '--all', '--auto-approve');
    const [started, ready] = [await lives('start'), await lives('ready')];
    expect(Math.max(...ready(a))).toBeLessThan(Math.min(...started(b1, b2, b3)));
    expect(Math.max(...ready(b1, b2, b3))).toBeLessThan(Math.min(...started(c)));
    // All of a component at once.
    expect(Math.max(...started(b1, b2, b3))).toBeLessThan(Math.min(...ready(b1, b2, b3)));

    await project.must('stop', 'a', 'c', '--auto-approve');
    expect(Math.max(...(await lives('stop'))(c))).toBeLessThan(Math.min(...(await lives('stop'))(a)));
    await project.must('start', 'a', 'c', '--auto-approve');
    expect((await project.plan()).summary).toMatchObject({ install: 0, update: 0, remove: 0 });
  });

  it('restart rolls, drains, and leaves alone what is stopped', async () => {
    await project.must('stop', `b@${b3.address}`, '--auto-approve');
    const { stdout } = await project.must('restart', 'b', '--auto-approve');
    expect(stdout).toContain('Run complete: 2 restarted');
    expect(stdout).toContain(`b@${b3.address}: it is stopped`);
    const [stopped, ready] = [await lives('stop'), await lives('ready')];
    const [first, second] = stopped(b1) < stopped(b2) ? [b1, b2] : [b2, b1];
    expect(Math.max(...ready(first))).toBeLessThan(Math.min(...stopped(second)));
    const { stdout: log } = await b1.exec('tail -n 4 /var/log/tick | cut -d" " -f1');
    expect(log).toBe('drain\nstop\nstart\nready\n');
    await project.must('start', 'b', '--auto-approve');
  });

  it('a host that is off fails for itself; what was stopped outlives reboots and applies', async () => {
    await b2.kill();
    const result = await project.run('stop', '--all', '--auto-approve', '--json');
    expect(result.code, result.text).toBe(1);
    const ended = eventsOf(result).find((event) => event.type === 'run-finished');
    expect(ended).toMatchObject({ outcome: 'failed', counts: { succeeded: 4, failed: 1, skipped: 0 } });
    for (const host of [a, b1, b3, c]) expect(await service(host)).toBe('inactive disabled');
    await b2.start();
    await eventually('b2 runs again', async () => (await service(b2)) === 'active enabled');

    await setVariables(project, { value: 'two' });
    const applied = await project.apply();
    expect(applied.stdout).toContain(`stopped: stays stopped until \`slipway start a@${a.address}\``);
    await b1.kill();
    await b1.start();
    for (const host of [a, b1, b3, c]) {
      expect(await service(host), host.address).toBe('inactive disabled');
      expect((await host.exec('cat /etc/tick.conf')).stdout).toBe('two\n');
    }
    expect((await project.plan()).summary).toMatchObject({ install: 0, update: 0, remove: 0 });

    await c.exec('systemctl start tick');
    const { stdout } = await project.must('plan');
    expect(stdout).toContain('service.tick runs, but was stopped with `slipway stop`');
    await project.apply();
    expect(await service(c)).toBe('inactive disabled');

    await project.must('start', '--all', '--auto-approve');
    for (const host of hosts) expect(await service(host), host.address).toBe('active enabled');
    // What it was started with was noted while it was down: nothing is left to restart.
    expect((await project.plan()).summary).toMatchObject({ install: 0, update: 0, remove: 0 });
    await project.destroy();
  });

  /** When each host's service last did this. */
  async function lives(what: 'start' | 'ready' | 'stop'): Promise<(...of: LabHost[]) => number[]> {
    const times = new Map<LabHost, number>();
    for (const host of hosts) {
      const { stdout } = await host.exec(`grep '^${what} ' /var/log/tick | tail -n 1`);
      times.set(host, Number(stdout.split(' ')[1]));
    }
    return (...of) => of.map((host) => times.get(host) ?? NaN);
  }

  /** `active enabled`, as systemd says it. */
  async function service(host: LabHost): Promise<string> {
    const { stdout } = await host.exec('systemctl is-active tick; systemctl is-enabled tick');
    return stdout.trim().replace('\n', ' ');
  }
});
