import type { AttributeMap } from '../resources/resource.ts';
import type { InstanceState } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';

/** Leaves each `once` script with the lowest index of its component only. */
export function assignOnceScripts(
  desired: ReadonlyMap<string, DesiredInstance>,
): ReadonlyMap<string, DesiredInstance> {
  const lowest = new Map<string, number>();
  for (const { declaration } of desired.values()) {
    const known = lowest.get(declaration.component);
    if (known === undefined || declaration.index < known)
      lowest.set(declaration.component, declaration.index);
  }
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

/** By component: the `once` scripts that its instances have run, by resource address. */
export function recordedOnceScripts(
  instances: Iterable<InstanceState>,
): ReadonlyMap<string, ReadonlyMap<string, { readonly attributes: AttributeMap; readonly holder: string }>> {
  const result = new Map<string, Map<string, { attributes: AttributeMap; holder: string }>>();
  for (const instance of instances) {
    for (const resource of instance.resources) {
      if (resource.kind !== 'script' || resource.attributes['once'] !== true) continue;
      const scripts =
        result.get(instance.component) ?? new Map<string, { attributes: AttributeMap; holder: string }>();
      scripts.set(resource.address, { attributes: resource.attributes, holder: instance.address });
      result.set(instance.component, scripts);
    }
  }
  return result;
}
