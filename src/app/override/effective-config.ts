import { throwOnErrors } from '../../diagnostics/diagnostic.ts';
import { componentHosts } from '../../spec/component-hosts.ts';
import { BROKEN } from '../../spec/schema/read.ts';
import type { Value } from '../../spec/value.ts';
import { resolveVariables } from '../../spec/variables.ts';
import { loadWorkspace, type Workspace } from '../../spec/workspace.ts';
import { shownValue } from '../json-value.ts';
import type { ConfigUse, EffectiveConfig } from './config.ts';

/**
 * The configuration in force: of the spec, with the override laid over it. Variables that have no value yet, or a wrong one, are left
 * out. Throws `DiagnosticsError` when the spec or the override is damaged.
 */
export async function effectiveConfig({ directory, variables, ports }: ConfigUse): Promise<EffectiveConfig> {
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser });
  throwOnErrors(diagnostics);
  const sources = { environment: ports.environment, arguments: variables, directory };
  return configOf(workspace, resolveVariables(workspace, sources).values);
}

export function configOf(workspace: Workspace, values: ReadonlyMap<string, Value>): EffectiveConfig {
  const properties = [...workspace.variables].flatMap(([name, { sensitive }]) => {
    const value = values.get(name);
    if (value === undefined || value === BROKEN) return [];
    return [[name, sensitive ? SENSITIVE : shownValue(value)] as const];
  });
  const hosts = [...componentHosts(workspace, values)];
  return {
    components: Object.fromEntries(hosts.map(([name, placed]) => [name, placed ?? []])),
    properties: Object.fromEntries(properties),
  };
}

/** Stands for a value that is not shown; posted, it means that the value stays as it is. */
export const SENSITIVE = '(sensitive)';
