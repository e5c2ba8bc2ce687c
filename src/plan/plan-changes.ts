import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorAt, runError } from '../diagnostics/diagnostic.ts';
import type { HostObservation } from '../host/observation.ts';
import type { HostLayout } from '../host/layout.ts';
import { withoutOwner } from '../host/record.ts';
import type { KindContext } from '../resources/resource.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import type { ComponentState, HostState, InstanceState } from '../state/model.ts';
import { findClaimConflicts } from './claims.ts';
import { hostStateOf } from './host-state.ts';
import type { PlanInput } from './input.ts';
import { planInstance } from './instance-changes.ts';
import { applyMoves, type RenamedState } from './moves.ts';
import { recordedOnceScripts } from './once.ts';
import { checkHost } from './preflight.ts';
import { planRemovals } from './removals.ts';
import { scopeFilter, selects } from './scope.ts';
import type { InstanceChange, Plan, PlannedComponent, PlannedHost } from './plan.ts';

const ROOT_LAYOUT: HostLayout = {
  stateDir: '/var/lib/slipway',
  secretsDir: '/run/slipway',
  instancesDir: '/opt/slipway',
  confined: false,
};

/**
 * Makes the plan: what each instance in scope needs, in which order, and why. Pure: no clock, no I/O.
 * A plan comes even beside errors, so that all of them can be shown; it must not be applied then.
 */
export function planChanges(input: PlanInput): {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
} {
  const prior = applyMoves(
    { instances: input.state?.instances ?? new Map(), components: input.state?.components ?? new Map() },
    input.cluster?.moves ?? [],
  );
  const dependsOn = dependencies(input, prior);
  const inScope = scopeFilter(input.scope, input.mode, dependsOn);
  const contextOf = contextFactory(input);
  const diagnostics: Diagnostic[] = [];
  const changes: InstanceChange[] = [];
  const once = recordedOnceScripts(prior.instances.values());

  for (const [address, desired] of input.desired) {
    const { component, host } = desired.declaration;
    if (!inScope(component, host)) continue;
    const declaration = input.cluster?.components.get(component);
    if (declaration === undefined) throw new Error(`instance ${address} of an undeclared component`);
    const recorded = prior.instances.get(address) ?? null;
    changes.push(
      planInstance({
        desired,
        component: declaration,
        priorComponent: prior.components.get(component) ?? null,
        prior: recorded,
        observation: input.observations.get(host) ?? null,
        context: contextOf(host, address),
        unfinished: input.unfinished.has(prior.movedFrom.get(address) ?? address),
        replace: input.scope.replace.some((selector) => selects(selector, component, host)),
        doneElsewhere: new Map(
          [...(once.get(component) ?? [])]
            .filter(([, script]) => script.holder !== address)
            .map(([resource, script]) => [resource, script.attributes]),
        ),
        movedFrom: prior.movedFrom.get(address) ?? null,
        specVersion: input.cluster?.version ?? null,
      }),
    );
  }
  const staying = new Set([...input.desired.values()].map((instance) => instance.declaration.component));
  const observations = new Map(input.observations);
  const leaving = [...prior.instances.values()].filter(
    (instance) => !input.desired.has(instance.address) && inScope(instance.component, instance.host),
  );
  const rank = new Map(componentOrder(input, dependsOn).map((name, position) => [name, position]));
  const rankOf = (component: string): number => rank.get(component) ?? 0;
  leaving.sort((a, b) => rankOf(b.component) - rankOf(a.component));
  for (const instance of leaving) {
    const { address, host } = instance;
    diagnostics.push(...protectedFromRemoval(address, instance, input, prior));
    const observation = observations.get(host) ?? null;
    changes.push(removal(instance, staying.has(instance.component), observation, contextOf));
    if (observation !== null) {
      // The next one to leave this host finds this one gone: what they share goes with the last.
      const record = withoutOwner(observation.record, input.lineage, address);
      observations.set(host, { ...observation, record });
    }
  }

  diagnostics.push(
    ...changes.flatMap(findConflicts),
    ...findClaimConflicts(input.desired.values(), input.layouts, (host, instance) => ({
      ...contextOf(host, instance),
      triggersDigest: '',
    })),
    ...preflight(input, prior, inScope),
  );
  changes.sort((a, b) => compareHosts(a.host, b.host) || rankOf(a.component) - rankOf(b.component));
  return {
    diagnostics,
    plan: {
      lineage: input.lineage,
      serial: input.state?.serial ?? 0,
      cluster: input.cluster?.name ?? input.state?.cluster ?? null,
      specVersion: input.cluster?.version ?? input.state?.specVersion ?? null,
      specDigest: input.cluster?.digest ?? '',
      mode: input.mode,
      refreshed: input.refreshed,
      hosts: plannedHosts(input, changes),
      components: plannedComponents(input, prior, dependsOn, changes),
      changes,
      outputs: input.outputs,
      warnings: warnings(changes),
    },
  };
}

