import type { Value } from '../../value.ts';
import { Sensitive } from '../../value.ts';
import { EvaluationError, InputError } from '../error.ts';
import { containsSensitive, firstUnknown, isList, isObject, unmark } from '../marks.ts';
import { toSet } from '../equality.ts';
import { ConversionError, convert } from '../convert.ts';
import { describeType, typeOf } from '../type-constraint.ts';
import type { Type } from '../type-constraint.ts';
import { define, defineLazy } from './definition.ts';
import type { FunctionDefinition } from './definition.ts';

const kept = { marks: 'kept', nullable: true } as const;
const nullable = { nullable: true } as const;

function to(type: Type) {
  return (args: readonly Value[]): Value => {
    try {
      return convert(args[0]!, type);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new InputError(error.message, 0);
    }
  };
}

function toList(value: Value): Value {
  if (value === null || isList(value)) return value;
  if (isObject(value))
    throw new InputError('a list is needed, and this is an object; take keys() or values() of it', 0);
  throw new InputError('a list is needed', 0);
}

function toMap(value: Value): Value {
  if (value === null || isObject(value)) return value;
  throw new InputError('a map is needed; a list becomes one by {for k, v in list : k => v}', 0);
}

/** The first argument that can be evaluated; what is unknown may still turn out well and is taken. */
function attempt(args: readonly (() => Value)[]): Value {
  let problem: EvaluationError | undefined;
  for (const arg of args) {
    try {
      return arg();
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      problem = error;
    }
  }
  throw problem ?? new InputError('at least one expression is needed');
}

/** What is unknown may still turn out badly. */
function can(arg: () => Value): Value {
  try {
    return firstUnknown(arg()) ?? true;
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return false;
  }
}

function nonsensitive(value: Value): Value {
  return value instanceof Sensitive ? value.reveal() : value;
}

export const conversionFunctions: readonly FunctionDefinition[] = [
  defineLazy('can(expression)', 'Whether an expression can be evaluated without an error.', (a) =>
    can(a[0]!),
  ),
  define(
    'issensitive(value)',
    'Whether a value, or a part of it, is sensitive.',
    (a) => containsSensitive(a[0]!),
    kept,
  ),
  define(
    'nonsensitive(value)',
    'The value with its mark as sensitive taken off. Use it only for what may be shown.',
    (a) => nonsensitive(a[0]!),
    kept,
  ),
  define(
    'sensitive(value)',
    'The value marked as sensitive: it is never shown.',
    (a) => new Sensitive(a[0]!),
    kept,
  ),
  define('tobool(value)', 'The value as a bool: "true" and "false" convert.', to({ kind: 'bool' }), nullable),
  define('tolist(value)', 'The value as a list.', (a) => toList(a[0]!), { marks: 'shallow', nullable: true }),
  define('tomap(value)', 'The value as a map.', (a) => toMap(a[0]!), { marks: 'shallow', nullable: true }),
  define(
    'tonumber(value)',
    'The value as a number: digits in a string convert.',
    to({ kind: 'number' }),
    nullable,
  ),
  define(
    'toset(value)',
    'The values of a list, sorted, each once.',
    (a) => (a[0] === null ? null : toSet(toList(a[0]!) as readonly Value[])),
    nullable,
  ),
  define('tostring(value)', 'The value as a string.', to({ kind: 'string' }), nullable),
  defineLazy('try(expressions...)', 'The first expression that can be evaluated without an error.', attempt),
  define(
    'type(value)',
    'The type of a value, as text.',
    (a) => describeType(typeOf(unmark(a[0]!).value)),
    nullable,
  ),
];
