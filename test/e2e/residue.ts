import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compareListings } from '../lab/listing.ts';

/** The written list of what a package manager leaves behind. */
const patterns = readFileSync(path.resolve(import.meta.dirname, '../../docs/residue.md'), 'utf8')
  .split(/^```residue$/m)[1]
  ?.split('```')[0]
  ?.trim()
  .split('\n');

function isResidue(line: string): boolean {
  const file = line.split(' ')[0] ?? '';
  return (patterns ?? []).some((pattern) =>
    pattern.endsWith('/**') ? `${file}/`.startsWith(pattern.slice(0, -2)) : file === pattern,
  );
}

/** What differs between two listings of a host (`LabHost.listFiles`), without the package manager's own residue. */
export function changesOn(before: readonly string[], after: readonly string[]): readonly string[] {
  const { gone, added } = compareListings(before, after);
  return [...gone.map((line) => `gone: ${line}`), ...added.map((line) => `added: ${line}`)].filter(
    (line) => !isResidue(line.replace(/^\w+: /, '')),
  );
}
