import { DiagnosticsError, hasErrors } from '../../diagnostics/diagnostic.ts';
import { distinct } from '../../diagnostics/distinct.ts';
import { openFileDigests } from '../../spec/file-digests.ts';
import { checkSpec } from './check-spec.ts';
import type { ConfigUse } from './config.ts';
import { readOverrideText, removeOverride } from './override-file.ts';

/**
 * Takes the override of a working directory away, so that the spec alone counts: checks first that it can. Resolves to whether there was
 * one; a damaged one goes as well. Throws `DiagnosticsError` with everything that is wrong without it, also what `prevent_destroy`
 * guards; `StateError` `io` where the file cannot be removed; then nothing has changed.
 */
export async function withdrawOverride(use: ConfigUse): Promise<boolean> {
  const { directory } = use;
  if ((await readOverrideText(directory)) === null) return false;
  const { diagnostics } = await checkSpec(use, null, openFileDigests(null));
  if (hasErrors(diagnostics)) throw new DiagnosticsError(distinct(diagnostics));
  // Whatever was posted meanwhile: the spec is right without it, too.
  return removeOverride(directory);
}
