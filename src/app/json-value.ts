import { Sensitive, Unknown, type Value } from '../spec/value.ts';
import type { Json } from '../state/model.ts';

/** A value as JSON; a bigint as a number where that is exact enough for JSON, marks as their names. */
export function jsonOf(value: Value): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Sensitive) return '(sensitive)';
  if (value instanceof Unknown) return '(known after probing)';
  if (Array.isArray(value)) return value.map(jsonOf);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, Value]) => [name, jsonOf(item)]),
  );
}
