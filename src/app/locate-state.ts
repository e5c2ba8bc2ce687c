import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DiagnosticsError,
  hasErrors,
  runError,
  throwOnErrors,
  type Diagnostic,
} from '../diagnostics/diagnostic.ts';
import type { Body } from '../spec/hcl/ast.ts';
import type { HclParser } from '../spec/hcl/parse.ts';
import { DEFAULT_STATE_PATH } from '../spec/state-path.ts';
import type { State } from '../state/model.ts';
import type { RecoveredRun, Store } from '../state/store.ts';
import type { OfflinePorts } from './ports.ts';

/**
 * The state's store of a working directory. Of the spec only the `state` block is read, so that the commands that look
 * into the state work whatever else is wrong there. Throws `DiagnosticsError` when that block cannot be found for sure.
 */
export async function openStore(directory: string, ports: OfflinePorts): Promise<Store> {
  const { bodies, problems } = await stateBlocks(directory, ports.parser);
  // In a file that cannot be parsed the block may be what is broken: another state's file must not be taken for this one.
  throwOnErrors(problems);
  const place = bodies.some(({ blocks }) => blocks.length > 0)
    ? (await import('./state-block.ts')).statePath(bodies, directory, ports.parser)
    : DEFAULT_STATE_PATH;
  return ports.store(path.resolve(directory, place));
}

async function stateBlocks(
  directory: string,
  parser: HclParser,
): Promise<{ readonly bodies: readonly Body[]; readonly problems: readonly Diagnostic[] }> {
  const bodies: Body[] = [];
  const problems: Diagnostic[] = [];
  for (const name of await specFileNames(directory)) {
    const text = await readFile(path.join(directory, name), 'utf8');
    // Loading the grammar takes longer than all the rest of these commands.
    if (!/\bstate\b/.test(text)) continue;
    const parsed = parser.parseFile(text, name);
    const blocks = parsed.body.blocks.filter((block) => block.type === 'state');
    bodies.push({ attributes: [], blocks, range: parsed.body.range });
    if (hasErrors(parsed.diagnostics)) problems.push(...parsed.diagnostics);
  }
  return { bodies, problems };
}

async function specFileNames(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((n) => n.endsWith('.hcl') && !n.endsWith('.vars.hcl') && !n.startsWith('.')).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no such directory.' : message;
    throw new DiagnosticsError([runError(`The working directory ${directory} cannot be read`, why)]);
  }
}

export interface StoredState {
  readonly state: State;
  readonly recovered: RecoveredRun | null;
}

/** The state as it is stored. Throws `DiagnosticsError` when there is none yet. */
export async function readStoredState(store: Store): Promise<StoredState> {
  const stored = await store.read();
  if (stored !== null) return stored;
  throw new DiagnosticsError([
    runError('There is no state yet', `${store.location} is made by the first \`slipway apply\`.`),
  ]);
}
