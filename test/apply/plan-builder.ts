import type { HostLayout } from '../../src/host/layout.ts';
import type { InstanceChange, Plan, PlannedComponent, PlannedHost } from '../../src/plan/plan.ts';
import type {
  CheckDeclaration,
  EndpointDeclaration,
  InstanceDeclaration,
  UpdateRules,
} from '../../src/spec/model.ts';
import { NO_REQUIREMENTS } from '../../src/spec/model.ts';
import type { InstanceState } from '../../src/state/model.ts';

const LAYOUT: HostLayout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};
const RULES: UpdateRules = { canaries: 0, maxInFlight: { unit: 'percent', amount: 25 }, watchSeconds: 0 };

export interface ComponentSketch {
  readonly needs?: readonly string[];
  readonly update?: Partial<UpdateRules>;
}
export interface ChangeSketch {
  readonly action: 'install' | 'update' | 'remove' | 'none';
  readonly port?: number;
  readonly checks?: readonly CheckDeclaration[];
}

/** A plan from a sketch: components with what they need, and changes by instance address. Instances have no resources. */
export function sketchPlan(
  components: Readonly<Record<string, ComponentSketch>>,
  changes: Readonly<Record<string, ChangeSketch['action'] | ChangeSketch>>,
): Plan {
  const made = Object.entries(changes).map(([address, sketch], index) =>
    change(address, index, typeof sketch === 'string' ? { action: sketch } : sketch),
  );
  return {
    lineage: 'lineage',
    serial: 1,
    cluster: 'test',
    specVersion: null,
    specDigest: 'digest',
    mode: 'apply',
    refreshed: false,
    hosts: new Map(made.map(({ host }): [string, PlannedHost] => [host, plannedHost(host)])),
    components: new Map(
      Object.entries(components).map(([name, { needs = [], update = {} }]): [string, PlannedComponent] => [
        name,
        { name, dependsOn: needs, dependedOn: [], update: { ...RULES, ...update }, after: null },
      ]),
    ),
    changes: made,
    outputs: new Map(),
    warnings: [],
  };
}

function plannedHost(address: string): PlannedHost {
  const state = { name: null, labels: {}, provider: 'ssh', settings: {} } as const;
  return { address, name: null, state, layout: LAYOUT, init: 'systemd' };
}

function change(address: string, index: number, sketch: ChangeSketch): InstanceChange {
  const [component = '', host = ''] = address.split('@');
  const endpoints: EndpointDeclaration[] =
    sketch.port === undefined ? [] : [{ name: 'main', address: host, port: sketch.port, bind: host }];
  const declaration: InstanceDeclaration = {
    address,
    component,
    host,
    index,
    dir: `/opt/slipway/${component}`,
    resources: [],
    checks: sketch.checks ?? [],
    endpoints,
    logs: [],
    unknowns: [],
  };
  const prior: InstanceState = {
    address,
    component,
    host,
    index,
    dir: `/opt/slipway/${component}`,
    status: 'installed',
    run: 'earlier',
    specVersion: null,
    definitionDigest: 'before',
    resources: [],
    checks: [],
    endpoints,
    logs: [],
  };
  const desired = {
    declaration,
    dir: prior.dir,
    definitionDigest: 'after',
    resources: [],
    ignoreChanges: [],
    requires: NO_REQUIREMENTS,
  };
  const common = { address, component, host, notes: [] };
  switch (sketch.action) {
    case 'install':
      return { ...common, action: 'install', desired, resources: [] };
    case 'update':
      // A rename is the smallest update that has something to do on the host.
      return {
        ...common,
        action: 'update',
        desired,
        prior,
        movedFrom: `old-${address}`,
        resources: [],
        removals: [],
      };
    case 'remove':
      return { ...common, action: 'remove', prior, removals: [] };
    case 'none':
      return { ...common, action: 'none', desired, prior, bookkeeping: false };
  }
}
