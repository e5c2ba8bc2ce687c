import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { setVariables, specOnLab } from '../lab-project.ts';
import { eventsOf, type Project } from '../project.ts';
import type { SlipwayResult } from '../slipway.ts';
import { eventually } from '../wait.ts';

/** Takes 20 seconds: lab-slow sleeps in its postinst. */
const SLOW = `
definition { description = "a package that takes its time" }
package "lab-slow" {}
file "mark" {
  path    = "/etc/after-slow"
  content = "done\\n"
}
`;

describe.skipIf(noLab())('hosts that fail in the middle of a package installation', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let first: SlipwayResult;
  /** One is cut off for 20 seconds, one is rebooted, one dies, one is left in peace. */
  let cut: LabHost, rebooted: LabHost, dead: LabHost, peaceful: LabHost;
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(4);
    [cut, rebooted, dead, peaceful] = hosts as [LabHost, LabHost, LabHost, LabHost];
    project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "faults" { version = "1" }
        component "slow" {
          source = "./components/slow"
          hosts  = ${JSON.stringify(hosts.map((host) => host.address))}
        }`,
      'components/slow/component.hcl': SLOW,
    });
    const running = project.start('apply', '--auto-approve', '--json');
    await Promise.all(hosts.map((host) => eventually(`dpkg on ${host.address}`, () => isConfiguring(host))));
    await dead.kill();
    await rebooted.kill();
    await cut.cut();
    await Promise.all([rebooted.start(), sleep(20_000).then(() => cut.heal())]);
    first = await running.result;
  });
  afterAll(async () => {
    await dead.start();
    await project.dispose();
  });

  const outcomeOn = (host: LabHost) =>
    eventsOf(first).find(
      (event) =>
        (event.type === 'instance-succeeded' || event.type === 'instance-failed') &&
        event.instance === `slow@${host.address}`,
    );
  const installs = async (host: LabHost): Promise<number> =>
    Number((await host.exec('grep -c " install lab-slow" /var/log/dpkg.log')).stdout);

  it('goes on after a network cut of 20 s as if nothing had been', async () => {
    expect(outcomeOn(cut)?.type).toBe('instance-succeeded');
    expect(await installs(cut)).toBe(1);
    expect(outcomeOn(peaceful)?.type).toBe('instance-succeeded');
  });

  it('completes what a reboot cut short', async () => {
    expect(outcomeOn(rebooted)).toMatchObject({ type: 'instance-succeeded' });
    expect((await rebooted.exec('cat /etc/after-slow')).stdout).toBe('done\n');
    expect(await installs(rebooted)).toBe(1);
  });

  it('names the host that died, and lets the others finish', async () => {
    expect(first.code).toBe(1);
    const outcome = outcomeOn(dead);
    expect(outcome).toMatchObject({ type: 'instance-failed' });
    expect(JSON.stringify(outcome)).toContain(dead.address);
  });

  it('completes the dead host once it is back', async () => {
    await dead.start();
    const { text } = await project.apply();
    expect(text).toMatch(new RegExp(`slow@${dead.address}`));
    expect((await dead.exec('cat /etc/after-slow')).stdout).toBe('done\n');
    expect(await installs(dead)).toBe(1);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });
});

describe.skipIf(noLab())('a run that is stopped', () => {
  let lab: Lab;
  let project: Project;
  let host: LabHost;
  beforeAll(async () => {
    lab = await useLab();
    [host] = (await lab.fresh(1)) as [LabHost];
    project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "stopped" { version = "1" }
        variable "value" { type = string }
        component "first" {
          source = "./components/slow"
          hosts  = ["${host.address}"]
          inputs = { value = var.value, name = "first" }
        }
        component "second" {
          source     = "./components/slow"
          hosts      = ["${host.address}"]
          inputs     = { value = var.value, name = "second" }
          depends_on = [component.first]
        }`,
      'components/slow/component.hcl': `
        definition { description = "a script that waits to be let go" }
        input "value" { type = string }
        input "name" { type = string }
        script "work" {
          create   = <<-EOT
            echo started >>/tmp/\${input.name}.\${input.value}
            until [ -e /tmp/go.\${input.value} ]; do sleep 0.1; done
            echo done >>/tmp/\${input.name}.\${input.value}
          EOT
          triggers = [input.value]
        }`,
    });
  });
  afterAll(() => project.dispose());

  const traces = async (name: string): Promise<string> => (await host.exec(`cat /tmp/${name}`)).stdout;
  const startAndInterrupt = async (value: string) => {
    await setVariables(project, { value });
    const running = project.start('apply', '--auto-approve');
    await eventually('the script', async () => (await traces(`first.${value}`)) === 'started\n');
    running.kill('SIGINT');
    return running;
  };

  it('finishes what is in flight and starts nothing new, by one Ctrl-C', async () => {
    const running = await startAndInterrupt('once');
    await running.seen(/stopping/i);
    await host.exec('touch /tmp/go.once');
    const { code, text } = await running.result;
    expect(code).toBe(1);
    expect(text).toMatch(/second@.*skipped/);
    expect(await traces('first.once')).toBe('started\ndone\n');
    expect(await traces('second.once')).toBe('');
    await project.apply();
    expect(await traces('first.once')).toBe('started\ndone\n');
    expect(await traces('second.once')).toBe('started\ndone\n');
  });

  it('follows what is in flight, by one Ctrl-C, also when the connection is lost', async () => {
    const running = await startAndInterrupt('lost');
    await running.seen(/stopping/i);
    await host.exec("pkill -f '^sshd.*: root@notty'");
    await host.exec('sleep 1; touch /tmp/go.lost');
    const { code, text } = await running.result;
    expect(code).toBe(1);
    expect(text).toMatch(/first@\S+: updated/);
    expect(text).toMatch(/second@.*skipped/);
    await project.apply();
    expect(await traces('first.lost')).toBe('started\ndone\n');
  });

  it('stops at once by the second, and the next run awaits what still runs on the host', async () => {
    const running = await startAndInterrupt('twice');
    await running.seen(/stopping/i);
    running.kill('SIGINT');
    const stopped = await running.result;
    expect(stopped.code).toBe(1);
    expect(stopped.text).toContain('what was started on the host goes on to its end');
    expect(stopped.text).toContain('The next apply verifies it and completes what is missing.');
    expect(await traces('first.twice')).toBe('started\n');
    const next = project.start('apply', '--auto-approve');
    await host.exec('sleep 1; touch /tmp/go.twice');
    const { code, text } = await next.result;
    expect(code, text).toBe(0);
    expect(await traces('second.twice')).toBe('started\ndone\n');
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });
});

