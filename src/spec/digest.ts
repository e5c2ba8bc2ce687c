import { createHash } from 'node:crypto';
import { digestValue } from './inputs.ts';
import type { Value } from './value.ts';
import type { Workspace } from './workspace.ts';

/**
 * SHA-256 over the spec's files, its definitions, the hosts that an override gives and the values of its variables (sensitive ones by
 * `hmac`): what a saved plan must find again.
 */
export function digestSpec(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
  hmac: (text: string) => string,
): string {
  const hash = createHash('sha256');
  const add = (...parts: readonly string[]) => hash.update(`${JSON.stringify(parts)}\n`);
  for (const { path, text } of workspace.files) add('file', path, text);
  for (const { source, definition } of workspace.components.values()) {
    add('definition', source, definition?.digest ?? '');
  }
  for (const { name, placement } of workspace.components.values()) {
    if (placement !== null) add('hosts', name, ...placement.hosts);
  }
  for (const name of [...variables.keys()].sort()) {
    add('variable', name, digestValue(variables.get(name)!, hmac) ?? 'unknown');
  }
  return hash.digest('hex');
}
