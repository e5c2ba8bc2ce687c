import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { exampleOnLab } from '../lab-project.ts';
import { type Project, touched } from '../project.ts';
import { changesOn } from '../residue.ts';

/** The tests build on each other: one life of a cluster of three. */
describe.skipIf(noLab())('etcd-cluster', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let before: readonly (readonly string[])[];
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(3);
    before = await Promise.all(hosts.map((host) => host.listFiles()));
    project = await exampleOnLab('etcd-cluster', lab, { members: hosts.map((host) => host.address) });
  });
  afterAll(() => project.dispose());

  const etcdctl = async (command: string): Promise<string> => {
    const endpoints = hosts.map((host) => `http://${host.address}:2379`).join(',');
    const result = await hosts[0]?.exec(`ETCDCTL_API=3 etcdctl --endpoints=${endpoints} ${command} 2>&1`);
    return result?.stdout ?? '';
  };
  const isHealthy = async (): Promise<void> => {
    const health = await etcdctl('endpoint health');
    for (const host of hosts)
      expect(health).toContain(`${host.address}:2379 is healthy: successfully committed proposal`);
  };

  it('comes up together, though no member starts without a quorum and one host is worked on at a time', async () => {
    const { stdout } = await project.apply('--parallelism=1');
    expect(stdout).toContain('3 installed');
    await isHealthy();
    expect(await etcdctl('put greeting hello')).toContain('OK');
  });

  it('finds nothing to do afterwards', async () => {
    const { code, text } = await project.run('plan', '--detailed-exitcode');
    expect(code, text).toBe(0);
  });

  it('restarts one member at a time when the definition changes, and stays healthy', async () => {
    await project.edit(
      'components/etcd/etcd.env.tftpl',
      '# managed by slipway',
      '# managed by slipway\nETCD_LOGGER="zap"',
    );
    const plan = await project.plan();
    expect(touched(plan)).toEqual(hosts.map((host) => `etcd@${host.address}`).sort());
    expect(plan.summary.restarts).toBe(3);
    await project.apply();
    await isHealthy();
    expect(await etcdctl('get greeting')).toContain('hello');
  });

  it('leaves the hosts as they were after destroy, but for the data and its owner', async () => {
    const plan = await project.plan('--destroy');
    const data = plan.hosts[0]?.changes[0]?.resources.find((r) => r.address === 'directory.data');
    expect(data?.fate).toMatchObject({ fate: 'kept', why: 'on_remove' });
    await project.destroy();
    for (const [n, host] of hosts.entries()) {
      const changes = changesOn(before[n] ?? [], await host.listFiles());
      expect(changes.join('\n')).toContain('/var/lib/etcd/slipway-example/member/snap/db');
      const owner = /^\w+: \/etc\/(passwd|shadow|group|gshadow) /;
      const others = changes.filter((line) => !line.includes('/var/lib/etcd') && !owner.test(line));
      expect(others, host.address).toEqual([]);
      const accounts = await host.exec('getent passwd | grep -v "^etcd:" | sha256sum; pgrep -c etcd');
      expect(accounts.stdout).toMatch(/ -\n0\n$/);
    }
  });

  it('finds its data again when it is applied anew', async () => {
    await project.apply();
    await isHealthy();
    expect(await etcdctl('get greeting')).toContain('hello');
  });
});
