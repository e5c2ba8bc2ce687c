import { didYouMean } from '../../diagnostics/nearest.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value, ValueObject } from '../value.ts';
import { toSet } from './equality.ts';
import { emptyObject, isList, isObject, mark, unmark, unmarkDeep } from './marks.ts';
import { asBool, asNumber, asText, kindOf } from './primitives.ts';
import type { ObjectAttributeType, Type } from './type-constraint.ts';

type Path = readonly (string | number)[];

/** A value does not fit a type. The message names the path inside the value: "hosts[2].port: a number is needed". */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  constructor(
    readonly path: Path,
    /** What is needed, without the path. */
    readonly reason: string,
  ) {
    super(path.length === 0 ? reason : `${pathText(path)}: ${reason}`);
  }
}

/** A path as one would write it behind a name: `hosts[2].port`. */
function pathText(path: Path): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('')
    .replace(/^\./, '');
}

/**
 * The value as that type, by Terraform's rules: "1" becomes a number, true a string, a list a set. null and what is
 * unknown fit every type; marks are kept. Attributes that an object type does not have are dropped, unless one looks
 * like a mistyped optional one. Throws `ConversionError`.
 */
export function convert(value: Value, type: Type): Value {
  return convertAt(value, type, []);
}

function convertAt(value: Value, type: Type, path: Path): Value {
  if (value === null || value instanceof Unknown || type.kind === 'any') return value;
  if (value instanceof Sensitive) return new Sensitive(convertAt(value.reveal(), type, path));
  switch (type.kind) {
    case 'string':
      return asText(value) ?? mismatch('a string', value, path);
    case 'number':
      return asNumber(value) ?? mismatch('a number', value, path);
    case 'bool':
      return asBool(value) ?? mismatch('a bool', value, path);
    case 'list':
      if (!isList(value)) mismatch('a list', value, path);
      return value.map((item, i) => convertAt(item, type.element, [...path, i]));
    case 'set': {
      if (!isList(value)) mismatch('a set', value, path);
      const bare = unmarkDeep(value.map((item, i) => convertAt(item, type.element, [...path, i])));
      return mark(bare.unknown ?? toSet(bare.value as readonly Value[]), bare.sensitive);
    }
    case 'map': {
      if (!isObject(value)) mismatch('a map', value, path);
      const map = emptyObject();
      for (const key of Object.keys(value)) map[key] = convertAt(value[key]!, type.element, [...path, key]);
      return map;
    }
    case 'tuple':
      if (!isList(value)) mismatch('a list', value, path);
      if (value.length !== type.elements.length) {
        throw new ConversionError(
          path,
          `${type.elements.length} elements are needed, and here are ${value.length}`,
        );
      }
      return value.map((item, i) => convertAt(item, type.elements[i]!, [...path, i]));
    case 'object':
      if (!isObject(value)) mismatch('an object', value, path);
      return convertObject(value, type.attributes, path);
  }
}

function convertObject(
  value: ValueObject,
  attributes: ReadonlyMap<string, ObjectAttributeType>,
  path: Path,
): Value {
  const object = emptyObject();
  const absent: string[] = [];
  for (const [name, { type, optional, default: fallback }] of attributes) {
    const given = Object.hasOwn(value, name) ? value[name]! : undefined;
    if (given === undefined) absent.push(name);
    if (given === undefined && !optional) {
      const hint = didYouMean(name, Object.keys(value));
      throw new ConversionError(
        path,
        `the attribute "${name}" is missing${hint === '' ? '' : `;${hint.replace(' Did', ' did')}`}`,
      );
    }
    const isGiven = given !== undefined && unmark(given).value !== null;
    object[name] = isGiven ? convertAt(given, type, [...path, name]) : fallback;
  }
  for (const name of Object.keys(value)) {
    const hint = attributes.has(name) ? '' : didYouMean(name, absent);
    if (hint !== '')
      throw new ConversionError(path, `there is no attribute "${name}";${hint.replace(' Did', ' did')}`);
  }
  return object;
}

function mismatch(what: string, value: Value, path: Path): never {
  throw new ConversionError(path, `${what} is needed, and this is ${kindOf(value)}`);
}
