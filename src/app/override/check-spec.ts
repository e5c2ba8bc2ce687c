import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { componentHosts } from '../../spec/component-hosts.ts';
import type { FileDigests } from '../../spec/file-digests.ts';
import type { Value } from '../../spec/value.ts';
import { missingVariables, resolveVariables } from '../../spec/variables.ts';
import { loadWorkspace, type Workspace } from '../../spec/workspace.ts';
import { checkWorkspace } from '../validate.ts';
import type { ConfigUse } from './config.ts';
import { guardedRemovals } from './guarded.ts';

/** A spec with something else laid over it than what lies there now, and all that is wrong then. */
export interface CheckedSpec {
  readonly workspace: Workspace;
  readonly values: ReadonlyMap<string, Value>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks the spec of a directory as if this were its override (null: none), also against what `prevent_destroy` guards. */
export async function checkSpec(
  use: ConfigUse,
  override: string | null,
  digests: FileDigests,
): Promise<CheckedSpec> {
  const { directory, variables, ports } = use;
  const { parser, environment } = ports;
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser, digests, override });
  const resolved = resolveVariables(workspace, { environment, arguments: variables, directory });
  const { values } = resolved;
  return {
    workspace,
    values,
    diagnostics: [
      ...diagnostics,
      ...resolved.diagnostics,
      ...missingVariables(resolved.missing),
      ...checkWorkspace(workspace, values, directory, digests),
      ...(await guardedRemovals(use, workspace, componentHosts(workspace, values))),
    ],
  };
}
