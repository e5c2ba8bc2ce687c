import type { Value } from '../value.ts';
import { encodeJson } from './functions/json.ts';
import { isList, isObject, sortedKeys } from './marks.ts';

export interface ObjectAttributeType {
  readonly type: Type;
  readonly optional: boolean;
  /** Taken where an optional attribute is absent or null; already of `type`. */
  readonly default: Value;
}

/** A type constraint: `any`, `list(string)`, `object({port = optional(number, 80)})`. */
export type Type =
  | { readonly kind: 'any' | 'string' | 'number' | 'bool' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: Type }
  | { readonly kind: 'tuple'; readonly elements: readonly Type[] }
  | { readonly kind: 'object'; readonly attributes: ReadonlyMap<string, ObjectAttributeType> };

/** The type as one would write it. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'any':
    case 'string':
    case 'number':
    case 'bool':
      return type.kind;
    case 'list':
    case 'set':
    case 'map':
      return `${type.kind}(${describeType(type.element)})`;
    case 'tuple':
      return `tuple([${type.elements.map(describeType).join(', ')}])`;
    case 'object': {
      const attributes = [...type.attributes].map(
        ([name, attribute]) => `${name} = ${describeAttribute(attribute)}`,
      );
      return `object({${attributes.join(', ')}})`;
    }
  }
}

function describeAttribute({ type, optional, default: fallback }: ObjectAttributeType): string {
  if (!optional) return describeType(type);
  const value = fallback === null ? '' : `, ${encodeJson(fallback)}`;
  return `optional(${describeType(type)}${value})`;
}

/** The narrowest type of a value without marks; a list whose elements differ in type is a tuple. */
export function typeOf(value: Value): Type {
  switch (typeof value) {
    case 'string':
      return { kind: 'string' };
    case 'number':
    case 'bigint':
      return { kind: 'number' };
    case 'boolean':
      return { kind: 'bool' };
    default:
      break;
  }
  if (isList(value)) {
    const elements = value.map(typeOf);
    const kinds = new Set(elements.map(describeType));
    return kinds.size === 1 ? { kind: 'list', element: elements[0]! } : { kind: 'tuple', elements };
  }
  if (!isObject(value)) return { kind: 'any' };
  const attributes = sortedKeys(value).map((key) => {
    return [key, { type: typeOf(value[key]!), optional: false, default: null }] as const;
  });
  return { kind: 'object', attributes: new Map(attributes) };
}
