import type { HostLayout } from '../../../src/host/layout.ts';
import type { State } from '../../../src/state/model.ts';

export const EMPTY_LAYOUT: HostLayout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};

/** A state that knows hosts and nothing on them. */
export function emptyState(hosts: readonly string[]): State {
  const host = { name: null, labels: {}, provider: 'ssh', settings: {} } as const;
  return {
    lineage: 'lineage-1',
    serial: 1,
    cluster: 'shop',
    specVersion: null,
    hosts: new Map(hosts.map((address) => [address, host])),
    components: new Map(),
    instances: new Map(),
    outputs: new Map(),
  };
}
