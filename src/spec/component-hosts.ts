import { emptyObject, isList, isObject } from './eval/marks.ts';
import { createSpecValues } from './spec-values.ts';
import type { Value } from './value.ts';
import type { Workspace } from './workspace.ts';

/**
 * Canonical addresses of every component's hosts, whatever else is wrong with it; null while they are unknown or wrong. Nothing is
 * reported: evaluating the cluster does that.
 */
export function componentHosts(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
): ReadonlyMap<string, readonly string[] | null> {
  const silent = { report: () => undefined, unknown: () => undefined };
  const nowhere = { placements: new Map(), instanceDir: () => null };
  const { scope } = createSpecValues(workspace, variables, nowhere, silent);
  const components = isObject(scope.component) ? scope.component : emptyObject();
  return new Map(
    [...workspace.components.keys()].map((name) => {
      const component = components[name];
      const hosts = isObject(component) ? component.hosts : undefined;
      return [name, isList(hosts) ? hosts.filter((host) => typeof host === 'string') : null];
    }),
  );
}
