import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mounts } from '../../lab/cgroup.ts';
import { run } from '../../lab/command.ts';
import type { LabHost } from '../../lab/host.ts';
import type { Lab } from '../../lab/lab.ts';
import { startLab } from '../../lab/lab.ts';
import { labNetwork } from '../../lab/layout.ts';
import { compareListings } from '../../lab/listing.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';

describe.skipIf(noLab())('a lab of three hosts', () => {
  let lab: Lab;
  let first: LabHost;
  let second: LabHost;
  const ssh = (host: LabHost, command: string, ...options: string[]) =>
    run(['ssh', '-F', lab.sshConfigPath, ...options, host.address, command], { timeoutMs: 60_000 });

  beforeAll(async () => {
    lab = await useLab();
    const [a, b] = await lab.fresh(3);
    if (!a || !b) throw new Error('too few hosts');
    [first, second] = [a, b];
  });

  it('boots systemd without a failed unit, and hosts see each other by name', async () => {
    expect((await first.exec('systemctl is-system-running')).stdout).toBe('running\n');
    expect((await first.exec(`ping -c 1 -W 2 ${second.name}`)).code).toBe(0);
    expect((await first.exec('hostname')).stdout).not.toBe((await second.exec('hostname')).stdout);
  });

  it('lets root, deploy and ops in by key, and ops uses sudo with a password only', async () => {
    expect((await ssh(first, 'id -un')).stdout).toBe('root\n');
    expect((await run(['ssh', '-F', lab.sshConfigPath, first.address6, 'id -un'])).stdout).toBe('root\n');
    expect((await ssh(first, 'sudo -n id -un', '-l', 'deploy')).stdout).toBe('root\n');
    expect((await ssh(first, 'sudo -n true', '-l', 'ops')).code).toBe(1);
    const asked = await run(
      ['ssh', '-F', lab.sshConfigPath, '-l', 'ops', first.address, "sudo -S -p '' id -un"],
      {
        input: 'ops-password\n',
      },
    );
    expect(asked.stdout).toBe('root\n');
  });

  it('installs packages from the mirror and starts what they bring', async () => {
    const install = await ssh(
      first,
      'apt-get -qq update && apt-get -qq -y install nginx lab-app=1.1 && systemctl is-active nginx',
    );
    expect(install).toMatchObject({ code: 0, stdout: expect.stringContaining('active\n') as string });
    const page = await fetch(`http://${first.address}/`);
    expect(await page.text()).toContain('Welcome to nginx');
    expect((await first.exec('cat /usr/share/lab-app/version')).stdout).toBe('version 1.1\n');
  });

  it('lists files with what tells a change: the same twice, another after each change', async () => {
    const before = await second.listFiles();
    expect(await second.listFiles()).toEqual(before);
    await second.exec(
      'echo one >/etc/new; chmod 600 /etc/issue; rm /etc/motd; ln -s /etc/new /opt/link; echo >>/etc/fstab',
    );
    const after = await second.listFiles();
    const { gone, added } = compareListings(before, after);
    expect(added.map((line) => line.split(' ', 4).join(' '))).toEqual([
      '/etc/fstab file 0644 root:root',
      '/etc/issue file 0600 root:root',
      '/etc/new file 0644 root:root',
      '/opt/link link - root:root',
    ]);
    expect(gone.map((line) => line.split(' ', 1)[0])).toEqual(['/etc/fstab', '/etc/issue', '/etc/motd']);
  });

  it('powers a host off in silence, and on again with its disk and another boot id', async () => {
    const bootId = (await ssh(second, 'cat /proc/sys/kernel/random/boot_id; echo kept >/root/note')).stdout;
    const session = spawn('ssh', ['-F', lab.sshConfigPath, second.address, 'echo on; sleep 1000'], {
      stdio: 'pipe',
    });
    const first = await new Promise((resolve) => {
      session.stdout.once('data', (data) => resolve(String(data)));
      session.once('close', resolve);
    });
    expect(first).toBe('on\n');
    await second.kill();
    await sleep(500);
    expect(session.exitCode).toBe(null);
    session.kill();
    const attempt = await ssh(second, 'true', '-o', 'ConnectTimeout=1');
    expect(attempt.stderr).toContain('timed out');
    await second.start();
    const again = await ssh(second, 'cat /proc/sys/kernel/random/boot_id; cat /root/note');
    expect(again.stdout).toContain('kept\n');
    expect(again.stdout).not.toContain(bootId);
  });

  it('comes back from a reboot, however many commands run meanwhile', async () => {
    const bootId = (await second.exec('cat /proc/sys/kernel/random/boot_id')).stdout;
    await second.exec('systemctl reboot');
    await expect
      .poll(
        () =>
          second.exec('cat /proc/sys/kernel/random/boot_id').then(
            (r) => r.stdout,
            () => '',
          ),
        { timeout: 20_000 },
      )
      .toMatch(new RegExp(`^(?!${bootId.trim()})[0-9a-f-]{36}\n$`));
    await expect.poll(() => ssh(second, 'true').then((r) => r.code), { timeout: 20_000 }).toBe(0);
  });

  it('cuts and heals the wire under a session', async () => {
    const session = ssh(first, 'for i in 1 2 3 4; do echo $i; sleep 0.3; done');
    await sleep(500);
    await first.cut();
    expect((await ssh(first, 'true', '-o', 'ConnectTimeout=1')).code).toBe(255);
    await first.heal();
    expect(await session).toMatchObject({ code: 0, stdout: '1\n2\n3\n4\n' });
  });

  it('slows the wire by what was asked for', async () => {
    // The least of three: what a busy machine adds is not the wire's.
    const roundTripMs = async (): Promise<number> => {
      const { stdout } = await second.exec(`ping -c 3 -i 0.2 ${first.address}`);
      return Number(/= ([\d.]+)/.exec(stdout)?.[1]);
    };
    await first.slow(80);
    expect(await roundTripMs()).toBeGreaterThan(79);
    expect(await roundTripMs()).toBeLessThan(120);
    const megabyte = await ssh(first, 'head -c 1000000 /dev/zero');
    expect(megabyte.stdout.length).toBe(1_000_000);
    await first.slow(0);
    expect(await roundTripMs()).toBeLessThan(40);
  });

  it('wipes a host: pristine, with its host keys', async () => {
    await second.exec('touch /root/traces');
    await second.wipe();
    await second.start();
    expect((await ssh(second, 'ls /root/traces')).code).toBe(2);
    expect((await first.exec('test -e /usr/sbin/nginx')).code).toBe(0);
    await lab.fresh(1);
    expect((await first.exec('test -e /usr/sbin/nginx')).code).toBe(1);
  });

  it('gives a host another key when asked to, which clients then refuse', async () => {
    await second.wipe({ newHostKeys: true });
    await second.start();
    expect((await ssh(second, 'true')).stderr).toContain('Host key verification failed');
    await lab.writeKnownHosts();
    expect((await ssh(second, 'true')).code).toBe(0);
  });

  it('offers hosts without an init system and with a small disk', async () => {
    const [host] = await lab.fresh(1, { init: 'none', diskMiB: 64 });
    if (!host) throw new Error('no host');
    expect((await ssh(host, 'test -d /run/systemd/system')).code).toBe(1);
    expect((await ssh(host, 'cat /proc/1/comm')).stdout).toBe('lab-init\n');
    const full = await ssh(host, 'head -c 100M /dev/zero >/root/big');
    expect(full.stderr).toContain('No space left on device');
    const [normal] = await lab.fresh(1);
    expect((await normal?.exec('systemctl is-system-running'))?.stdout).toBe('running\n');
  });
});

