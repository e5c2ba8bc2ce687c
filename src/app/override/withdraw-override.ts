import { DiagnosticsError, hasErrors, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { distinct } from '../../diagnostics/distinct.ts';
import { componentHosts } from '../../spec/component-hosts.ts';
import { openFileDigests } from '../../spec/file-digests.ts';
import { missingVariables, resolveVariables } from '../../spec/variables.ts';
import { loadWorkspace } from '../../spec/workspace.ts';
import { checkWorkspace } from '../validate.ts';
import type { ConfigUse } from './config.ts';
import { guardedRemovals } from './guarded.ts';
import { readOverrideText, removeOverride } from './override-file.ts';

/**
 * Takes the override of a working directory away, so that the spec alone counts: checks first that it can. Resolves to whether there was
 * one; a damaged one goes as well. Throws `DiagnosticsError` with everything that is wrong without it, also what `prevent_destroy`
 * guards; `StateError` `io` where the file cannot be removed; then nothing has changed.
 */
export async function withdrawOverride(use: ConfigUse): Promise<boolean> {
  const { directory, variables, ports } = use;
  if ((await readOverrideText(directory)) === null) return false;
  const digests = openFileDigests(null);
  const sources = { environment: ports.environment, arguments: variables, directory };
  const { workspace, diagnostics } = await loadWorkspace(directory, {
    parser: ports.parser,
    digests,
    override: null,
  });
  const resolved = resolveVariables(workspace, sources);
  const found: readonly Diagnostic[] = [
    ...diagnostics,
    ...resolved.diagnostics,
    ...missingVariables(resolved.missing),
    ...checkWorkspace(workspace, resolved.values, directory, digests),
    ...(await guardedRemovals(use, workspace, componentHosts(workspace, resolved.values))),
  ];
  if (hasErrors(found)) throw new DiagnosticsError(distinct(found));
  // Whatever was posted meanwhile: the spec is right without it, too.
  return removeOverride(directory);
}
