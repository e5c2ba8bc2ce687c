import { describe, expect, it } from 'vitest';
import type { ClusterReport, HostReport, InstanceReport } from '../../../src/app/operate/cluster-report.ts';
import { renderStatus } from '../../../src/cli/view/status-text.ts';

const TIME = 1_700_000_000_000;

function instance(address: string, changes: Partial<InstanceReport> = {}): InstanceReport {
  const [component = '', host = ''] = address.split('@');
  return {
    address,
    component,
    host,
    index: 0,
    condition: 'running',
    stoppedByUser: false,
    detail: null,
    sinceMs: TIME - 3 * 60_000,
    version: '1.4.0',
    cpuPercent: 3.42,
    memoryBytes: 300 * 1024 ** 2,
    memoryPercent: 12.3,
    restarts: 0,
    services: [],
    checks: [],
    endpoints: [{ name: 'client', address: host, port: 4222 }],
    drift: [],
    run: 'r',
    ...changes,
  };
}

function host(address: string, changes: Partial<HostReport> = {}): HostReport {
  return {
    address,
    name: null,
    problem: null,
    cores: 2,
    cpuPercent: 20,
    memoryBytes: 8 * 1024 ** 3,
    memoryUsedPercent: 95,
    diskUsedPercent: 69,
    uptimeSeconds: 100,
    ...changes,
  };
}

const REPORT: ClusterReport = {
  format: 1,
  time: TIME,
  cluster: 'shop',
  instances: [
    instance('nats@10.10.101.11'),
    instance('nats@10.10.101.12', {
      condition: 'degraded',
      detail: 'check client: 10.10.101.12 cannot connect to 127.0.0.1:4222: Connection refused\u001b[2J',
      sinceMs: null,
    }),
    instance('nats@10.10.101.13', {
      condition: 'unreachable',
      detail: '10.10.101.13 cannot be reached: there is no route to it',
      cpuPercent: null,
      memoryBytes: null,
      memoryPercent: null,
      restarts: null,
      sinceMs: null,
    }),
    instance('web@10.10.101.11', {
      condition: 'stopped',
      stoppedByUser: true,
      detail: 'stopped with `slipway stop`',
    }),
  ],
  hosts: [
    host('10.10.101.11', { name: 'edge' }),
    host('10.10.101.12'),
    host('10.10.101.13', {
      problem: '10.10.101.13 cannot be reached: there is no route to it',
      diskUsedPercent: null,
      cpuPercent: null,
      memoryUsedPercent: null,
    }),
  ],
};

describe('status', () => {
  it('fits into 80 columns', () => {
    expect(renderStatus(REPORT, { color: false, width: 80 })).toBe(
      `INSTANCE             STATE        SINCE  VERSION   CPU  MEM   MEMORY  DISK  RST
✔ nats@10.10.101.11  running         3m  1.4.0    3.4%  12%  300 MiB   69%    0
▲ nats@10.10.101.12  degraded            1.4.0    3.4%  12%  300 MiB   69%    0
? nats@10.10.101.13  unreachable         1.4.0
– web@10.10.101.11   stopped         3m  1.4.0    3.4%  12%  300 MiB   69%    0

10.10.101.13       cannot be reached: there is no route to it
nats@10.10.101.12  check client: 10.10.101.12 cannot connect to 127.0.0.1:4222:
                   Connection refused
web@10.10.101.11   stopped with \`slipway stop\`

4 instances on 3 hosts: 1 unreachable, 1 degraded, 1 stopped by slipway, 1 running.
`,
    );
  });

  it('leaves out the least important on a narrow terminal, and never why something is amiss', () => {
    const text = renderStatus(REPORT, { color: false, width: 44 });
    expect(text).toContain('INSTANCE             STATE        SINCE  CPU'.slice(0, 39));
    expect(text).not.toContain('VERSION');
    for (const line of text.split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(44);
    expect(text.replace(/\s+/g, ' ')).toContain('Connection refused');
  });

  it('says more on a wide one', () => {
    const [titles = ''] = renderStatus(REPORT, { color: false, width: 200 }).split('\n');
    expect(titles).toMatch(/HOST NAME.*MEMORY.*HOST CPU.*HOST MEM.*ENDPOINTS/);
  });

  it('shows states by colours as well', () => {
    const text = renderStatus(REPORT, { color: true, width: 80 });
    expect(text).toContain('\u001b[33m▲ nats@10.10.101.12');
    expect(text).toContain('\u001b[1;31m? nats@10.10.101.13');
    expect(text).not.toContain('\u001b[2J');
  });

  it('says that there is nothing', () => {
    expect(renderStatus({ ...REPORT, instances: [] }, { color: false, width: 80 })).toBe(
      'There are no instances.\n',
    );
  });
});
