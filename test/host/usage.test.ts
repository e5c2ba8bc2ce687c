import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeKey } from '../../src/host/observation.ts';
import type { ProbeAnswer, ProbeRequest } from '../../src/host/observation.ts';
import { parseUsage } from '../../src/host/usage-output.ts';
import { unitGroup } from '../../src/host/usage-program.ts';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

describe.each(SHELLS)('usage under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  const started: ChildProcess[] = [];
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(async () => {
    for (const child of started.splice(0)) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await place.remove();
  });

  /** Leads a process group of its own, as what the supervisor starts does. */
  async function start(program: string): Promise<string> {
    const child = spawn('/bin/sh', ['-c', program], { detached: true, stdio: 'ignore' });
    started.push(child);
    const file = path.join(place.notes, `pid ${started.length}`);
    await writeFile(file, `${child.pid} 4711 0 0\n`);
    return file;
  }

  async function ask(requests: readonly ProbeRequest[]): Promise<readonly (ProbeAnswer | undefined)[]> {
    const { answers } = await place.session().probe(requests);
    return requests.map((request) => answers.get(probeKey(request)));
  }

  it('tells what a process group takes, of the very one', async () => {
    const idle = await start('sleep 60 & exec sleep 60');
    const busy = await start('(while :; do :; done) & exec sleep 60');
    const gone = path.join(place.notes, 'none');
    const usage = (name: string): ProbeRequest => ({ probe: 'usage', of: 'pid-file', name });
    const [first, second, third] = await ask([usage(gone), usage(idle), usage(busy)]);
    expect(first).toEqual({ probe: 'usage', cpuPercent: null, memoryBytes: null });
    expect(second).toMatchObject({ cpuPercent: 0 });
    expect((second as Extract<ProbeAnswer, { probe: 'usage' }>).memoryBytes).toBeGreaterThan(100_000);
    const cpuOf = (answer: ProbeAnswer | undefined) =>
      (answer as Extract<ProbeAnswer, { probe: 'usage' }>).cpuPercent;
    expect(cpuOf(third)).toBeLessThan(130);
    // Where others are busy too, it may not get its turn within one tenth of a second.
    const ofBusy = async (): Promise<unknown> => cpuOf((await ask([usage(busy)]))[0]);
    await expect.poll(ofBusy, { timeout: 20_000 }).toBeGreaterThan(5);
  }, 30_000);

  it('tells how busy the machine is', async () => {
    const [load] = await ask([{ probe: 'load' }]);
    const { cpuPercent } = load as Extract<ProbeAnswer, { probe: 'load' }>;
    expect(cpuPercent).toBeGreaterThanOrEqual(0);
    expect(cpuPercent).toBeLessThanOrEqual(100);
  });

  it('waits for no second sample where nothing asks for one', async () => {
    const session = place.session();
    await session.probe([]);
    const startedAt = performance.now();
    await session.probe([{ probe: 'load' }]);
    expect(performance.now() - startedAt).toBeGreaterThan(100);
  });

  it('digests small files only, where that is asked', async () => {
    const [small, large] = [path.join(place.notes, 'a small one'), path.join(place.notes, 'large')];
    await writeFile(small, 'hello\n');
    await writeFile(large, Buffer.alloc(16 * 1024 * 1024 + 1));
    const digestOf = (answer: ProbeAnswer | undefined) =>
      answer?.probe === 'path' ? answer.found?.digest : undefined;
    const answers = await ask([
      { probe: 'path', path: large, digest: 'small' },
      { probe: 'path', path: '/nowhere', digest: 'small' },
      { probe: 'path', path: small, digest: 'small' },
      { probe: 'path', path: place.notes, digest: 'small' },
    ]);
    expect(answers.map(digestOf)).toEqual([
      null,
      undefined,
      '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
      null,
    ]);
  });
});

describe('what two samples of a unit mean', () => {
  const group = '/sys/fs/cgroup/system.slice/nats.service';
  const own = '/proc/9/stat:9 (sh) S 1 9 9 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 100 0 5';
  const parse = (first: string, last: string) =>
    parseUsage({
      first: `/proc/uptime:100.00 1.00\n${own}\n${first}`,
      last: `/proc/uptime:100.50 1.00\n${own}\n${last}`,
      pidFiles: '',
      pageBytes: 4096,
    }).usageOf({ probe: 'usage', of: 'unit', name: 'nats.service' }, -1);

  it('of cgroup 2 with a memory controller', () => {
    expect(
      parse(
        `${group}/cpu.stat:usage_usec 1000000`,
        `${group}/cpu.stat:usage_usec 1250000\n${group}/memory.current:5000\n${group}/memory.stat:inactive_file 1000`,
      ),
    ).toEqual({ probe: 'usage', cpuPercent: 50, memoryBytes: 4000 });
  });

  it('of cgroup 1', () => {
    const [cpu, memory] = ['cpuacct', 'memory'].map((n) => `/sys/fs/cgroup/${n}/system.slice/nats.service`);
    expect(
      parse(
        `${cpu}/cpuacct.usage:1000000000`,
        `${cpu}/cpuacct.usage:2000000000\n${memory}/memory.usage_in_bytes:5000\n${memory}/memory.stat:inactive_file 1\n${memory}/memory.stat:total_inactive_file 1000`,
      ),
    ).toEqual({ probe: 'usage', cpuPercent: 200, memoryBytes: 4000 });
  });

  it('of a cgroup without controllers: of its processes, those that came in between too', () => {
    const member = (pid: number, ticks: number, start: number) =>
      `/proc/${pid}/stat:${pid} (a ) b (x) S 1 ${pid} ${pid} 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${start} 0 10`;
    expect(
      parse(
        member(11, 100, 500),
        [
          member(11, 110, 500),
          member(12, 5, 10_020),
          ...[11, 12].map((pid) => `${group}/cgroup.procs:${pid}`),
        ].join('\n'),
      ),
    ).toEqual({ probe: 'usage', cpuPercent: 30, memoryBytes: 20 * 4096 });
  });

  it('of none: nothing', () => {
    expect(parse('', '')).toEqual({ probe: 'usage', cpuPercent: null, memoryBytes: null });
  });

  it.each([
    ['nats.service', 'system.slice/nats.service'],
    ['my-db@main.service', 'system.slice/system-my\\x2ddb.slice/my-db@main.service'],
  ])('%s lies in %s', (unit, folder) => expect(unitGroup(unit)).toBe(folder));
});
