import { errorAt } from '../../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Scope } from '../eval/compile.ts';
import { EvaluationError } from '../eval/error.ts';
import { containsSensitive, firstUnknown } from '../eval/marks.ts';
import { ConversionError } from '../eval/types.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value } from '../value.ts';
import type { BoundAttribute, BoundBlock } from './bind.ts';
import { convertAttribute } from './convert.ts';
import type { AttributeSchema } from './schema.ts';

/** Where readers leave what they find. */
export interface Findings {
  report(diagnostic: Diagnostic): void;
  /** A value needs something that is not known yet. */
  unknown(missing: Unknown): void;
}

/** Stands for a value whose error is reported already. It spreads as any unknown does, so that no second error follows from it. */
export const BROKEN = new Unknown('a value with an error');

/** An attribute of a block, converted and checked, its default where it is absent or null. `Unknown` after an error. */
export function readAttribute(block: BoundBlock, name: string, scope: Scope, findings: Findings): Value {
  const schema = block.schema.attributes.get(name)!;
  const bound = block.attributes.get(name);
  return bound ? readBound(bound, schema, block.label, scope, findings) : defaultOf(schema, block.label);
}

/** A function that reads all attributes of a block but `skipped`; constants are read once. Made to be called for every instance. */
export function attributesReader(
  block: BoundBlock,
  skipped: ReadonlySet<string>,
  findings: Findings,
): (scope: Scope, findings: Findings) => Record<string, Value> {
  const fixed: Record<string, Value> = {};
  const changing: [string, AttributeSchema, BoundAttribute][] = [];
  for (const schema of block.schema.attributes.values()) {
    if (skipped.has(schema.name)) continue;
    const bound = block.attributes.get(schema.name);
    // Also keeps every object of one shape.
    fixed[schema.name] = defaultOf(schema, block.label);
    if (bound?.compiled?.constant) {
      fixed[schema.name] = readBound(bound, schema, block.label, {}, findings);
    } else if (bound) changing.push([schema.name, schema, bound]);
  }
  return (scope, found) => {
    const values = { ...fixed };
    for (const [name, schema, bound] of changing) {
      values[name] = readBound(bound, schema, block.label, scope, found);
    }
    return values;
  };
}

/** The bare value of an expression; an error is reported and gives `BROKEN`. */
export function evaluate(bound: BoundAttribute, scope: Scope, findings: Findings): Value {
  if (bound.faulty) return BROKEN;
  try {
    return bound.compiled!.evaluate(scope);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    findings.report(error.diagnostic);
    return BROKEN;
  }
}

function readBound(
  bound: BoundAttribute,
  schema: AttributeSchema,
  label: string,
  scope: Scope,
  findings: Findings,
): Value {
  const value = evaluate(bound, scope, findings);
  if (value === null || (value instanceof Sensitive && value.reveal() === null)) {
    if (!schema.required) return defaultOf(schema, label);
    findings.report(
      errorAt(bound.source.expression.range, 'Missing value', `"${schema.name}" cannot be null.`),
    );
    return BROKEN;
  }
  return checkValue(value, bound, schema, findings);
}

/** Converts and checks a value that stands for an attribute. */
export function checkValue(
  value: Value,
  bound: BoundAttribute,
  schema: AttributeSchema,
  findings: Findings,
): Value {
  const { range } = bound.source.expression;
  if (schema.sensitive === 'forbidden' && typeof value === 'object' && containsSensitive(value)) {
    const instead = schema.instead ?? 'It would be shown and kept in the state.';
    findings.report(
      errorAt(range, 'Sensitive value', `"${schema.name}" must not hold a sensitive value. ${instead}`),
    );
    return BROKEN;
  }
  const converted = converting(value, bound, schema, findings);
  if (typeof converted === 'object') {
    const missing = firstUnknown(converted);
    if (missing) findings.unknown(missing);
  } else if (schema.oneOf && !schema.oneOf.includes(String(converted))) {
    const choices = schema.oneOf.map((c) => `"${c}"`).join(', ');
    findings.report(errorAt(range, 'Invalid value', `"${schema.name}" is one of ${choices}.`));
    return BROKEN;
  }
  return converted;
}

function converting(
  value: Value,
  bound: BoundAttribute,
  { name, type }: AttributeSchema,
  findings: Findings,
): Value {
  try {
    return convertAttribute(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    findings.report(
      errorAt(bound.source.expression.range, 'Wrong type', `${pathText(name, error.path)}: ${error.reason}.`),
    );
    return BROKEN;
  }
}

/** `ports[2].name` */
export function pathText(name: string, path: readonly (string | number)[]): string {
  return name + path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}

function defaultOf(schema: AttributeSchema, label: string): Value {
  return schema.defaultFrom === 'label' ? label : schema.default;
}
