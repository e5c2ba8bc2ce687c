import { chmod, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostPreflight, PreflightReport } from '../../../src/app/operate/preflight.ts';
import type { PreflightCheck } from '../../../src/plan/preflight/finding.ts';
import { must } from '../../lab/command.ts';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { changesOn } from '../residue.ts';

const WEB = `
definition {
  requires {
    cpu      = 1
    memory   = "64MiB"
    disk     = "32MiB"
    os       = ["debian"]
    ports    = [9000]
    resolves = [input.db]
    reaches  = ["\${input.db}:22", "mirror:8080"]
    sysctl   = { "vm.overcommit_memory" = ">= 0" }
    limits   = { nofile = 512 }
    kernel {
      version = ">= 3"
    }
  }
}
input "db" { type = string }
package "lab-app" {}
service "web" { command = "/bin/sleep 1000000" }
endpoint "http" { port = 8080 }
`;

describe.skipIf(noLab())('preflight of hosts that nobody has worked on', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  /** One is off, one has programs on the ports, one a full disk, one another key and one no sudo for us; the last has all. */
  let off: LabHost, taken: LabHost, full: LabHost, locked: LabHost, humble: LabHost, good: LabHost;
  let before: readonly string[];
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(6);
    [off, taken, full, locked, humble, good] = hosts as [
      LabHost,
      LabHost,
      LabHost,
      LabHost,
      LabHost,
      LabHost,
    ];
    await full.wipe({ options: { diskMiB: 48 } });
    await Promise.all([full.start(), off.kill()]);
    for (const host of [taken, full, humble, good])
      await host.exec(`echo '${good.address} db.internal' >>/etc/hosts`);
    await full.exec('head -c 100M /dev/zero >/var/fill');
    await taken.exec('setsid python3 -m http.server 8080 >/dev/null 2>&1 </dev/null &');
    await taken.exec('setsid python3 -m http.server 9000 >/dev/null 2>&1 </dev/null &');
    before = await good.listFiles();
    const settings = (host: LabHost, lines: string): string =>
      `host "h${host.number}" {\n  address = "${host.address}"\n  provider "ssh" {\n${lines}\n  }\n}\n`;
    project = await specOnLab(lab, {
      'cluster.hcl': `
        component "web" {
          source = "./components/web"
          hosts  = ${JSON.stringify(hosts.map((host) => host.address))}
          inputs = { db = "db.internal" }
        }
        ${settings(off, 'connect_timeout = "3s"')}
        ${settings(locked, 'private_key = "./other_key"\nagent = "false"')}
        ${settings(humble, 'user = "ops"\nbecome = "sudo"')}`,
      'components/web/component.hcl': WEB,
    });
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', project.path('other_key')]);
    await chmod(project.path('other_key'), 0o600);
  });
  afterAll(async () => {
    await project.dispose();
    // The next test's hosts have a disk of the usual size.
    await full.wipe({ options: {} });
    await Promise.all([off.start(), full.start()]);
  });

  const about = (report: PreflightReport, host: LabHost): HostPreflight => {
    const found = report.hosts.find(({ address }) => address === host.address);
    if (found === undefined) throw new Error(`nothing about ${host.address}`);
    return found;
  };
  const failed = ({ findings }: HostPreflight): readonly PreflightCheck[] => [
    ...new Set(findings.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)),
  ];

  it('tells all that is amiss on each of them, at once', async () => {
    const startedAt = Date.now();
    const { code, stdout } = await project.run('preflight', '--json');
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as PreflightReport;
    expect(report.ready).toBe(false);
    expect(failed(about(report, off))).toEqual(['reachability']);
    expect(failed(about(report, taken))).toEqual(['ports']);
    expect(about(report, taken).findings.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
      { detail: expect.stringContaining('8080') as string },
      { detail: expect.stringContaining('9000') as string },
    ]);
    expect(failed(about(report, full))).toEqual(['disk', 'space']);
    expect(failed(about(report, locked))).toEqual(['credentials']);
    // What else can be known of it is known without root.
    expect(failed(about(report, humble))).toEqual(['root']);
    expect(about(report, humble).findings.map(({ check }) => check)).toContain('memory');
    expect(about(report, good).findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(about(report, good).findings.map(({ check, detail }) => `${check}: ${detail}`)).toEqual(
      expect.arrayContaining([
        'init: systemd',
        'ports: 8080, 9000 are free',
        `resolves: db.internal is ${good.address}`,
        'reaches: db.internal:22 is reached',
        'packages: apt reaches mirror:8080',
      ]),
    );
  });

  it('leaves nothing behind, neither there nor here', async () => {
    const { code, stdout } = await project.run('preflight', '--verbose', `@${good.address}`);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/✓ clock {2,}/);
    expect(stdout).toContain('1 host: 1 ready.');
    expect(changesOn(before, await good.listFiles())).toEqual([]);
    expect(await readdir(project.directory)).not.toContain('.slipway');
  });

  it('is what every apply does, for what is new or changed', async () => {
    const target = `web@${good.address}`;
    await good.exec(`sed -i '/db.internal/d' /etc/hosts`);
    const refused = await project.run('apply', '--auto-approve', '--target', target);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/db\.internal is not resolved/);
    expect(refused.stderr).toMatch(/db\.internal:22 is not reached/);
    await good.exec(`echo '${good.address} db.internal' >>/etc/hosts`);
    await project.apply('--target', target);
    await good.exec(`sed -i '/db.internal/d' /etc/hosts`);
    // It stays as it is, and needs nothing more.
    expect((await project.run('plan', '--target', target, '--detailed-exitcode')).code).toBe(0);
    // Its own port is free for it.
    await good.exec(`echo '${good.address} db.internal' >>/etc/hosts`);
    expect((await project.run('preflight', target)).code).toBe(0);
  });
});
