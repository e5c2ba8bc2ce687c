import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Expression } from '../hcl/ast.ts';
import type { Value } from '../value.ts';

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

/** A value does not fit a type. `message` names the path inside the value: "[2].port: a number is needed". */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  constructor(
    readonly path: readonly (string | number)[],
    /** What is needed, without the path. */
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** Reads the expression after `type =`. With errors the type is `any`. */
export function parseType(_expression: Expression): { type: Type; diagnostics: Diagnostic[] } {
  throw new Error('not there yet');
}

/** The value as that type, by Terraform's rules ("1" for number, true for string, list to set...). Marks are kept. Throws `ConversionError`. */
export function convert(_value: Value, _type: Type): Value {
  throw new Error('not there yet');
}

/** The type as one would write it. */
export function describeType(_type: Type): string {
  throw new Error('not there yet');
}