function contextFactory(
  input: PlanInput,
): (host: string, instance: string) => Omit<KindContext, 'triggersDigest'> {
  return (host, instance) => ({
    lineage: input.lineage,
    instance,
    init: input.observations.get(host)?.facts.init ?? 'systemd',
    layout: input.layouts.get(host) ?? ROOT_LAYOUT,
    hmac: input.hmac,
  });
}

/** Dependencies by spec where a component is declared, else as state recorded them. */
function dependencies(input: PlanInput, prior: RenamedState): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  for (const [name, component] of prior.components) result.set(name, component.dependsOn);
  for (const [name, component] of input.cluster?.components ?? []) result.set(name, component.dependsOn);
  return result;
}

function removal(
  prior: InstanceState,
  componentStays: boolean,
  observation: HostObservation | null,
  contextOf: ReturnType<typeof contextFactory>,
): InstanceChange {
  const { address, component, host } = prior;
  const keptOnce = componentStays
    ? prior.resources
        .filter((r) => r.kind === 'script' && r.attributes['once'] === true)
        .map((r) => r.address)
    : [];
  const context: KindContext = { ...contextOf(host, address), triggersDigest: '' };
  const removals = planRemovals(prior.resources, observation, context, new Set(keptOnce));
  return { action: 'remove', address, component, host, prior, removals, notes: [] };
}

/** Resources whose place on the host is taken by something that slipway must not touch. */
function findConflicts(change: InstanceChange): readonly Diagnostic[] {
  if (change.action !== 'install' && change.action !== 'update') return [];
  return change.resources.flatMap((planned) => {
    if (planned.action !== 'update' || planned.observed.state !== 'conflict') return [];
    const { resource, observed } = planned;
    const summary = `${resource.address} of ${change.address} cannot be put in place`;
    return [
      errorAt(
        resource.range,
        summary,
        `On ${change.host}, ${observed.what}. Move it away, or choose another place.`,
      ),
    ];
  });
}

function protectedFromRemoval(
  address: string,
  instance: InstanceState,
  input: PlanInput,
  prior: RenamedState,
): readonly Diagnostic[] {
  const declared: ComponentDeclaration | undefined = input.cluster?.components.get(instance.component);
  const recorded: ComponentState | undefined = prior.components.get(instance.component);
  if (declared?.preventDestroy !== true && recorded?.preventDestroy !== true) return [];
  const summary = `${address} must not be removed`;
  const detail = `Component "${instance.component}" has prevent_destroy = true. Set it to false and apply that first, or keep the instance in the spec.`;
  return [declared === undefined ? runError(summary, detail) : errorAt(declared.range, summary, detail)];
}

function preflight(
  input: PlanInput,
  prior: RenamedState,
  inScope: (component: string, host: string) => boolean,
): readonly Diagnostic[] {
  const desiredByHost = groupByHost([...input.desired.values()], (instance) => instance.declaration.host);
  const priorByHost = groupByHost([...prior.instances.values()], (instance) => instance.host);
  const diagnostics: Diagnostic[] = [];
  for (const [host, observation] of input.observations) {
    const desired = desiredByHost.get(host) ?? [];
    if (!desired.some((instance) => inScope(instance.declaration.component, host))) continue;
    const load = { host, observation, desired, prior: priorByHost.get(host) ?? [] };
    diagnostics.push(...checkHost(load, input.cluster?.components ?? new Map(), input.lineage));
  }
  return diagnostics;
}

