import { isList, isObject } from '../spec/eval/marks.ts';
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

/** What may be shown of a value: as `jsonOf`, but every number as it is. */
export function shownValue(value: Value): Value {
  if (value instanceof Sensitive || value instanceof Unknown) return jsonOf(value);
  if (isList(value)) return value.map(shownValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shownValue(item)]));
}

/** Compact JSON with names in their order and every number exact, unlike `JSON.stringify`; marks as their names. */
export function jsonText(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(jsonOf(value));
  return `{${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}:${jsonText(item)}`)
    .join(',')}}`;
}