describe.skipIf(noLab())('a lab of its own', () => {
  const labs: Lab[] = [];
  afterAll(async () => {
    for (const lab of labs) await lab.stop();
  });

  it('runs beside another and leaves no process, mount, interface, cgroup or file behind', async () => {
    const lab = await startLab({ hosts: 1, diskMiB: 64 });
    labs.push(lab);
    const { network } = lab;
    await lab.hosts[0]?.slow(10);
    await lab.hosts[0]?.exec('setsid sleep 1000 >/dev/null 2>&1 &');
    const traces = async (): Promise<Record<string, number>> => {
      const count = (text: string, part: string): number => text.split(part).length - 1;
      const ps = await run(['ps', '-eo', 'args']);
      const links = await run(['ip', '-brief', 'link']);
      const all = await mounts();
      return {
        processes: count(ps.stdout, network.directory) + count(ps.stdout, network.gateway),
        mounts: all.filter((mount) => mount.point.startsWith(network.directory)).length,
        links: count(links.stdout, network.bridge),
        cgroups: all.filter((mount) =>
          existsSync(path.join(mount.point, 'slipway-lab', String(network.number))),
        ).length,
        files: (await run(['ls', '-A', network.directory])).stdout.length > 0 ? 1 : 0,
      };
    };
    expect(Object.values(await traces()).every((n) => n > 0)).toBe(true);
    await lab.stop();
    expect(await traces()).toEqual({ processes: 0, mounts: 0, links: 0, cgroups: 0, files: 0 });
  });

  it('goes off the machine when its owner is killed, and the next start clears away the rest', async () => {
    const owner = spawn(process.execPath, [path.join(import.meta.dirname, '../../lab/cli.mjs'), 'hold', '1']);
    const number = Number(
      await new Promise<string>((resolve) => owner.stdout.once('data', (data) => resolve(String(data)))),
    );
    const network = labNetwork(number);
    expect((await run(['ip', 'link', 'show', network.bridge])).code).toBe(0);
    owner.kill('SIGKILL');
    await expect
      .poll(async () => (await run(['ip', 'link', 'show', network.bridge])).code, { timeout: 10_000 })
      .toBe(1);
    const next = await startLab({ hosts: 1 });
    labs.push(next);
    expect(next.network.number).toBe(number);
    expect((await next.hosts[0]?.exec('uptime'))?.code).toBe(0);
  });
});
