import { throwOnErrors } from '../../diagnostics/diagnostic.ts';
import type { Override } from '../../spec/override.ts';
import { resolveVariables } from '../../spec/variables.ts';
import { loadWorkspace, withoutOverride, type Workspace } from '../../spec/workspace.ts';
import { shownValue } from '../json-value.ts';
import type { ConfigUse, EffectiveConfig } from './config.ts';
import { configOf, SENSITIVE } from './effective-config.ts';

/** What lies over a spec, and what the spec says without it. */
export interface StandingOverride {
  /**
   * As it stands there: addresses and names of `host` blocks, components and variables that the spec may not have any more. A value is
   * `(sensitive)` where its variable is, or is not known. null: there is none.
   */
  readonly override: EffectiveConfig | null;
  /** What would be in force without it. Variables that have no value then, or a wrong one, are left out. */
  readonly spec: EffectiveConfig;
}

/** The override of a working directory. Throws `DiagnosticsError` when the spec or the override is damaged. */
export async function standingOverride({
  directory,
  variables,
  ports,
}: ConfigUse): Promise<StandingOverride> {
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser });
  throwOnErrors(diagnostics);
  const bare = withoutOverride(workspace);
  const sources = { environment: ports.environment, arguments: variables, directory };
  return {
    override: workspace.override === null ? null : asItStands(workspace.override, workspace),
    spec: configOf(bare, resolveVariables(bare, sources).values),
  };
}

function asItStands({ hosts, values }: Override, { variables }: Workspace): EffectiveConfig {
  return {
    components: Object.fromEntries([...hosts].map(([name, placed]) => [name, placed.hosts])),
    properties: Object.fromEntries(
      // A name that the spec does not have (any more) may be that of a secret.
      [...values].map(([name, { value }]) => [
        name,
        variables.get(name)?.sensitive === false ? shownValue(value) : SENSITIVE,
      ]),
    ),
  };
}
