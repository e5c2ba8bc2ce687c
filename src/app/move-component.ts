import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError, throwOnErrors } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { loadWorkspace } from '../spec/workspace.ts';
import type { State } from '../state/model.ts';
import type { OfflinePorts } from './ports.ts';

/** Where `slipway state mv` writes, relative to the working directory. */
export const MOVES_FILE = 'moved.hcl';

/**
 * Renames a component the one safe way: by a `moved` block in the spec, which the next apply carries out in the state and in
 * the records of the hosts together. Throws `DiagnosticsError` when the spec or the state does not allow it. Resolves to the block.
 */
export async function writeMove(
  directory: string,
  state: State,
  { from, to }: { readonly from: string; readonly to: string },
  ports: OfflinePorts,
): Promise<string> {
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser });
  throwOnErrors(diagnostics);
  const { components, moves } = workspace;
  const recorded = new Set([...state.instances.values()].map((instance) => instance.component));
  if (!recorded.has(from)) {
    refuse(`No component is called "${from}"`, `The state does not know it.${didYouMean(from, recorded)}`);
  }
  if (components.has(from)) {
    refuse(
      `Component "${from}" still stands in the spec`,
      `Rename its block to "${to}" first, then run this again.`,
    );
  }
  if (!components.has(to)) {
    const hint = didYouMean(to, components.keys());
    refuse(`There is no component "${to}" in the spec`, `Rename the block of "${from}" first.${hint}`);
  }
  if (recorded.has(to)) {
    refuse(
      `Component "${to}" is installed already`,
      `Only a name that nothing in the state has can be moved to.`,
    );
  }
  const known = moves.find((move) => move.from === from);
  if (known !== undefined) {
    refuse('The spec says so already', `component.${from} is moved to component.${known.to}: apply it.`);
  }
  const block = `moved {\n  from = component.${from}\n  to   = component.${to}\n}\n`;
  const file = path.join(directory, MOVES_FILE);
  const before = await readFile(file, 'utf8').catch(() => '');
  await appendFile(file, before === '' ? block : `${before.endsWith('\n') ? '' : '\n'}\n${block}`);
  return block;
}

function refuse(summary: string, detail: string): never {
  throw new DiagnosticsError([runError(summary, detail)]);
}
