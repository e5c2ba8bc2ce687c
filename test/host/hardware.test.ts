import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measureClock } from '../../src/host/clock.ts';
import { parseHardware } from '../../src/host/hardware-output.ts';
import { SHELLS, useShell } from './shells.ts';
import { makeWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

describe.each(SHELLS)('hardware under %s', (shell) => {
  useShell(shell);
  let place: Workplace;
  beforeEach(async () => {
    place = await makeWorkplace();
  });
  afterEach(() => place.remove());

  it('tells the interfaces and file systems of this machine', async () => {
    const { answers } = await place.session().probe([{ probe: 'hardware' }]);
    const answer = answers.get('hardware');
    if (answer?.probe !== 'hardware') throw new Error('no answer');
    const { interfaces, fileSystems } = answer.found;
    expect(fileSystems.map(({ mount }) => mount)).toContain('/');
    expect(fileSystems.map(({ type }) => type)).not.toContain('tmpfs');
    for (const [name, addresses] of Object.entries(os.networkInterfaces())) {
      const found = interfaces.find((each) => each.name === name);
      expect(found?.addresses).toEqual(
        expect.arrayContaining(addresses?.flatMap(({ cidr }) => cidr ?? []) ?? []),
      );
    }
  });

  it('compares the clocks', async () => {
    const connection = await place.session().connection();
    const here = await measureClock(connection, Date.now);
    expect(Math.abs(here?.offsetMs ?? NaN)).toBeLessThan(1000);
    const behind = await measureClock(connection, () => Date.now() - 90_000);
    expect(Math.abs((behind?.offsetMs ?? NaN) - 90_000)).toBeLessThan(1000);
  });
});

describe('what is printed of hardware', () => {
  const disk = (mount: string, device: string, type: string) =>
    ({ mount, device, type, sizeBytes: 100, usedBytes: 50, availableBytes: 50 }) as const;

  it('is read with models of several words, and without what does not matter', () => {
    const text = [
      'disk nvme0n1 1000215216 0 Samsung SSD 980 PRO  ',
      'disk cciss!c0d0 2048 1 ',
      'disk sdb 0 1 card reader',
      'net lo 00:00:00:00:00:00 unknown -',
      'net eth0 02:73:6c:69:6b:0b up 10000',
      'net wg0 - unknown -1',
      'swap 2097148 kB',
    ].join('\n');
    const addresses = [
      '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
      '2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\\ x',
      '2: eth0    inet6 fe80::1/64 scope link \\ x',
    ].join('\n');
    const mounted = [
      disk('/', 'overlay', 'overlay'),
      disk('/var/lib/docker/overlay2/x/merged', 'overlay', 'overlay'),
      disk('/var/lib/data', '/dev/sda1', 'ext4'),
      disk('/data', '/dev/sda1', 'ext4'),
      disk('/run', 'tmpfs', 'tmpfs'),
    ];
    expect(parseHardware(text, addresses, mounted)).toEqual({
      disks: [
        { name: 'nvme0n1', sizeBytes: 1000215216 * 512, model: 'Samsung SSD 980 PRO', rotational: false },
        { name: 'cciss/c0d0', sizeBytes: 1024 * 1024, model: '', rotational: true },
      ],
      fileSystems: [disk('/', 'overlay', 'overlay'), disk('/data', '/dev/sda1', 'ext4')],
      interfaces: [
        { name: 'lo', addresses: ['127.0.0.1/8'], mac: '', state: 'up', speedMbit: null },
        {
          name: 'eth0',
          addresses: ['10.0.0.5/24', 'fe80::1/64'],
          mac: '02:73:6c:69:6b:0b',
          state: 'up',
          speedMbit: 10000,
        },
        { name: 'wg0', addresses: [], mac: '', state: 'unknown', speedMbit: null },
      ],
      swapBytes: 2097148 * 1024,
    });
  });
});
