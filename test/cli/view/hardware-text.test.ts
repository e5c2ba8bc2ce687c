import { describe, expect, it } from 'vitest';
import type { HardwareReport, HostHardware } from '../../../src/app/operate/hardware.ts';
import { renderHardware } from '../../../src/cli/view/hardware-text.ts';
import { fakeFacts } from '../../host/fake-session.ts';

const GIB = 1024 ** 3;

function host(address: string, changes: Partial<HostHardware> = {}): HostHardware {
  return {
    address,
    name: null,
    problem: null,
    machine: {
      ...fakeFacts({ cpuModel: 'AMD EPYC 7713', uptimeSeconds: 90_000 }),
      disks: [{ name: 'vda', sizeBytes: 100 * GIB, model: 'QEMU HARDDISK', rotational: false }],
      fileSystems: [
        {
          mount: '/',
          device: '/dev/vda1',
          type: 'ext4',
          sizeBytes: 100 * GIB,
          usedBytes: 20 * GIB,
          availableBytes: 75 * GIB,
        },
      ],
      interfaces: [
        { name: 'lo', addresses: ['127.0.0.1/8'], mac: '', state: 'up', speedMbit: null },
        {
          name: 'eth0',
          addresses: [`${address}/24`, 'fe80::1/64'],
          mac: '02:73:6c:69:6b:0b',
          state: 'up',
          speedMbit: 1000,
        },
      ],
      swapBytes: 0,
      clock: { offsetMs: -12, roundTripMs: 3.1 },
    },
    fits: [{ what: 'memory', components: ['web'], needs: '1 GiB', has: '8 GiB', short: null }],
    ...changes,
  };
}

const short = {
  what: 'memory',
  components: ['web', 'db'],
  needs: '11 GiB',
  has: '8 GiB',
  short: '3 GiB',
} as const;
const REPORT: HardwareReport = {
  format: 1,
  time: 0,
  cluster: 'shop',
  hosts: [
    host('10.0.0.1', { name: 'edge' }),
    host('10.0.0.2', { fits: [short] }),
    host('10.0.0.3', { problem: '10.0.0.3 cannot be reached', machine: null, fits: [] }),
  ],
};

describe('hardware', () => {
  it('is a line per host, and what falls short', () => {
    expect(renderHardware(REPORT, { color: false, width: 80, verbose: false })).toBe(
      `HOST        CORES   MEMORY  USED     DISK  USED  OS          UP  FITS
✔ 10.0.0.1      4  8.0 GiB   25%  100 GiB   21%  debian 12  25h  fits
▲ 10.0.0.2      4  8.0 GiB   25%  100 GiB   21%  debian 12  25h  short of memory
? 10.0.0.3                                                       no answer

10.0.0.2  memory: web, db need 11 GiB, has 8 GiB: falls short by 3 GiB
10.0.0.3  cannot be reached

3 hosts: 1 did not answer, 1 host short of what is required there.
`,
    );
  });

  it('is all that is known of one host', () => {
    expect(
      renderHardware(
        { ...REPORT, hosts: REPORT.hosts.slice(0, 1) },
        { color: false, width: 80, verbose: true },
      ),
    ).toBe(
      `✔ 10.0.0.1 (edge)
  system    Debian GNU/Linux 12 (bookworm), x86_64, kernel 6.1.0, systemd, apt
  up        25h
  clock     12 ms behind the clock here (±2 ms)
  cpu       4 cores, AMD EPYC 7713
  memory    8.0 GiB, 6.0 GiB available, no swap
  disks     vda  100 GiB  solid state  QEMU HARDDISK
  files     /  100 GiB  20 GiB used (21%)  75 GiB free  ext4  /dev/vda1
  network   eth0 up, 1000 Mbit/s, 02:73:6c:69:6b:0b
            10.0.0.1/24, fe80::1/64
  requires  memory: web needs 1 GiB, has 8 GiB: fits

1 host: fits what is required there.
`,
    );
  });
});
