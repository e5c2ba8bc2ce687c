import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster } from './model.ts';
import { referencesOf } from './schema/bind.ts';
import type { BoundBlock } from './schema/bind.ts';
import { readAttribute } from './schema/read.ts';
import { DEFAULT_STATE_PATH } from './state-path.ts';

/** The `state` block, or its defaults. It may read nothing: it is needed before variables have values. */
export function readStateSettings(
  block: BoundBlock | undefined,
  report: (diagnostic: Diagnostic) => void,
): Cluster['state'] {
  const settings = { store: 'local', path: DEFAULT_STATE_PATH } as const;
  if (!block) return settings;
  const references = referencesOf(block);
  for (const { range } of references) {
    const detail = 'The state is read before variables have values: write the value itself.';
    report(errorAt(range, 'State settings are not constant', detail));
  }
  if (references.length > 0) return settings;
  const path = readAttribute(block, 'path', {}, { report, unknown: () => {} });
  return typeof path === 'string' ? { ...settings, path } : settings;
}
