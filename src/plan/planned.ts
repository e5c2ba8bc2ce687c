import { serviceInit } from '../host/facts.ts';
import type { HostLayout } from '../host/layout.ts';
import type { KindContext } from '../resources/resource.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import type { ComponentState, HostState } from '../state/model.ts';
import { hostStateOf } from './host-state.ts';
import type { PlanInput } from './input.ts';
import type { RenamedState } from './moves.ts';
import { recordedInits } from './unrefreshed.ts';
import type { InstanceChange, PlannedComponent, PlannedHost } from './plan.ts';

const ROOT_LAYOUT: HostLayout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};

export type HostContexts = (host: string, instance: string) => Omit<KindContext, 'triggersDigest'>;

/** What kinds are told of the hosts; of one that was not asked, what state remembers. */
export function hostContexts(input: PlanInput, prior: RenamedState): HostContexts {
  const recorded = input.refreshed ? new Map<string, never>() : recordedInits(prior.instances.values());
  const initOf = (host: string): KindContext['init'] => {
    const facts = input.observations.get(host)?.facts;
    return facts === undefined ? (recorded.get(host) ?? 'systemd') : serviceInit(facts);
  };
  return (host, instance) => ({
    lineage: input.lineage,
    instance,
    init: initOf(host),
    layout: input.layouts.get(host) ?? ROOT_LAYOUT,
    hmac: input.hmac,
  });
}

export function plannedHosts(
  input: PlanInput,
  changes: readonly InstanceChange[],
  contextOf: HostContexts,
): ReadonlyMap<string, PlannedHost> {
  const hosts = new Map<string, PlannedHost>();
  for (const { host, address } of changes) {
    if (hosts.has(host)) continue;
    const declared = input.cluster?.hosts.get(host);
    const recorded: HostState | undefined = input.state?.hosts.get(host);
    const state = declared === undefined ? recorded : hostStateOf(declared);
    if (state === undefined) throw new Error(`host ${host} stands in neither spec nor state`);
    const { layout, init } = contextOf(host, address);
    hosts.set(host, { address: host, name: state.name, state, layout, init });
  }
  return hosts;
}

export function plannedComponents(
  input: PlanInput,
  prior: RenamedState,
  dependsOn: ReadonlyMap<string, readonly string[]>,
  changes: readonly InstanceChange[],
  inScope: (component: string, host: string) => boolean,
): ReadonlyMap<string, PlannedComponent> {
  const removals = changes.filter((change) => change.action === 'remove');
  const removed = new Set(removals.map((change) => change.address));
  const losing = new Set(removals.map((change) => change.component));
  const kept = new Set<string>();
  for (const [address, instance] of prior.instances) if (!removed.has(address)) kept.add(instance.component);
  const components = new Map<string, PlannedComponent>();
  for (const name of dependsOn.keys()) {
    const declared = input.cluster?.components.get(name);
    const recorded = prior.components.get(name) ?? null;
    const after =
      declared === undefined
        ? kept.has(name)
          ? recorded
          : null
        : componentStateOf(declared, declared.hosts.every((host) => inScope(name, host)) ? null : recorded);
    const update = declared?.update ?? recorded?.update;
    if (update === undefined) continue;
    const needs = dependsOn.get(name) ?? [];
    const dependedOn = (recorded?.dependsOn ?? []).filter(
      (other) => losing.has(other) && dependsOn.has(other) && !needs.includes(other),
    );
    components.set(name, { name, dependsOn: needs, dependedOn, update, after });
  }
  return components;
}

/** `partly`: what state has of a component of which not every instance is in scope; what the others were made from stays known. */
export function componentStateOf(
  component: ComponentDeclaration,
  partly: ComponentState | null,
): ComponentState {
  const { cpu, memoryBytes, diskBytes, os } = component.requires;
  return {
    source: component.source,
    definitionDigest: partly?.definitionDigest ?? component.definitionDigest,
    dependsOn: component.dependsOn,
    preventDestroy: component.preventDestroy,
    inputDigests: partly?.inputDigests ?? component.inputDigests,
    update: component.update,
    requires: { cpu, memoryBytes, diskBytes, os },
  };
}
