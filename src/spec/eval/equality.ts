import type { Value } from '../value.ts';
import { isList, isObject, sortedKeys } from './marks.ts';

/** Deep equality; values of different types are never equal ("1" is not 1). Both without marks. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]!));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key]!, b[key]!));
}

/** A total order over values without marks: null, false, true, numbers, strings, lists, objects. */
export function compare(a: Value, b: Value): number {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (isList(a) && isList(b)) return compareItems(a, b);
  if (isObject(a) && isObject(b)) {
    const keysA = sortedKeys(a);
    const keysB = sortedKeys(b);
    return (
      compareItems(keysA, keysB) ||
      compareItems(
        keysA.map((k) => a[k]!),
        keysB.map((k) => b[k]!),
      )
    );
  }
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

function compareItems(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function rank(value: Value): number {
  switch (typeof value) {
    case 'boolean':
      return 1;
    case 'number':
    case 'bigint':
      return 2;
    case 'string':
      return 3;
    default:
      return value === null ? 0 : isList(value) ? 4 : 5;
  }
}

/** A set of these values: sorted, each once. The values have no marks. */
export function toSet(values: readonly Value[]): Value[] {
  const sorted = [...values].sort(compare);
  return sorted.filter((value, i) => i === 0 || compare(value, sorted[i - 1]!) !== 0);
}

/** The values in their order, each once. The values have no marks. */
export function distinct(values: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = identity(value);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** A string that two values without marks share exactly when they are equal. */
export function identity(value: Value): string {
  if (isList(value)) return `[${value.map(identity).join(',')}]`;
  if (isObject(value)) {
    return `{${sortedKeys(value)
      .map((key) => `${JSON.stringify(key)}:${identity(value[key]!)}`)
      .join(',')}}`;
  }
  return typeof value === 'string'
    ? JSON.stringify(value)
    : String(value as number | bigint | boolean | null);
}
