import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { runError } from '../diagnostics/diagnostic.ts';
import type { HostObservation } from '../host/observation.ts';
import { renameInstance, withoutOwner } from '../host/record.ts';
import type { KindContext, ResourceRemoval } from '../resources/resource.ts';
import { findClaimConflicts, findHeldClaims } from './claims.ts';
import type { PlanInput } from './input.ts';
import { planInstance } from './instance-changes.ts';
import { leavers } from './leavers.ts';
import { applyMoves, interruptedMoves, type RenamedState } from './moves.ts';
import { findConflicts, protectedFromRemoval, tellDeadlock } from './obstacles.ts';
import { assignOnceScripts, onceScriptsDone, wantedOnceScripts } from './once.ts';
import { hostContexts, plannedComponents, plannedHosts } from './planned.ts';
import { checkHost } from './preflight/check-host.ts';
import { diagnosticsOf } from './preflight/finding.ts';
import { planRemovals } from './removals.ts';
import { buildRunGraph } from './run-graph.ts';
import { scopeFilter, selects } from './scope.ts';
import type { InstanceChange, Plan } from './plan.ts';

/**
 * Makes the plan: what each instance in scope needs, in which order, and why. Pure: no clock, no I/O.
 * A plan comes even beside errors, so that all of them can be shown; it must not be applied then.
 */
export function planChanges(given: PlanInput): {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
} {
  const renamed = applyMoves(
    { instances: given.state?.instances ?? new Map(), components: given.state?.components ?? new Map() },
    given.cluster?.moves ?? [],
    (address) => given.desired.has(address),
  );
  const prior = { ...renamed, movedFrom: new Map([...renamed.movedFrom, ...interruptedMoves(given)]) };
  const dependsOn = dependencies(given, prior);
  const inScope = scopeFilter(given.scope, given.mode, dependsOn);
  const wantedOnce = wantedOnceScripts(given.desired.values());
  const desired = assignOnceScripts(given.desired, prior.instances.values(), inScope);
  const input: PlanInput = { ...given, desired };
  const observations = withRenames(input, prior);
  const contextOf = hostContexts(input, prior);
  const diagnostics: Diagnostic[] = renamed.collisions.map(cannotMove);
  const changes: InstanceChange[] = [];
  const onceOf = (component: string): ReadonlySet<string> => wantedOnce.get(component) ?? NONE;
  const doneElsewhere = onceScriptsDone(prior.instances.values(), observations);
  const { leaving, leaves } = leavers(input, prior, inScope, contextOf);

  // What instances share goes with the last of them: each finds the records as those before it leave them.
  const remaining = new Map(observations);
  const letGo = (host: string, instance: string, removals: readonly ResourceRemoval[]): void => {
    const observation = remaining.get(host);
    if (observation === undefined || removals.length === 0) return;
    const keys = new Set(removals.map(({ recorded }) => recorded.key));
    const record = withoutOwner(observation.record, input.lineage, instance, keys);
    remaining.set(host, { ...observation, record });
  };

  for (const [address, instance] of desired) {
    const { component, host } = instance.declaration;
    if (!inScope(component, host)) continue;
    const declaration = input.cluster?.components.get(component);
    if (declaration === undefined) throw new Error(`instance ${address} of an undeclared component`);
    const recorded = prior.instances.get(address) ?? null;
    const unfinished = input.unfinished.has(renamed.movedFrom.get(address) ?? address);
    const replace = input.scope.replace.some((selector) => selects(selector, component, host));
    if (!input.refreshed && recorded !== null && (unfinished || recorded.status !== 'installed'))
      diagnostics.push(notTrusted(address));
    if (replace && recorded !== null)
      diagnostics.push(...protectedFromRemoval(recorded, 'replaced', input, prior));
    const change = planInstance({
      desired: instance,
      component: declaration,
      priorComponent: prior.components.get(component) ?? null,
      prior: recorded,
      observation: observations.get(host) ?? null,
      remaining: remaining.get(host) ?? null,
      context: contextOf(host, address),
      unfinished,
      replace,
      doneElsewhere: doneElsewhere(component, address),
      onceScripts: onceOf(component),
      leaves,
      movedFrom: prior.movedFrom.get(address) ?? null,
    });
    changes.push(change);
    if (change.action === 'update' && !replace) letGo(host, address, change.removals);
  }
  const rank = new Map(componentOrder(input, dependsOn).map((name, position) => [name, position]));
  const rankOf = (component: string): number => rank.get(component) ?? 0;
  for (const instance of leaving.toSorted((a, b) => rankOf(b.component) - rankOf(a.component))) {
    diagnostics.push(...protectedFromRemoval(instance, 'removed', input, prior));
    const { address, component, host } = instance;
    const context: KindContext = { ...contextOf(host, address), triggersDigest: '' };
    const observation = remaining.get(host) ?? null;
    const removals = planRemovals(instance.resources, observation, context, onceOf(component));
    changes.push({ action: 'remove', address, component, host, prior: instance, removals, notes: [] });
    letGo(host, address, removals);
  }

  diagnostics.push(
    ...changes.flatMap((change) =>
      findConflicts(change, { ...contextOf(change.host, change.address), triggersDigest: '' }, input),
    ),
    ...findClaimConflicts(input.desired.values(), input.layouts, (host, instance) => ({
      ...contextOf(host, instance),
      triggersDigest: '',
    })),
    ...findHeldClaims(input.desired.values(), prior.instances.values(), inScope),
    ...preflight(input, prior, inScope, changes),
  );
  changes.sort(
    (a, b) =>
      compareHosts(a.host, b.host) ||
      Number(a.action === 'remove') - Number(b.action === 'remove') ||
      (a.action === 'remove' ? -1 : 1) * (rankOf(a.component) - rankOf(b.component)),
  );
  const components = plannedComponents(input, prior, dependsOn, changes, inScope);
  const { gaps, deadlocks } = buildRunGraph({ components, changes });
  diagnostics.push(...deadlocks.map(tellDeadlock));
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
      hosts: plannedHosts(input, changes, contextOf),
      components,
      changes,
      outputs: input.outputs,
      warnings: [...keptDirectories(changes), ...gaps],
    },
  };
}

