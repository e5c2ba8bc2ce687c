import type { ComponentState, HostState, InstanceState, State } from '../../src/state/model.ts';

/** States out of literal objects, small and whole. */

export function sampleInstance(
  component: string,
  host: string,
  more: Partial<InstanceState> = {},
): InstanceState {
  return {
    address: `${component}@${host}`,
    component,
    host,
    index: 0,
    dir: `/opt/slipway/${component}`,
    status: 'installed',
    run: '20260102T030405-0001',
    specVersion: '1.4.0',
    definitionDigest: 'd'.repeat(64),
    resources: [
      {
        kind: 'file',
        address: 'file.config',
        key: `file /etc/${component}.conf`,
        attributes: { path: `/etc/${component}.conf`, mode: '0640', owner: null },
      },
    ],
    checks: [
      {
        name: 'listening',
        target: { type: 'tcp', address: host, port: 4222 },
        intervalMs: 1000,
        timeoutMs: 30_000,
      },
    ],
    endpoints: [{ name: 'client', address: host, port: 4222, bind: '0.0.0.0' }],
    logs: [{ name: 'server', files: `/var/log/${component}/*.log`, unit: null }],
    ...more,
  };
}

export const sampleComponent: ComponentState = {
  source: './components/nats',
  definitionDigest: 'd'.repeat(64),
  dependsOn: [],
  preventDestroy: false,
  inputDigests: { port: 'e'.repeat(64) },
  update: { canaries: 1, maxInFlight: { unit: 'percent', amount: 25 }, watchSeconds: 30 },
};

export function sampleHost(name: string | null = null): HostState {
  return {
    name,
    labels: name === null ? {} : { zone: 'a' },
    provider: 'ssh',
    settings: { user: 'deploy', port: 2222, password: { variable: 'ssh_password' } },
  };
}

/** Two hosts, `edge` (10.0.0.1) and 10.0.0.2; `nats` on both and `api` on the second; three outputs, one of them sensitive. */
export function sampleState(serial = 1): State {
  const instances = [
    sampleInstance('nats', '10.0.0.1'),
    sampleInstance('nats', '10.0.0.2', { index: 1, status: 'failed' }),
    sampleInstance('api', '10.0.0.2', { endpoints: [], checks: [], logs: [] }),
  ];
  return {
    lineage: '6f1f9d0e-0000-4000-8000-000000000001',
    serial,
    cluster: 'shop',
    specVersion: '1.4.0',
    hosts: new Map([
      ['10.0.0.1', sampleHost('edge')],
      ['10.0.0.2', sampleHost()],
    ]),
    components: new Map([
      ['nats', sampleComponent],
      ['api', { ...sampleComponent, source: './components/api', dependsOn: ['nats'] }],
    ]),
    instances: new Map(instances.map((instance) => [instance.address, instance])),
    outputs: new Map([
      ['bus', { sensitive: false, value: ['10.0.0.1:4222', '10.0.0.2:4222'] }],
      ['greeting', { sensitive: false, value: 'hello "world"' }],
      ['token', { sensitive: true }],
    ]),
  };
}
