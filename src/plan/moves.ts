import { renamedKey } from '../host/record.ts';
import type { PlanInput } from './input.ts';
import type { Move } from '../spec/model.ts';
import type { ComponentState, InstanceState } from '../state/model.ts';
import { instanceAddress } from '../spec/model.ts';

/** What state holds, under the names that the spec's `moved` blocks give it. */
export interface RenamedState {
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly components: ReadonlyMap<string, ComponentState>;
  /** New address to old address, of renamed instances only. */
  readonly movedFrom: ReadonlyMap<string, string>;
  /** Old addresses whose new one is taken by another instance already. */
  readonly collisions: readonly string[];
}

/**
 * State after the `moved` blocks. An instance that the spec does not want under its new address goes under its old one, by
 * which its host knows it; it counts to the component's new name all the same.
 */
export function applyMoves(
  state: { instances: ReadonlyMap<string, InstanceState>; components: ReadonlyMap<string, ComponentState> },
  moves: readonly Move[],
  isWanted: (address: string) => boolean,
): RenamedState {
  const renamed = newNames(moves);
  if (renamed.size === 0) return { ...state, movedFrom: new Map(), collisions: [] };
  const instances = new Map<string, InstanceState>();
  const movedFrom = new Map<string, string>();
  const collisions: string[] = [];
  for (const [address, instance] of state.instances) {
    const component = renamed.get(instance.component);
    if (component === undefined) {
      instances.set(address, instance);
      continue;
    }
    const to = instanceAddress(component, instance.host);
    const isTaken = state.instances.has(to);
    if (isTaken) collisions.push(address);
    if (isTaken || !isWanted(to)) {
      instances.set(address, { ...instance, component });
      continue;
    }
    movedFrom.set(to, address);
    instances.set(to, {
      ...instance,
      address: to,
      component,
      resources: instance.resources.map((resource) => ({
        ...resource,
        key: renamedKey(resource.key, address, to),
      })),
    });
  }
  const components = new Map<string, ComponentState>();
  for (const [name, component] of state.components) {
    const dependsOn = component.dependsOn.map((dependency) => renamed.get(dependency) ?? dependency);
    const to = renamed.get(name) ?? name;
    // Where one component becomes part of another, the guard of either binds.
    const preventDestroy = component.preventDestroy || components.get(to)?.preventDestroy === true;
    components.set(to, { ...component, dependsOn, preventDestroy });
  }
  return { instances, components, movedFrom, collisions };
}

/** New names of components by old ones. Chains of moves were resolved when they were read. */
export function newNames(moves: readonly Move[]): ReadonlyMap<string, string> {
  return new Map(moves.map(({ from, to }) => [from, to]));
}

/**
 * Renames that a killed run had written to state but not yet to the host: the host's record still has the old name.
 * New address to old address.
 */
export function interruptedMoves(input: PlanInput): ReadonlyMap<string, string> {
  const movedFrom = new Map<string, string>();
  for (const [from, to] of newNames(input.cluster?.moves ?? [])) {
    for (const { declaration } of input.desired.values()) {
      if (declaration.component !== to) continue;
      const old = instanceAddress(from, declaration.host);
      if (input.state?.instances.has(old) === true) continue;
      const record = input.observations.get(declaration.host)?.record;
      const named = [...(record?.entries.values() ?? [])].some((entry) =>
        entry.owners.some((owner) => owner.lineage === input.lineage && owner.instance === old),
      );
      if (named) movedFrom.set(declaration.address, old);
    }
  }
  return movedFrom;
}
