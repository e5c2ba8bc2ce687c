import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import { type Project, touched } from '../project.ts';
import { changesOn } from '../residue.ts';
import { witnessFiles } from '../witness.ts';

const DEFINITION = `
definition { description = "shares a machine with others" }
input "name" { type = string }
package "lab-app" {}
group "shared" { system = true }
directory "shared" { path = "/var/lib/shared" }
directory "data" { path = "/srv/data" }
file "own" {
  path    = "/var/lib/shared/\${input.name}"
  content = "of \${input.name}\\n"
}
file "motd" {
  enabled = input.name == "one"
  path    = "/etc/motd"
  content = "managed\\n"
  mode    = "0640"
}
link "current" {
  path   = "/opt/current-\${input.name}"
  target = "/var/lib/shared/\${input.name}"
}
`;

const component = (name: string, address: string): string => `
component "${name}" {
  source = "./components/shared"
  hosts  = ["${address}"]
  inputs = { name = "${name}" }
}
`;

describe.skipIf(noLab())('what a host had before, and what several components share', () => {
  let lab: Lab;
  let host: LabHost;
  let before: readonly string[];
  let project: Project;
  beforeAll(async () => {
    lab = await useLab();
    [host] = (await lab.fresh(1)) as [LabHost];
    await host.exec(
      'mkdir -m 0700 /srv/data; echo precious >/srv/data/mine; echo "before slipway" >/etc/motd; chmod 0604 /etc/motd',
    );
    before = await host.listFiles();
    project = await specOnLab(lab, {
      'cluster.hcl': 'cluster "ownership" { version = "1" }\n',
      'one.hcl': component('one', host.address),
      'two.hcl': component('two', host.address),
      'components/shared/component.hcl': DEFINITION,
    });
  });
  afterAll(() => project.dispose());

  const there = async (command: string): Promise<boolean> => (await host.exec(command)).code === 0;

  it('is put to use by both', async () => {
    await project.apply();
    expect((await host.exec('cat /etc/motd /var/lib/shared/*; stat -c %a /srv/data /etc/motd')).stdout).toBe(
      'managed\nof one\nof two\n755\n640\n',
    );
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('stays for the other when one goes, but what only the one changed is put back', async () => {
    await project.write('one.hcl', '');
    expect(touched(await project.plan())).toEqual([`one@${host.address}`]);
    await project.apply();
    expect((await host.exec('cat /etc/motd; stat -c %a /etc/motd')).stdout).toBe('before slipway\n604\n');
    expect(await there('test ! -e /var/lib/shared/one && test ! -L /opt/current-one')).toBe(true);
    expect(await there('test -e /var/lib/shared/two && getent group shared && dpkg -s lab-app')).toBe(true);
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('follows a component to its new name without being touched', async () => {
    await project.write(
      'two.hcl',
      `${component('three', host.address).replace('"three" }', '"two" }')}
       moved {
         from = component.two
         to   = component.three
       }`,
    );
    const [change] = (await project.plan()).hosts.flatMap((planned) => planned.changes);
    expect(change).toMatchObject({ address: `three@${host.address}`, resources: [] });
    await project.apply();
    expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('is as it was when the last one goes', async () => {
    await project.destroy();
    expect(changesOn(before, await host.listFiles())).toEqual([]);
    expect((await host.exec('cat /srv/data/mine')).stdout).toBe('precious\n');
  });

  it('stays when somebody else had installed it', async () => {
    await host.exec('apt-get install -y lab-app');
    const installed = await host.listFiles();
    await project.apply();
    await project.destroy();
    expect(await there('dpkg -s lab-app')).toBe(true);
    expect(changesOn(installed, await host.listFiles())).toEqual([]);
  });
});

describe.skipIf(noLab())('a host without an init system, reached by a person with sudo', () => {
  it('runs a service under the supervisor, and is clean afterwards', async () => {
    const lab = await useLab();
    const hosts = await lab.fresh(2, { init: 'none' });
    const [first, second] = hosts as [LabHost, LabHost];
    const before = await Promise.all(hosts.map((host) => host.listFiles()));
    const project = await specOnLab(lab, witnessFiles(hosts.map((host) => host.address)));
    try {
      await project.write(
        'hosts.hcl',
        `host "by_key" {
          address = "${first.address}"
          provider "ssh" {
            user   = "deploy"
            become = "sudo"
          }
        }
        variable "ops_password" {
          type      = string
          sensitive = true
        }
        host "by_password" {
          address = "${second.address}"
          provider "ssh" {
            user     = "ops"
            password = var.ops_password
            become   = "sudo"
          }
        }`,
      );
      project.setEnv('SLIPWAY_VAR_ops_password', 'ops-password');
      project.setEnv('SLIPWAY_VAR_value', 'one');
      await project.apply();
      for (const host of hosts)
        expect((await host.exec('cat /run/witness.started')).stdout).toBe('value one\n');
      project.setEnv('SLIPWAY_VAR_value', 'two');
      await project.apply();
      for (const host of hosts)
        expect((await host.exec('cat /run/witness.started')).stdout).toBe('value two\n');
      const { code, text } = await project.run('plan', '--detailed-exitcode');
      expect(code, text).toBe(0);
      expect(await project.read('slipway.state.json')).not.toContain('ops-password');
      await project.destroy();
      for (const [n, host] of hosts.entries())
        expect(changesOn(before[n] ?? [], await host.listFiles()), host.address).toEqual([]);
    } finally {
      await project.dispose();
    }
  });
});
