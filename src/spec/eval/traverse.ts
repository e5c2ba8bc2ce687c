import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { SourceRange } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Step } from '../hcl/ast.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value, ValueObject } from '../value.ts';
import { EvaluationError } from './error.ts';
import { isList, isObject, sortedKeys } from './marks.ts';
import { asNumber, asText, kindOf } from './primitives.ts';

export function fail(range: SourceRange, summary: string, detail: string): never {
  throw new EvaluationError(errorAt(range, summary, detail));
}

/** Follows one static step. Marks go over to what is reached. */
export function follow(value: Value, step: Step): Value {
  return step.kind === 'attribute'
    ? attribute(value, step.name, step.range)
    : item(value, step.key, step.range);
}

/** `value.name`. `isHidden`: something sensitive takes part, of which no message may tell the names. */
export function attribute(value: Value, name: string, range: SourceRange, isHidden = false): Value {
  if (isObject(value)) {
    if (Object.hasOwn(value, name)) return value[name]!;
    const hint = isHidden ? '' : namesOf(value, name);
    fail(range, 'Unknown attribute', `There is no attribute "${name}" here.${hint}`);
  }
  if (value instanceof Unknown) return value;
  if (value instanceof Sensitive) return new Sensitive(attribute(value.reveal(), name, range, true));
  if (isList(value)) {
    fail(
      range,
      'Unknown attribute',
      `This is a list; take one element with [0], or "${name}" of all with [*].${name}.`,
    );
  }
  if (value === null)
    fail(range, 'Attribute of null', `The value is null, so it has no attribute "${name}".`);
  fail(range, 'Unknown attribute', `This is ${kindOf(value)}, which has no attributes.`);
}

/** `value[key]`. `isHidden`: as for an attribute. */
export function item(value: Value, key: Value, range: SourceRange, isHidden = false): Value {
  if (value instanceof Sensitive) return new Sensitive(item(value.reveal(), key, range, true));
  if (key instanceof Sensitive) return new Sensitive(item(value, key.reveal(), range, true));
  if (value instanceof Unknown) return value;
  if (key instanceof Unknown) return key;
  if (value === null) fail(range, 'Element of null', 'The value is null, so it has no elements.');
  if (isList(value)) {
    const index = asNumber(key);
    if (index === undefined)
      fail(range, 'Invalid index', `A list needs a number as its index, and this is ${kindOf(key)}.`);
    const found =
      typeof index === 'number' && index >= 0 && Number.isInteger(index) ? value[index] : undefined;
    if (found !== undefined) return found;
    const extent = value.length === 0 ? 'The list is empty' : `Its indexes go from 0 to ${value.length - 1}`;
    fail(range, 'Invalid index', `The list has no element of that index. ${extent}.`);
  }
  if (isObject(value)) {
    const name = asText(key);
    if (name === undefined)
      fail(range, 'Invalid index', `A key must be a string, and this is ${kindOf(key)}.`);
    if (Object.hasOwn(value, name)) return value[name]!;
    const hint = isHidden ? '' : didYouMean(name, sortedKeys(value));
    fail(range, 'Invalid index', `There is no element with this key.${hint}`);
  }
  fail(range, 'Invalid index', `This is ${kindOf(value)}, which has no elements.`);
}

/** The nearest name, and all that there are. */
function namesOf(object: ValueObject, name: string): string {
  const names = sortedKeys(object);
  const known = names.length > 0 ? ` It has: ${listed(names)}.` : ' It has none.';
  return didYouMean(name, names) + known;
}

/** Names for a message, cut after a handful. */
function listed(names: readonly string[]): string {
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
}
