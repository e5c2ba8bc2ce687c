import { instanceAddress } from './model.ts';
import type { InstanceAddress, PriorPlacement } from './model.ts';

/**
 * The index of each host of a component: kept where there was one, else the lowest free integer in the order of the spec.
 * An index that this spec frees is not given out again, so that nothing takes the place of what is still being removed.
 */
export function allocateIndices(
  component: string,
  hosts: readonly string[],
  prior: ReadonlyMap<string, PriorPlacement>,
): ReadonlyMap<string, number> {
  const taken = new Set([...prior.values()].map((p) => p.index));
  const indices = new Map<string, number>();
  let next = 0;
  for (const host of hosts) {
    const kept = prior.get(instanceAddress(component, host));
    if (kept) {
      indices.set(host, kept.index);
      continue;
    }
    while (taken.has(next)) next++;
    indices.set(host, next++);
  }
  return indices;
}

/** Prior placements by component. */
export function placementsByComponent(
  placements: ReadonlyMap<InstanceAddress, PriorPlacement>,
): ReadonlyMap<string, ReadonlyMap<InstanceAddress, PriorPlacement>> {
  const grouped = new Map<string, Map<InstanceAddress, PriorPlacement>>();
  for (const [address, placement] of placements) {
    const component = address.slice(0, address.indexOf('@'));
    const group = grouped.get(component) ?? new Map<InstanceAddress, PriorPlacement>();
    grouped.set(component, group.set(address, placement));
  }
  return grouped;
}
