import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorAt, runError } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { OVERRIDE_FILE } from './override.ts';
import { withoutLine } from './variable-sources.ts';
import type { Workspace } from './workspace.ts';

/** The override of a directory; null: it has none, or one that cannot be read, which is reported. */
export async function readOverrideFile(
  root: string,
  report: (diagnostic: Diagnostic) => void,
): Promise<{ readonly text: string; readonly mode: number } | null> {
  const file = join(root, OVERRIDE_FILE);
  let handle: FileHandle | null = null;
  try {
    // Whoever withdraws or replaces it does so at any time: it is opened without looking first. A pipe must not make us wait.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('it is no file');
    return { text: await handle.readFile('utf8'), mode: found.mode };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !(await isLink(file))) return null;
    const why = isMissing ? 'it is a link that leads nowhere' : (error as Error).message;
    const remedy = 'Set its permissions right, or take it away so that the spec alone counts.';
    report(runError('The override cannot be read', `${OVERRIDE_FILE}: ${why}. ${remedy}`));
    return null;
  } finally {
    await handle?.close();
  }
}

async function isLink(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  return found?.isSymbolicLink() === true;
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
