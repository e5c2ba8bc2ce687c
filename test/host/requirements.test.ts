import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeKey } from '../../src/host/observation.ts';
import type { ProbeAnswer, ProbeRequest } from '../../src/host/observation.ts';
import { parseLimits, parseResolved } from '../../src/host/requirement-output.ts';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

describe.each(SHELLS)('what definitions require, asked under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  async function ask(...requests: ProbeRequest[]): Promise<readonly ProbeAnswer[]> {
    const { answers } = await place.session().probe(requests);
    return requests.map((request) => answers.get(probeKey(request))).filter((answer) => answer !== undefined);
  }

  it('names, known and not', async () => {
    const [known, unknown] = await ask(
      { probe: 'resolve', name: 'localhost' },
      { probe: 'resolve', name: 'no-such-name.invalid' },
    );
    expect(known).toMatchObject({
      addresses: expect.arrayContaining([expect.stringMatching(/^(127\.|::1)/)]),
    });
    expect(unknown).toEqual({ probe: 'resolve', addresses: [] });
  });

  it('ports, by address and by name, where somebody listens and where nobody does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const answers = await ask(
      { probe: 'reach', address: '127.0.0.1', port },
      { probe: 'reach', address: 'localhost', port },
      { probe: 'reach', address: '127.0.0.1', port: 1 },
      { probe: 'reach', address: 'no-such-name.invalid', port },
    );
    server.close();
    expect(answers).toEqual([
      { probe: 'reach', reached: true, why: null },
      { probe: 'reach', reached: true, why: null },
      {
        probe: 'reach',
        reached: false,
        why: expect.stringMatching(/127\.0\.0\.1:1.*(refused|ECONNREFUSED)/),
      },
      {
        probe: 'reach',
        reached: false,
        why: expect.stringMatching(/the host cannot resolve no-such-name\.invalid/),
      },
    ]);
  });

  it('kernel settings, limits and the command line of the kernel', async () => {
    const answers = await ask(
      { probe: 'sysctl', name: 'vm.overcommit_memory' },
      { probe: 'sysctl', name: 'net.ipv4.tcp_rmem' },
      { probe: 'sysctl', name: 'net/ipv4/conf/lo/rp_filter' },
      { probe: 'sysctl', name: 'vm.no_such' },
      { probe: 'limits' },
      { probe: 'kernel-command-line' },
    );
    expect(answers.slice(0, 4)).toEqual([
      { probe: 'sysctl', value: expect.stringMatching(/^[012]$/) },
      { probe: 'sysctl', value: (await readFile('/proc/sys/net/ipv4/tcp_rmem', 'utf8')).trim() },
      { probe: 'sysctl', value: expect.stringMatching(/^\d$/) },
      { probe: 'sysctl', value: null },
    ]);
    const own = /^Max open files\s+\d+\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8'));
    const limits = answers[4];
    expect(limits?.probe === 'limits' && limits.hard.get('nofile')).toBe(Number(own?.[1]));
    const line = (await readFile('/proc/cmdline', 'utf8')).trim();
    expect(answers[5]).toEqual({ probe: 'kernel-command-line', text: line });
  });
});

describe('answers', () => {
  it('of a resolver hold each address once', () => {
    const text = 'db 10.0.0.5 STREAM db.internal 10.0.0.5 DGRAM 10.0.0.5 RAW ::1 STREAM\nmirror\n';
    expect(parseResolved(text, 'db')).toEqual(['10.0.0.5', '::1']);
    expect(parseResolved(text, 'mirror')).toEqual([]);
    expect(parseResolved(text, 'other')).toBe(null);
    expect(parseResolved(null, 'db')).toBe(null);
  });

  it('on limits prefer what systemd gives its units', () => {
    const rows = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 4096                 files
Max locked memory         65536                unlimited            bytes
Max processes             100                  200                  processes
`;
    expect(parseLimits(rows, null)).toEqual(new Map([['memlock', Infinity], ['nofile', 4096], ['nproc', 200]])); // prettier-ignore
    const units = 'DefaultLimitNOFILE=524288\nDefaultLimitMEMLOCK=8388608\nDefaultLimitNPROC=infinity\n';
    expect(parseLimits(rows, units)).toEqual(
      new Map([['memlock', 8388608], ['nofile', 524288], ['nproc', Infinity]]), // prettier-ignore
    );
  });
});
