import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { CallExpression, Expression } from '../hcl/ast.ts';
import type { Value } from '../value.ts';
import { compile } from './compile.ts';
import { ConversionError, convert } from './convert.ts';
import { EvaluationError } from './error.ts';
import type { ObjectAttributeType, Type } from './type-constraint.ts';

const SIMPLE = ['string', 'number', 'bool', 'any'];
const COMPOUND = ['list', 'set', 'map', 'tuple', 'object'];
const ANY: Type = { kind: 'any' };

/** Reads the expression after `type =`. With errors the type is `any` where they are. */
export function parseType(expression: Expression): { type: Type; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { type: read(expression, diagnostics), diagnostics };
}

function read(expression: Expression, diagnostics: Diagnostic[]): Type {
  const refuse = (detail: string): Type => {
    diagnostics.push(errorAt(expression.range, 'Invalid type', detail));
    return ANY;
  };
  if (expression.kind === 'literal' && typeof expression.value === 'string') {
    return refuse(`A type stands without quotes: ${expression.value}.`);
  }
  if (expression.kind === 'traversal' && expression.steps.length === 0) {
    const name = expression.root;
    if (SIMPLE.includes(name)) return { kind: name } as Type;
    if (COMPOUND.includes(name))
      return refuse(`"${name}" needs to be told of what: ${EXAMPLES[name] ?? ''}.`);
    return refuse(`There is no type "${name}".${didYouMean(name, [...SIMPLE, ...COMPOUND])} ${ALL}`);
  }
  if (expression.kind !== 'call') return refuse(ALL);
  return readCompound(expression, diagnostics, refuse);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  list: 'list(string)',
  set: 'set(string)',
  map: 'map(number)',
  tuple: 'tuple([string, number])',
  object: 'object({ name = string, port = optional(number, 80) })',
};
const ALL = `A type is one of ${SIMPLE.join(', ')}, ${Object.values(EXAMPLES).join(', ')}.`;

function readCompound(
  call: CallExpression,
  diagnostics: Diagnostic[],
  refuse: (detail: string) => Type,
): Type {
  const [argument, ...rest] = call.arguments;
  const { name } = call;
  if (name === 'optional') return refuse('"optional" stands only for an attribute within object({...}).');
  if (!COMPOUND.includes(name))
    return refuse(`There is no type "${name}".${didYouMean(name, COMPOUND)} ${ALL}`);
  if (!argument || rest.length > 0) return refuse(`"${name}" takes one argument, as in ${EXAMPLES[name]}.`);
  switch (name) {
    case 'tuple':
      if (argument.kind !== 'tuple') return refuse(`"tuple" takes a list of types, as in ${EXAMPLES.tuple}.`);
      return { kind: 'tuple', elements: argument.items.map((item) => read(item, diagnostics)) };
    case 'object':
      if (argument.kind !== 'object')
        return refuse(`"object" takes attributes with types, as in ${EXAMPLES.object}.`);
      return { kind: 'object', attributes: readAttributes(argument, diagnostics) };
    default:
      return { kind: name as 'list' | 'set' | 'map', element: read(argument, diagnostics) };
  }
}

function readAttributes(
  { items }: Extract<Expression, { kind: 'object' }>,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, ObjectAttributeType> {
  const attributes = new Map<string, ObjectAttributeType>();
  for (const { key, value } of items) {
    if (key.kind !== 'literal' || typeof key.value !== 'string') {
      diagnostics.push(errorAt(key.range, 'Invalid type', 'The name of an attribute must be a plain word.'));
    } else if (attributes.has(key.value)) {
      diagnostics.push(errorAt(key.range, 'Invalid type', `The attribute "${key.value}" stands here twice.`));
    } else attributes.set(key.value, readAttribute(value, diagnostics));
  }
  return attributes;
}

function readAttribute(expression: Expression, diagnostics: Diagnostic[]): ObjectAttributeType {
  if (expression.kind !== 'call' || expression.name !== 'optional') {
    return { type: read(expression, diagnostics), optional: false, default: null };
  }
  const [inner, fallback, ...rest] = expression.arguments;
  if (!inner || rest.length > 0) {
    const detail = '"optional" takes a type and, where wanted, a default: optional(number, 80).';
    diagnostics.push(errorAt(expression.range, 'Invalid type', detail));
    return { type: ANY, optional: true, default: null };
  }
  const type = read(inner, diagnostics);
  return { type, optional: true, default: fallback ? readDefault(fallback, type, diagnostics) : null };
}

function readDefault(expression: Expression, type: Type, diagnostics: Diagnostic[]): Value {
  try {
    return convert(compile(expression).evaluate({}), type);
  } catch (error) {
    if (error instanceof EvaluationError) diagnostics.push(error.diagnostic);
    else if (error instanceof ConversionError) {
      diagnostics.push(
        errorAt(expression.range, 'Invalid default', `The default does not fit the type: ${error.message}.`),
      );
    } else throw error;
    return null;
  }
}
