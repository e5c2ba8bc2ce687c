import type { InstanceState, ResourceState } from '../../../src/state/model.ts';

export const HOST = '10.0.0.1';

/** What state keeps of a service that runs by a unit of slipway's. */
export function unitResource(name = 'nats', attributes: ResourceState['attributes'] = {}): ResourceState {
  return {
    kind: 'service',
    address: `service.${name}`,
    key: `unit ${name}`,
    attributes: {
      name,
      driver: 'unit',
      unit: 'digest',
      enabled: true,
      stop_timeout: 10,
      dir: '/opt/x',
      ...attributes,
    },
  };
}

export function fileResource(attributes: ResourceState['attributes'] = {}): ResourceState {
  return {
    kind: 'file',
    address: 'file.config',
    key: 'file /etc/nats.conf',
    attributes: {
      path: '/etc/nats.conf',
      owner: 'root',
      group: 'root',
      mode: '0644',
      content: 'sha256:abc',
      ...attributes,
    },
  };
}

export function instanceState(changes: Partial<InstanceState> = {}): InstanceState {
  return {
    address: `nats@${HOST}`,
    component: 'nats',
    host: HOST,
    index: 0,
    dir: '/opt/slipway/nats',
    status: 'installed',
    run: 'run-1',
    specVersion: '1.4.0',
    definitionDigest: 'd',
    resources: [unitResource()],
    checks: [
      {
        name: 'client',
        target: { type: 'tcp', address: HOST, port: 4222 },
        intervalMs: 1000,
        timeoutMs: 60_000,
      },
    ],
    endpoints: [{ name: 'client', address: HOST, port: 4222, bind: HOST }],
    logs: [],
    ...changes,
  };
}
