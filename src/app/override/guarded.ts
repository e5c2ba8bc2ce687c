import { runError, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { applyMoves } from '../../plan/moves.ts';
import { specGuards } from '../../spec/guards.ts';
import type { Workspace } from '../../spec/workspace.ts';
import type { State } from '../../state/model.ts';
import { openStore } from '../locate-state.ts';
import type { ConfigUse } from './config.ts';

/**
 * Instances that a configuration would take off although `prevent_destroy` guards them. The plan refuses that in any case; who posts
 * is told at once. A state that cannot be read is for the plan to tell.
 */
export async function guardedRemovals(
  { directory, ports, variables }: ConfigUse,
  workspace: Workspace,
  hosts: ReadonlyMap<string, readonly string[] | null>,
): Promise<readonly Diagnostic[]> {
  const state = await openStore(directory, ports)
    .then((store) => store.read())
    .then((stored): State | null => stored?.state ?? null)
    .catch(() => null);
  if (state === null) return [];
  const { instances, components } = applyMoves(state, workspace.moves, () => true);
  const guards = specGuards(workspace, { environment: ports.environment, arguments: variables, directory });
  return [...instances.values()].flatMap(({ component, host }) => {
    if (components.get(component)?.preventDestroy !== true && !guards.has(component)) return [];
    // Hosts that are wrong are told already, and who takes a component out of the spec does not post.
    const placed = hosts.get(component) ?? null;
    if (placed === null || placed.includes(host)) return [];
    const detail = `components.${component}: ${component}@${host} is guarded by prevent_destroy. Keep ${host}, or let the spec set it to false and apply that first.`;
    return [runError(`${component}@${host} must not be removed`, detail)];
  });
}
