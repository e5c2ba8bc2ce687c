import type { ClusterReport, InstanceReport } from '../../src/app/operate/cluster-report.ts';
import type { ClusterSource } from '../../src/app/operate/cluster-watch.ts';

/** What a made-up cluster looks like; `round` makes the figures move. */
export function demoReport(instances: number, round = 0, time = Date.now()): ClusterReport {
  const components = ['api', 'edge-balancer', 'nats'];
  const hostOf = (i: number): string =>
    i % 17 === 12
      ? `2001:db8:85a3:8d3:1319:8a2e:370:${(7000 + i).toString(16)}`
      : `10.10.${100 + (i >> 8)}.${i & 255}`;
  return {
    format: 1,
    time,
    cluster: 'shop',
    instances: Array.from({ length: instances }, (_, i) => {
      const component = components[Math.floor((i * components.length) / instances)] ?? 'nats';
      return demoInstance(component, hostOf(i), i, round, time);
    }),
    hosts: Array.from({ length: instances }, (_, i) => ({
      address: hostOf(i),
      name: i % 3 === 0 ? `edge-${i}` : null,
      problem: i % 23 === 4 ? 'no route to host 10.10.100.4 port 22 (connect timed out after 10 s)' : null,
      cores: 8,
      cpuPercent: i % 23 === 4 ? null : (i * 7 + round) % 100,
      memoryBytes: 16 * 2 ** 30,
      memoryUsedPercent: i % 23 === 4 ? null : (i * 13) % 97,
      diskUsedPercent: i % 23 === 4 ? null : (i * 31) % 99,
      uptimeSeconds: 86_400 * i,
    })),
  };
}

function demoInstance(
  component: string,
  host: string,
  i: number,
  round: number,
  time: number,
): InstanceReport {
  const running: InstanceReport = {
    address: `${component}@${host}`,
    component,
    host,
    index: i,
    condition: 'running',
    stoppedByUser: false,
    detail: null,
    sinceMs: time - 3_600_000 * (i + 1) - 1000 * round,
    version: `2.9.${i % 10}-1`,
    cpuPercent: ((i * 37 + round * 11) % 1600) / 10,
    memoryBytes: (i + 1) * 3_000_000,
    memoryPercent: (i % 60) + 0.3,
    restarts: i % 11 === 3 ? 2 : 0,
    services: [
      {
        resource: 'service.app',
        name: 'app.service',
        state: 'running',
        pid: 4000 + i,
        sinceMs: time - 3_600_000,
        restarts: 0,
      },
    ],
    checks: [{ name: 'answers', healthy: true, why: null }],
    endpoints: [{ name: 'client', address: host, port: 4222 }],
    drift: [],
    run: '20261120-1203-k3f',
  };
  switch (i % 23) {
    case 1:
      return {
        ...running,
        condition: 'degraded',
        detail: 'check ready: http://10.10.100.1:8080/ready answered 503 Service Unavailable, wanted 200',
        checks: [
          { name: 'answers', healthy: true, why: null },
          {
            name: 'ready',
            healthy: false,
            why: 'http://10.10.100.1:8080/ready answered 503 Service Unavailable, wanted 200',
          },
        ],
      };
    case 4:
      return {
        ...running,
        condition: 'unreachable',
        detail: 'no route to host 10.10.100.4 port 22 (connect timed out after 10 s)',
        sinceMs: null,
        cpuPercent: null,
        memoryBytes: null,
        memoryPercent: null,
        restarts: null,
        services: [],
        checks: [{ name: 'answers', healthy: null, why: null }],
      };
    case 7:
      return {
        ...running,
        condition: 'failed',
        detail: 'app.service has failed: \u001b[31mexit status 3\u001b[0m',
        services: [
          {
            resource: 'service.app',
            name: 'app.service',
            state: 'failed',
            pid: null,
            sinceMs: null,
            restarts: 5,
          },
        ],
      };
    case 11:
      return { ...running, condition: 'stopped', stoppedByUser: true, detail: 'stopped by slipway stop' };
    case 15:
      return {
        ...running,
        condition: 'drifted',
        detail: 'file.config: content changed',
        drift: ['file.config: content changed'],
      };
    default:
      return running;
  }
}

/** A made-up cluster to watch; a look takes `lookMs`, every seventh fails. */
export function demoSource(instances: number, lookMs: number): ClusterSource {
  let round = 0;
  return {
    intervalMs: 2000,
    async look() {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
      round++;
      if (round % 7 === 0) throw new Error('The state file shop.state.json cannot be read: EIO');
      return demoReport(instances, round);
    },
    async *logLines(instance, signal) {
      for (let line = 1; !signal.aborted; line++) {
        yield `${new Date().toISOString()} ${instance} line ${line}: \u001b[32mGET /orders 200\u001b[0m 日本語`;
        if (line > 8) await new Promise((resolve) => setTimeout(resolve, 400));
      }
    },
    lastRun: () =>
      Promise.resolve({
        run: '20261120-1203-k3f',
        operation: 'apply',
        owner: 'ann@ops-1',
        startedAt: Date.now() - 7_200_000,
        finishedAt: Date.now() - 7_100_000,
        outcome: 'succeeded',
        logPath: '.slipway/runs/20261120-1203-k3f/api_0.log',
      }),
  };
}
