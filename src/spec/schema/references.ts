import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Reference } from '../eval/compile.ts';
import type { BoundAttribute } from './bind.ts';

/** The names that may follow a root, as far as they are known before anything is evaluated. */
export interface Shape {
  /** What a name at this place is: "input", "attribute of host". */
  readonly what: string;
  /** `null` where whatever follows is a matter of the value. */
  readonly names: ReadonlyMap<string, Shape | null>;
  /** Says more about a name that is not there. */
  readonly remedy?: (name: string) => string | undefined;
}

/** Every name of one shape without further known names. */
export function shape(what: string, names: Iterable<string>, remedy?: Shape['remedy']): Shape {
  return nested(
    what,
    [...names].map((name) => [name, null] as const),
    remedy,
  );
}

export function nested(
  what: string,
  names: Iterable<readonly [string, Shape | null]>,
  remedy?: Shape['remedy'],
): Shape {
  return { what, names: new Map(names), ...(remedy ? { remedy } : {}) };
}

/** Reports what an attribute reads and is not there, and marks it as faulty. */
export function checkAttribute(
  attribute: BoundAttribute,
  roots: Shape,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const reference of attribute.compiled?.references ?? []) {
    if (!checkReference(reference, roots, report)) attribute.faulty = true;
  }
}

/** Reports a reference that leads nowhere; true when it is fine. */
export function checkReference(
  reference: Reference,
  roots: Shape,
  report: (diagnostic: Diagnostic) => void,
): boolean {
  let at: Shape | null | undefined = roots;
  for (const step of [reference.root, ...reference.path]) {
    if (!at) return true;
    const name = String(step);
    const next: Shape | null | undefined = at.names.get(name);
    if (next === undefined) {
      const hint = at.remedy?.(name) ?? hintFor(name, [...at.names.keys()]);
      const detail = `There is no ${at.what} "${name}". ${hint}`.trim();
      report(errorAt(reference.range, `Unknown ${at.what}`, detail));
      return false;
    }
    at = next;
  }
  return true;
}

/** The nearest name, or all of them where they are few. */
function hintFor(name: string, names: readonly string[]): string {
  const near = didYouMean(name, names).trim();
  if (near !== '' || names.length === 0 || names.length > 6) return near;
  return `Known: ${names.map((known) => `"${known}"`).join(', ')}.`;
}
