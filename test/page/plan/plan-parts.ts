import type {
  InstancePlan,
  PlanAnswer,
  PlanHost,
  PlanStage,
  PlanView,
  ResourcePlan,
} from '../../../src/page/api/plan-types.ts';

export function resource(address: string, more: Partial<ResourcePlan> = {}): ResourcePlan {
  return {
    address,
    kind: address.split('.')[0] ?? '',
    subject: null,
    action: 'update',
    attributes: [],
    diff: null,
    content: null,
    reason: null,
    fate: null,
    conflict: null,
    ...more,
  };
}

export function instance(
  address: string,
  action: InstancePlan['action'],
  more: Partial<InstancePlan> = {},
): InstancePlan {
  return {
    address,
    component: address.split('@')[0] ?? '',
    action,
    movedFrom: null,
    reasons: [],
    resources: [],
    unchanged: 0,
    restarts: [],
    ...more,
  };
}

/** A plan of these instances, each on the host that its address names. */
export function planOf(
  instances: readonly InstancePlan[],
  order: readonly PlanStage[],
  more: Partial<PlanAnswer> = {},
): PlanAnswer {
  const hosts = new Map<string, PlanHost & { changes: InstancePlan[] }>();
  for (const one of instances) {
    const address = one.address.split('@')[1] ?? '';
    const host = hosts.get(address) ?? { address, name: null, changes: [], unchanged: [] };
    host.changes.push(one);
    hosts.set(address, host);
  }
  const of = (...actions: readonly string[]): number =>
    instances.filter(({ action }) => actions.includes(action)).length;
  const view: PlanView = {
    cluster: 'shop',
    specVersion: null,
    serial: 1,
    refreshed: true,
    hosts: [...hosts.values()],
    order,
    warnings: [],
    summary: {
      install: of('install'),
      update: of('update', 'replace'),
      remove: of('remove'),
      unchanged: 0,
      restarts: instances.flatMap(({ restarts }) => restarts).length,
    },
  };
  return {
    plan: 'd'.repeat(64),
    does: 'apply',
    order: { does: 'apply' },
    changes: instances.length > 0,
    view,
    diagnostics: [],
    ...more,
  };
}
