import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { setVariables, specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { changesOn } from '../residue.ts';
import { witnessFiles } from '../witness.ts';

/** Moments of an apply, by what its events say. */
const INSTALLING: readonly (readonly [string, RegExp])[] = [
  ['before it has a plan', /^/],
  ['with its first event', /"run-started"/],
  ['while it uploads', /"uploading"|"resource-started"/],
  ['while a package is installed', /"resource-started".*package/],
  ['after the package', /"resource-finished".*package/],
];
const UPDATING: readonly (readonly [string, RegExp])[] = [
  ['when an instance starts', /"instance-started"/],
  ['between the file and the restart', /"resource-finished".*file\.config/],
  ['while the service restarts', /"resource-started".*service/],
  ['while it checks', /"checking"/],
  ['when the first instance is done', /"instance-succeeded"/],
];

describe.skipIf(noLab())('a controller that is killed', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let before: readonly (readonly string[])[];
  let value = 0;
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(2);
    before = await Promise.all(hosts.map((host) => host.listFiles()));
    project = await specOnLab(lab, witnessFiles(hosts.map((host) => host.address)));
  });
  afterAll(() => project.dispose());

  it.each(INSTALLING)('while it installs: %s', async (_when, moment) => {
    await killedAt(moment);
    await project.apply();
    await expectConverged({ installs: 1 });
    await project.destroy();
    for (const [n, host] of hosts.entries())
      expect(changesOn(before[n] ?? [], await host.listFiles()), host.address).toEqual([]);
  });

  it.each(UPDATING)('while it updates: %s', async (_when, moment) => {
    await setVariables(project, { value: 'former' });
    await project.apply();
    await killedAt(moment);
    await project.apply();
    await expectConverged({ installs: 0 });
  });

  it('while it removes', async () => {
    const running = project.start('destroy', '--auto-approve', '--json');
    await running.seen(/"resource-finished"/);
    running.kill('SIGKILL');
    await running.result;
    await project.destroy();
    for (const [n, host] of hosts.entries())
      expect(changesOn(before[n] ?? [], await host.listFiles()), host.address).toEqual([]);
  });

  async function killedAt(moment: RegExp): Promise<void> {
    value++;
    await setVariables(project, { value: `v${value}` });
    for (const host of hosts) await host.exec('rm -f /var/log/dpkg.log');
    const running = project.start('apply', '--auto-approve', '--json');
    await running.seen(moment);
    running.kill('SIGKILL');
    expect((await running.result).code).toBeNull();
  }

  /** As the spec wants it, nothing done twice that may be done once, and no lock in the way of the next run. */
  async function expectConverged(since: { readonly installs: number }): Promise<void> {
    const { code, text } = await project.run('plan', '--detailed-exitcode');
    expect(code, text).toBe(0);
    for (const host of hosts) {
      const { stdout } = await host.exec(
        'cat /run/witness.started; systemctl is-active witness; cat /var/log/dpkg.log | grep -c " install lab-app"',
      );
      const [started, active, installs] = stdout.split('\n');
      expect(started, host.address).toBe(`value v${value}`);
      expect(active, host.address).toBe('active');
      expect(Number(installs), host.address).toBe(since.installs);
    }
  }
});
