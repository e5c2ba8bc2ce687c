import { parseNumber } from '../hcl/numbers.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value } from '../value.ts';
import { numberText } from './numbers.ts';
import type { Numeric } from './numbers.ts';

/** The string a primitive converts to, or undefined. */
export function asText(value: Value): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return undefined;
  }
}

/** The number a primitive converts to, or undefined. */
export function asNumber(value: Value): Numeric | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return value;
    case 'string':
      return parseNumber(value);
    default:
      return undefined;
  }
}

/** The bool a primitive converts to, or undefined. */
export function asBool(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  return undefined;
}

/** What a value is, for messages: "a list". Never shows the value. */
export function kindOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'a bool';
    default:
      if (value === null) return 'null';
      if (value instanceof Unknown) return 'not known yet';
      if (value instanceof Sensitive) return 'a sensitive value';
      return Array.isArray(value) ? 'a list' : 'an object';
  }
}
