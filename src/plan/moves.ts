import type { Move } from '../spec/model.ts';
import type { ComponentState, InstanceState } from '../state/model.ts';
import { instanceAddress } from '../spec/model.ts';

/** What state holds, under the names that the spec's `moved` blocks give it. */
export interface RenamedState {
  readonly instances: ReadonlyMap<string, InstanceState>;
  readonly components: ReadonlyMap<string, ComponentState>;
  /** New address to old address, of renamed instances only. */
  readonly movedFrom: ReadonlyMap<string, string>;
}

export function applyMoves(
  state: { instances: ReadonlyMap<string, InstanceState>; components: ReadonlyMap<string, ComponentState> },
  moves: readonly Move[],
): RenamedState {
  const renamed = finalNames(moves);
  if (renamed.size === 0) return { ...state, movedFrom: new Map() };
  const instances = new Map<string, InstanceState>();
  const movedFrom = new Map<string, string>();
  for (const [address, instance] of state.instances) {
    const component = renamed.get(instance.component);
    if (component === undefined) {
      instances.set(address, instance);
      continue;
    }
    const to = instanceAddress(component, instance.host);
    movedFrom.set(to, address);
    instances.set(to, {
      ...instance,
      address: to,
      component,
      resources: instance.resources.map((resource) => ({
        ...resource,
        key: renameKey(resource.key, address, to),
      })),
    });
  }
  const components = new Map<string, ComponentState>();
  for (const [name, component] of state.components) {
    const dependsOn = component.dependsOn.map((dependency) => renamed.get(dependency) ?? dependency);
    components.set(renamed.get(name) ?? name, { ...component, dependsOn });
  }
  return { instances, components, movedFrom };
}

/** Follows chains: `a -> b`, `b -> c` gives `a -> c`, `b -> c`. */
function finalNames(moves: readonly Move[]): ReadonlyMap<string, string> {
  const next = new Map(moves.map((move) => [move.from, move.to]));
  const result = new Map<string, string>();
  for (const from of next.keys()) {
    let to = from;
    for (let hop = 0; hop <= moves.length && next.has(to); hop++) to = next.get(to) ?? to;
    result.set(from, to);
  }
  return result;
}

/** A script's record key holds its instance's address. */
export function renameKey(key: string, from: string, to: string): string {
  return key.startsWith(`script ${from}/`) ? `script ${to}/${key.slice(`script ${from}/`.length)}` : key;
}
