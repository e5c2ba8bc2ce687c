import type { KindContext } from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import type { InstanceState } from '../state/model.ts';
import type { PlanInput } from './input.ts';
import type { RenamedState } from './moves.ts';

/** Who lets go of what in a plan. */
export interface Leavers {
  /** Instances in scope that the spec does not want. */
  readonly leaving: readonly InstanceState[];
  /** Does this instance let go of a thing of its host, by leaving or because its definition no longer has it? */
  readonly leaves: (instance: string, key: string) => boolean;
}

export function leavers(
  input: PlanInput,
  prior: RenamedState,
  inScope: (component: string, host: string) => boolean,
  contextOf: (host: string, instance: string) => Omit<KindContext, 'triggersDigest'>,
): Leavers {
  const leaving = [...prior.instances.values()].filter(
    ({ address, component, host }) => !input.desired.has(address) && inScope(component, host),
  );
  const gone = new Set(leaving.map(({ address }) => address));
  const wanted = new Map<string, ReadonlySet<string>>();
  const keysOf = (address: string): ReadonlySet<string> => {
    const known = wanted.get(address);
    if (known !== undefined) return known;
    const desired = input.desired.get(address);
    const keys = new Set<string>();
    if (desired !== undefined) {
      const context = { ...contextOf(desired.declaration.host, address), triggersDigest: '' };
      for (const resource of desired.resources) keys.add(kindOf(resource).key(resource, context));
    }
    wanted.set(address, keys);
    return keys;
  };
  const leaves = (instance: string, key: string): boolean => {
    if (gone.has(instance)) return true;
    const declaration = input.desired.get(instance)?.declaration;
    if (declaration === undefined || !inScope(declaration.component, declaration.host)) return false;
    return prior.instances.has(instance) && !keysOf(instance).has(key);
  };
  return { leaving, leaves };
}