describe.skipIf(noLab())('a host in a bad way', () => {
  it('has no room for an upload: says so, leaves nothing behind, and goes on once there is room', async () => {
    const lab = await useLab();
    const [host] = (await lab.fresh(1, { diskMiB: 48 })) as [LabHost];
    const before = await host.exec('df --output=used / | tail -1');
    const project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "full" { version = "1" }
        component "big" {
          source = "./components/big"
          hosts  = ["${host.address}"]
        }`,
      'components/big/component.hcl': `
        definition { description = "a large file" }
        file "big" {
          path   = "/opt/big.bin"
          source = "big.bin"
        }`,
      'components/big/big.bin': 'x'.repeat(80 * 1024 * 1024),
    });
    try {
      const { code, text } = await project.run('apply', '--auto-approve');
      expect(code).toBe(1);
      expect(text).toMatch(/no space|is full/i);
      expect(text).toContain(host.address);
      const after = await host.exec('df --output=used / | tail -1');
      expect(Number(after.stdout) - Number(before.stdout)).toBeLessThan(2048);
      await project.write('components/big/big.bin', 'x'.repeat(8 * 1024 * 1024));
      await project.apply();
      expect((await host.exec('stat -c %s /opt/big.bin')).stdout.trim()).toBe(String(8 * 1024 * 1024));
    } finally {
      await project.dispose();
    }
  });

  it('has its package manager locked by somebody else: waits', async () => {
    const lab = await useLab();
    const [host] = (await lab.fresh(1)) as [LabHost];
    const project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "locked" { version = "1" }
        component "app" {
          source = "./components/app"
          hosts  = ["${host.address}"]
        }`,
      'components/app/component.hcl': 'definition { description = "a package" }\npackage "lab-app" {}\n',
    });
    try {
      const hold = `python3 -c '
import fcntl, os, time
files = [open(name, "w") for name in ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock")]
for file in files: fcntl.lockf(file, fcntl.LOCK_EX)
open("/tmp/held", "w").close()
while not os.path.exists("/tmp/let-go"): time.sleep(0.05)
'`;
      const holder = host.exec(hold);
      await eventually('the lock', async () => (await host.exec('test -e /tmp/held')).code === 0);
      const running = project.start('apply', '--auto-approve', '--json');
      await running.seen(/waiting for another package manager|is held by process|Waiting for cache lock/i);
      await host.exec('touch /tmp/let-go');
      await holder;
      const { code, text } = await running.result;
      expect(code, text).toBe(0);
    } finally {
      await project.dispose();
    }
  });
});

async function isConfiguring(host: LabHost): Promise<boolean> {
  return (await host.exec("pgrep -f '[l]ab-slow.postinst'")).code === 0;
}
