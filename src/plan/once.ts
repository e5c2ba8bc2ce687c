import type { HostObservation } from '../host/observation.ts';
import { DONE_NOTE } from '../resources/script.ts';
import type { AttributeMap } from '../resources/resource.ts';
import type { InstanceState, ResourceState } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';

/**
 * Leaves each `once` script with one instance of its component: of those that are there after the plan, the one with the lowest
 * index. `recorded` are the instances of the state: what is out of scope stays, and what is not there yet does not come.
 */
export function assignOnceScripts(
  desired: ReadonlyMap<string, DesiredInstance>,
  recorded: Iterable<InstanceState>,
  inScope: (component: string, host: string) => boolean,
): ReadonlyMap<string, DesiredInstance> {
  const lowest = new Map<string, number>();
  const count = (component: string, index: number): void => {
    lowest.set(component, Math.min(index, lowest.get(component) ?? Infinity));
  };
  for (const { declaration } of desired.values())
    if (inScope(declaration.component, declaration.host)) count(declaration.component, declaration.index);
  for (const { component, host, index } of recorded) if (!inScope(component, host)) count(component, index);
  const result = new Map<string, DesiredInstance>();
  for (const [address, instance] of desired) {
    const holds = lowest.get(instance.declaration.component) === instance.declaration.index;
    const drop = !holds && instance.resources.some(isOnce);
    result.set(
      address,
      drop ? { ...instance, resources: instance.resources.filter((r) => !isOnce(r)) } : instance,
    );
  }
  return result;
}

function isOnce(resource: DesiredInstance['resources'][number]): boolean {
  return resource.kind === 'script' && resource.once;
}

/** By component: addresses of the `once` scripts that it has. */
export function wantedOnceScripts(
  desired: Iterable<DesiredInstance>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const result = new Map<string, Set<string>>();
  for (const { declaration, resources } of desired) {
    for (const resource of resources) {
      if (!isOnce(resource)) continue;
      const addresses = result.get(declaration.component) ?? new Set<string>();
      result.set(declaration.component, addresses.add(resource.address));
    }
  }
  return result;
}

/**
 * Has another instance of the component run this `once` script, so that it need not run again? null: no. `made`: slipway ran
 * it there, and did not find it done.
 */
export type DoneElsewhere = (address: string, attributes: AttributeMap) => { readonly made: boolean } | null;

/** For each instance, what of its component's `once` scripts others have run, by their hosts' records where those were asked. */
export function onceScriptsDone(
  instances: Iterable<InstanceState>,
  observations: ReadonlyMap<string, HostObservation>,
): (component: string, instance: string) => DoneElsewhere {
  const byComponent = new Map<string, Map<string, { holder: InstanceState; script: ResourceState }>>();
  for (const holder of instances) {
    for (const script of holder.resources) {
      if (script.kind !== 'script' || script.attributes['once'] !== true) continue;
      const scripts = byComponent.get(holder.component) ?? new Map<string, never>();
      byComponent.set(holder.component, scripts.set(script.address, { holder, script }));
    }
  }
  return (component, instance) => (address, attributes) => {
    const found = byComponent.get(component)?.get(address);
    if (found === undefined || found.holder.address === instance) return null;
    const { holder, script } = found;
    if (attributes['once'] !== true || script.attributes['triggers'] !== attributes['triggers']) return null;
    const observation = observations.get(holder.host);
    if (observation === undefined) return holder.status === 'installed' ? { made: true } : null;
    const entry = observation.record.entries.get(script.key);
    if (entry?.notes.get(DONE_NOTE) !== attributes['triggers']) return null;
    return { made: entry?.before === null };
  };
}
