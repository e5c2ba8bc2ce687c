import { Sensitive, Unknown } from '../value.ts';
import type { Value, ValueObject } from '../value.ts';

/** A value without the marks that were on it or in it. `unknown` is the first unknown part: then `value` is of no use. */
export interface Unmarked {
  readonly value: Value;
  readonly sensitive: boolean;
  readonly unknown: Unknown | undefined;
}

/** Takes off the marks of the value itself; those inside a list or object stay. */
export function unmark(value: Value): Unmarked {
  const sensitive = value instanceof Sensitive;
  const bare = sensitive ? value.reveal() : value;
  return { value: bare, sensitive, unknown: bare instanceof Unknown ? bare : undefined };
}

/** Takes off all marks, however deep. A value without marks comes back as it is. */
export function unmarkDeep(value: Value): Unmarked {
  const marks = findMarks(value);
  if (!marks.sensitive || marks.unknown) return { value, ...marks };
  return { value: revealDeep(value), ...marks };
}

export function mark(value: Value, sensitive: boolean): Value {
  return sensitive ? new Sensitive(value) : value;
}

/** Whether a value is, or contains, something sensitive. */
export function containsSensitive(value: Value): boolean {
  return findMarks(value).sensitive;
}

/** The first unknown in a value, at any depth and under any mark. */
export function firstUnknown(value: Value): Unknown | undefined {
  return findMarks(value).unknown;
}

/** The value with every sensitive part laid open. Only for the edge that needs it. */
export function revealDeep(value: Value): Value {
  if (value instanceof Sensitive) return revealDeep(value.reveal());
  if (isList(value)) return value.map(revealDeep);
  if (!isObject(value)) return value;
  const bare: Record<string, Value> = emptyObject();
  for (const key in value) bare[key] = revealDeep(value[key]!);
  return bare;
}

function findMarks(value: Value): { sensitive: boolean; unknown: Unknown | undefined } {
  let sensitive = false;
  let unknown: Unknown | undefined;
  const visit = (v: Value): void => {
    if (typeof v !== 'object' || v === null) return;
    if (v instanceof Sensitive) {
      sensitive = true;
      visit(v.reveal());
    } else if (v instanceof Unknown) unknown ??= v;
    else if (isList(v)) for (const item of v) visit(item);
    else for (const key in v) visit(v[key]!);
  };
  visit(value);
  return { sensitive, unknown };
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** A map or object: neither a list, nor a mark, nor null. */
export function isObject(value: Value | undefined): value is ValueObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Sensitive)
  );
}

/** An object without a prototype, so that no key is special. */
export function emptyObject(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

/** The keys of a map in the order in which the language visits them. */
export function sortedKeys(object: ValueObject): string[] {
  return Object.keys(object).sort();
}