function groupByHost<T>(items: readonly T[], hostOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const result = new Map<string, T[]>();
  for (const item of items) {
    const list = result.get(hostOf(item));
    if (list === undefined) result.set(hostOf(item), [item]);
    else list.push(item);
  }
  return result;
}

/** Spec order first; components that only state knows come after those they depend on. */
function componentOrder(
  input: PlanInput,
  dependsOn: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const dependency of dependsOn.get(name) ?? []) visit(dependency);
    order.push(name);
  };
  for (const name of input.cluster?.order ?? []) visit(name);
  for (const name of [...dependsOn.keys()].sort()) visit(name);
  return order;
}

/** Numbers inside addresses compare as numbers: 10.0.0.9 before 10.0.0.10. */
export function compareHosts(a: string, b: string): number {
  return a === b ? 0 : HOST_ORDER.compare(a, b);
}
const HOST_ORDER = new Intl.Collator('en', { numeric: true });

function plannedHosts(
  input: PlanInput,
  changes: readonly InstanceChange[],
): ReadonlyMap<string, PlannedHost> {
  const hosts = new Map<string, PlannedHost>();
  for (const { host } of changes) {
    if (hosts.has(host)) continue;
    const declared = input.cluster?.hosts.get(host);
    const recorded: HostState | undefined = input.state?.hosts.get(host);
    const state = declared === undefined ? recorded : hostStateOf(declared);
    if (state === undefined) throw new Error(`host ${host} stands in neither spec nor state`);
    const observation: HostObservation | undefined = input.observations.get(host);
    hosts.set(host, {
      address: host,
      name: state.name,
      state,
      layout: input.layouts.get(host) ?? ROOT_LAYOUT,
      init: observation?.facts.init ?? 'systemd',
      token: observation?.lock.token ?? null,
    });
  }
  return hosts;
}

function plannedComponents(
  input: PlanInput,
  prior: RenamedState,
  dependsOn: ReadonlyMap<string, readonly string[]>,
  changes: readonly InstanceChange[],
): ReadonlyMap<string, PlannedComponent> {
  const removed = new Set(
    changes.filter((change) => change.action === 'remove').map((change) => change.address),
  );
  const kept = new Set<string>();
  for (const [address, instance] of prior.instances) if (!removed.has(address)) kept.add(instance.component);
  const components = new Map<string, PlannedComponent>();
  for (const name of dependsOn.keys()) {
    const declared = input.cluster?.components.get(name);
    const recorded = prior.components.get(name) ?? null;
    const after = declared === undefined ? (kept.has(name) ? recorded : null) : componentStateOf(declared);
    const update = declared?.update ?? recorded?.update;
    if (update === undefined) continue;
    components.set(name, { name, dependsOn: dependsOn.get(name) ?? [], update, after });
  }
  return components;
}

function componentStateOf(component: ComponentDeclaration): ComponentState {
  return {
    source: component.source,
    definitionDigest: component.definitionDigest,
    dependsOn: component.dependsOn,
    preventDestroy: component.preventDestroy,
    inputDigests: component.inputDigests,
    update: component.update,
  };
}

function warnings(changes: readonly InstanceChange[]): readonly string[] {
  return changes.flatMap((change) =>
    change.action === 'remove' || change.action === 'update'
      ? change.removals.flatMap((removal) =>
          removal.fate.fate === 'kept' && removal.fate.why === 'on_remove' && (removal.fate.entries ?? 0) > 0
            ? [
                `${String(removal.recorded.attributes['path'])} on ${change.host} is kept with its ${removal.fate.entries ?? 0} entries`,
              ]
            : [],
        )
      : [],
  );
}
