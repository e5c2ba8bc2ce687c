import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { noLab, useLab } from '../../lab/use-lab.ts';
import { specOnLab } from '../lab-project.ts';
import type { Project } from '../project.ts';
import { eventually } from '../wait.ts';

/** Numbers its lines, ten in a second, in a file and on stdout; goes on where it stopped. */
const TICK = `
definition { description = "writes numbered lines" }
directory "logs" {
  path      = "/var/log/tick"
  on_remove = "delete"
}
file "program" {
  path    = "run.sh"
  mode    = "0755"
  content = <<-EOT
    #!/bin/sh
    n=$(cat /var/log/tick/count 2>/dev/null || echo 0)
    while :; do
      n=$((n + 1))
      echo "line $n" >>/var/log/tick/server.log
      echo "tick $n"
      echo "$n" >/var/log/tick/count.new && mv /var/log/tick/count.new /var/log/tick/count
      sleep 0.1
    done
  EOT
}
service "ticker" { command = "/bin/sh \${instance.dir}/run.sh" }
log "server" { path = "/var/log/tick/*.log" }
`;

describe.skipIf(noLab())('logs', () => {
  let project: Project;
  let hosts: readonly LabHost[];
  let cut: LabHost, rebooted: LabHost, large: LabHost;
  beforeAll(async () => {
    const lab = await useLab();
    hosts = await lab.fresh(3);
    [cut, rebooted, large] = hosts as [LabHost, LabHost, LabHost];
    project = await specOnLab(lab, {
      'cluster.hcl': `
        cluster "logs" { version = "1" }
        component "tick" {
          source = "./components/tick"
          hosts  = ${JSON.stringify(hosts.map((host) => host.address))}
        }`,
      'components/tick/component.hcl': TICK,
    });
    await project.apply();
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.start()));
    await project.dispose();
  });

  it('are listed, shown and searched on all hosts', async () => {
    const listed = await project.must('logs');
    for (const { address } of hosts) {
      expect(listed.stdout).toMatch(
        new RegExp(`tick@${address} +server +[\\d.]+ \\w+ +\\w+ +/var/log/tick/server.log`),
      );
      expect(listed.stdout).toMatch(new RegExp(`tick@${address} +service.ticker .* journal of ticker`));
    }
    const shown = await project.must('logs', `@${cut.address}`, '-n3');
    expect(shown.stdout).toMatch(
      /server\.log\n(line \d+\n){3}\n.* journal of ticker\n(\S+Z \w+\[\d+\]: .*\n){3}$/,
    );
    await eventually(
      'a line 17',
      async () => (await cut.exec('grep -c "line 17" /var/log/tick/server.log')).code === 0,
    );
    const found = await project.must('logs', 'tick', '--log=server', '--grep=^line (1|17)$', '--json');
    const ours = found.stdout.split('\n').filter((line) => line.includes(cut.address));
    expect(ours.map((line) => (JSON.parse(line) as { line: string }).line)).toEqual(['line 1', 'line 17']);
  });

  it('are followed through a network cut of 10 s, a rotation in it, and a reboot, without losing or repeating a line', async () => {
    const following = project.start('logs', '-f', '-n', '1', '--json', 'tick');
    const numbersOf = (host: LabHost, log: string): number[] =>
      following
        .text()
        .split('\n')
        .filter((line) => line.includes(`"tick@${host.address}"`) && line.includes(`"${log}"`))
        .flatMap((line) => /(?:line|tick) (\d+)"/.exec(line)?.[1] ?? [])
        .map(Number);
    const last = (host: LabHost, log: string): number => numbersOf(host, log).at(-1) ?? 0;
    const lastWritten = async (host: LabHost): Promise<number> =>
      Number((await host.exec('cat /var/log/tick/count')).stdout);
    const catchesUp = async (host: LabHost): Promise<void> => {
      const written = await lastWritten(host);
      for (const log of ['server', 'service.ticker'])
        await eventually(`line ${written} in ${log} of ${host.address}`, () =>
          Promise.resolve(last(host, log) >= written),
        );
    };
    for (const host of hosts) await catchesUp(host);

    const restarting = (async () => {
      await rebooted.kill();
      await sleep(2000);
      await rebooted.start();
    })();
    await cut.cut();
    await sleep(4000);
    await cut.exec('mv /var/log/tick/server.log /var/log/tick/server.log.1');
    await sleep(6000);
    await cut.heal();
    await restarting;
    for (const host of hosts) await catchesUp(host);

    following.kill('SIGINT');
    const { code, stderr } = await following.result;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(new RegExp(`${rebooted.address}: connected again`));
    for (const host of hosts) {
      for (const log of ['server', 'service.ticker']) {
        const numbers = numbersOf(host, log);
        const first = numbers[0] ?? 0;
        const what = `${log} of ${host.address}`;
        // The lab's journals lie in memory: what one had not sent yet is gone with the power.
        if (host === rebooted && log !== 'server')
          expect(numbers, what).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        else expect(numbers, what).toEqual(numbers.map((_, n) => first + n));
      }
    }
  });

  it('of 1 GiB are downloaded with little memory, go on after a kill, and a host that is off hinders none', async () => {
    await large.exec(
      `cd /var/log/tick && i=0 && while [ $i -lt 12000 ]; do echo "$i 2026-01-02T03:04:05Z request answered with 200 in $((i % 97)) ms"; i=$((i + 1)); done >/tmp/some
       i=0 && while [ $i -lt 1700 ]; do cat /tmp/some; i=$((i + 1)); done | head -c 1073741824 >big.log; rm /tmp/some`,
    );
    const file = project.path(`logs/tick@${large.address}/server/big.log`);
    const first = project.start('logs', `@${large.address}`, '--download=logs');
    const part = file.replace('big.log', '.big.log.part');
    await eventually('a part', async () => ((await stat(part).catch(() => null))?.size ?? 0) > 100_000_000);
    first.kill('SIGKILL');
    await first.result;
    await cut.kill();

    const second = project.start('logs', 'tick', '--download=logs');
    const peak = peakMemoryMiB(second.pid);
    const { code, stdout, stderr } = await second.result;
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`Error: ${cut.address}:? `));
    expect(stdout).toMatch(/1\.0 GiB +tick@\S+\/server\/big\.log, [\d.]+ MiB were there/);
    expect(await peak).toBeLessThan(250);
    const { stdout: sum } = await large.exec('sha256sum /var/log/tick/big.log');
    expect(await digestOf(file)).toBe(sum.slice(0, 64));
    const journal = await readFile(
      project.path(`logs/tick@${rebooted.address}/service.ticker/ticker.journal`),
      'utf8',
    );
    expect(journal).toMatch(/ sh\[\d+\]: tick \d+\n/);
  });
});

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The most that a process had in memory when it was last looked at. */
async function peakMemoryMiB(pid: number): Promise<number> {
  for (let peak = 0; ; await sleep(100)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kib = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
    if (kib === undefined) return peak;
    peak = Math.max(peak, Number(kib) / 1024);
  }
}