const NONE: ReadonlySet<string> = new Set();

/** What the hosts told, their records already under the names that `moved` blocks give: each script begins with its rename. */
function withRenames(input: PlanInput, { movedFrom }: RenamedState): ReadonlyMap<string, HostObservation> {
  const observations = new Map(input.observations);
  for (const [to, from] of movedFrom) {
    const host = to.slice(to.indexOf('@') + 1);
    const observation = observations.get(host);
    if (observation === undefined) continue;
    const record = renameInstance(observation.record, input.lineage, from, to);
    observations.set(host, { ...observation, record });
  }
  return observations;
}

/** Dependencies by spec where a component is declared, else as state recorded them. */
function dependencies(input: PlanInput, prior: RenamedState): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  for (const [name, component] of prior.components) result.set(name, component.dependsOn);
  for (const [name, component] of input.cluster?.components ?? []) result.set(name, component.dependsOn);
  return result;
}

function cannotMove(address: string): Diagnostic {
  return runError(
    `${address} cannot be moved`,
    'The component that a moved block moves it to has an instance on that host already. Take the moved block out, or remove one of the two first.',
  );
}

function notTrusted(address: string): Diagnostic {
  return runError(
    `${address} was not finished by the last run`,
    'What is recorded of it cannot be trusted without a look at its host. Plan without --refresh=false, or leave it out with --exclude.',
  );
}

function preflight(
  input: PlanInput,
  prior: RenamedState,
  inScope: (component: string, host: string) => boolean,
  changes: readonly InstanceChange[],
): readonly Diagnostic[] {
  const changed = new Set(changes.filter(({ action }) => action !== 'none').map(({ address }) => address));
  // What is out of scope and not there yet will not come: it needs nothing.
  const counted = [...input.desired.values()].filter(
    ({ declaration: { address, component, host } }) =>
      inScope(component, host) || prior.instances.has(address),
  );
  const desiredByHost = groupByHost(counted, (instance) => instance.declaration.host);
  const priorByHost = groupByHost([...prior.instances.values()], (instance) => instance.host);
  const diagnostics: Diagnostic[] = [];
  for (const [host, observation] of input.observations) {
    const desired = desiredByHost.get(host) ?? [];
    const load = {
      host,
      observation,
      desired,
      prior: priorByHost.get(host) ?? [],
      inScope: (component: string) => inScope(component, host),
      changes: (address: string) => changed.has(address),
    };
    diagnostics.push(...diagnosticsOf(checkHost(load, input.lineage)));
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

function keptDirectories(changes: readonly InstanceChange[]): readonly string[] {
  return changes.flatMap((change) => {
    if (change.action !== 'remove' && change.action !== 'update') return [];
    return change.removals.flatMap(({ recorded, fate }) => {
      if (fate.fate !== 'kept' || fate.why !== 'on_remove' || (fate.entries ?? 0) === 0) return [];
      const content = fate.entries === 1 ? 'what lies in it' : `the ${fate.entries} entries that lie in it`;
      return [`${String(recorded.attributes['path'])} on ${change.host} is kept with ${content}`];
    });
  });
}
