import type { VariableDiff, VersionSummary } from '../../api/history-types.ts';

/** Two versions to be compared, the older one first; null: there is nothing to compare with. */
export interface Comparison {
  readonly from: number;
  readonly to: number | 'now';
}

/** `with`: `before` (the version kept before it), `now` (the working directory), or a number. */
export function comparisonOf(
  version: number,
  other: string,
  versions: readonly Pick<VersionSummary, 'version'>[],
): Comparison | null {
  if (other === 'now') return { from: version, to: 'now' };
  if (other === 'before') {
    const before = versionBefore(version, versions);
    return before === null ? null : { from: before, to: version };
  }
  const number = Number(other);
  if (!Number.isInteger(number) || number < 1 || number === version) return null;
  return { from: Math.min(number, version), to: Math.max(number, version) };
}

/** The one kept before; null: it is the oldest. */
export function versionBefore(
  version: number,
  versions: readonly Pick<VersionSummary, 'version'>[],
): number | null {
  const older = versions.map((one) => one.version).filter((number) => number < version);
  return older.length === 0 ? null : Math.max(...older);
}

/** `+3 ~1 −2`; '' where nothing was changed. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const { install = 0, update = 0, remove = 0, ...others } = counts;
  return [
    install > 0 ? `+${install}` : '',
    update > 0 ? `~${update}` : '',
    remove > 0 ? `−${remove}` : '',
    ...Object.entries(others).map(([action, count]) => `${action} ${count}`),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The same for those who listen: `3 installed, 1 updated, 2 removed`. */
export function countsSpoken(counts: Readonly<Record<string, number>>): string {
  const WORDS: Readonly<Record<string, string>> = {
    install: 'installed',
    update: 'updated',
    remove: 'removed',
  };
  const parts = Object.entries(counts).map(([action, count]) => `${count} ${WORDS[action] ?? action}`);
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

/** A value of a variable as it is written. */
export function valueText(value: unknown): string {
  return value === '(sensitive)' ? value : JSON.stringify(value, null, 1).replace(/\s*\n\s*/g, ' ');
}

/** Before and after; null where it was not there. */
export function variableRow(diff: VariableDiff): {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
} {
  return {
    name: diff.name,
    before: 'before' in diff ? valueText(diff.before) : null,
    after: 'after' in diff ? valueText(diff.after) : null,
  };
}
