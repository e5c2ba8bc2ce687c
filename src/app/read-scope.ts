import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { newNames } from '../plan/moves.ts';
import { parseSelectors, type Scope, type Selectable, type Selector } from '../plan/scope.ts';
import type { ClusterEvaluation } from '../spec/cluster.ts';
import type { State } from '../state/model.ts';
import type { PlanRequest } from './prepare-plan.ts';

/** The selectors of a request, looked up among what spec and state know; a component that is moved goes by either name. */
export function readScope(
  request: PlanRequest,
  evaluation: ClusterEvaluation | null,
  state: State,
): { readonly scope: Scope; readonly diagnostics: readonly Diagnostic[] } {
  const hostNames = new Map<string, string>();
  for (const [address, host] of state.hosts) if (host.name !== null) hostNames.set(host.name, address);
  for (const [address, host] of evaluation?.cluster.hosts ?? [])
    if (host.name !== null) hostNames.set(host.name, address);
  const selectable: Selectable = {
    components: new Set([...state.components.keys(), ...(evaluation?.cluster.components.keys() ?? [])]),
    instances: new Set([...state.instances.keys(), ...(evaluation?.instances ?? [])]),
    hosts: new Set([...state.hosts.keys(), ...(evaluation?.cluster.hosts.keys() ?? [])]),
    hostNames,
  };
  const targets = parseSelectors(request.targets, selectable);
  const excludes = parseSelectors(request.excludes, selectable);
  const replace = parseSelectors(request.replace, selectable);
  const current = newNames(evaluation?.cluster.moves ?? []);
  const renamed = ({ selectors }: { readonly selectors: readonly Selector[] }): readonly Selector[] =>
    selectors.map((selector) =>
      selector.selects === 'host'
        ? selector
        : { ...selector, component: current.get(selector.component) ?? selector.component },
    );
  return {
    scope: { targets: renamed(targets), excludes: renamed(excludes), replace: renamed(replace) },
    diagnostics: [...targets.diagnostics, ...excludes.diagnostics, ...replace.diagnostics],
  };
}
