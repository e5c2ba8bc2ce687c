import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { OVERRIDE_FILE } from './override.ts';
import { withoutLine } from './variable-sources.ts';
import type { Workspace } from './workspace.ts';

/** The override of a directory that holds these names; null: it has none. */
export async function readOverrideFile(
  root: string,
  names: readonly string[],
): Promise<{ readonly text: string; readonly mode: number } | null> {
  if (!names.includes(OVERRIDE_FILE)) return null;
  const file = join(root, OVERRIDE_FILE);
  const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
  return { text, mode };
}

/** Names of an override that the spec does not have (any more), and secrets in it that others may read. */
export function checkOverride(
  { override, components, variables, moves }: Workspace,
  mode: number,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (override === null) return;
  for (const [name, { range }] of override.hosts) {
    if (components.has(name) || moves.some(({ from }) => from === name)) continue;
    const detail = `There is no component "${name}" for these hosts.${didYouMean(name, components.keys())}`;
    report(withoutLine({ ...errorAt(range, 'Unknown component', detail), severity: 'warning' }));
  }
  if ((mode & 0o077) === 0) return;
  const secrets = [...override.values.keys()].filter((name) => variables.get(name)?.sensitive === true);
  if (secrets.length === 0) return;
  const detail = `${OVERRIDE_FILE} holds ${secrets.map((name) => `var.${name}`).join(', ')} and has mode 0${(mode & 0o777).toString(8)}: others may read or change it. \`chmod 600 ${OVERRIDE_FILE}\` sets that right.`;
  report(withoutLine(errorAt(override.range, 'Others may read the override', detail)));
}
