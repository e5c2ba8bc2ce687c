import { createTwoFilesPatch } from 'diff';
import type { AttributeChange, AttributeMap, Observed, Reason, RecordedResource } from './resource.ts';

/** Texts above this are compared by digest only. */
export const DIFF_LIMIT_BYTES = 64 * 1024;

/**
 * What differs between what is wanted and what is there (observed, or recorded). An attribute that is wanted as null is
 * left as it is and never differs; one that is only there is ignored.
 */
export function compareAttributes(
  wanted: AttributeMap,
  there: AttributeMap,
  sensitive: ReadonlySet<string> = new Set(),
): AttributeChange[] {
  const changes: AttributeChange[] = [];
  for (const [name, after] of Object.entries(wanted)) {
    const before = there[name] ?? null;
    if (after === null || before === after) continue;
    changes.push({ name, before, after, sensitive: sensitive.has(name) });
  }
  return changes;
}

/** Why an existing resource is changed: the spec wants something else than last time, or the host has drifted from it. */
export function reasonOf(prior: RecordedResource | null, wanted: AttributeMap, observed: Observed): Reason {
  if (prior === null) return { because: 'new' };
  if (!equalAttributes(prior.attributes, wanted)) return { because: 'input-changed' };
  return { because: observed.state === 'absent' ? 'missing' : 'drifted' };
}

export function equalAttributes(a: AttributeMap, b: AttributeMap): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && a[name] === b[name]);
}

/**
 * Unified diff of a text file with three lines of context, null where there is nothing to show: equal, binary or large.
 * Callers leave out sensitive content.
 */
export function unifiedDiff(path: string, before: string, after: string): string | null {
  if (before === after) return null;
  if (before.length > DIFF_LIMIT_BYTES || after.length > DIFF_LIMIT_BYTES) return null;
  if (isBinary(before) || isBinary(after)) return null;
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 3 });
  // Above the two names stands what only the library's own format has.
  return patch.slice(patch.indexOf('--- '));
}

function isBinary(text: string): boolean {
  return text.includes('\0') || text.includes('�');
}
