import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { containsSensitive, firstUnknown } from './eval/marks.ts';
import type { Scope } from './eval/compile.ts';
import { ConversionError, convert, parseType } from './eval/types.ts';
import type { Type } from './eval/types.ts';
import type { BoundBlock } from './schema/bind.ts';
import { BROKEN, evaluate, pathText, readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Sensitive } from './value.ts';
import type { Value } from './value.ts';

/** A `variable` of the spec or an `input` of a definition: a name that takes a value from outside. */
export interface ValueDeclaration {
  readonly name: string;
  readonly type: Type;
  readonly description: string;
  /** `undefined`: it is required. Already of `type`. */
  readonly default: Value | undefined;
  readonly sensitive: boolean;
  readonly nullable: boolean;
  readonly validations: readonly BoundBlock[];
  readonly range: SourceRange;
}

/** Findings of what is evaluated before there are values: only errors matter. */
export function constantFindings(report: (diagnostic: Diagnostic) => void): Findings {
  return { report, unknown: () => {} };
}

export function declareValue(block: BoundBlock, report: (diagnostic: Diagnostic) => void): ValueDeclaration {
  const findings = constantFindings(report);
  const constant = (name: string) => readAttribute(block, name, {}, findings);
  const declaration = {
    name: block.label,
    type: declaredType(block, report),
    description: text(constant('description')),
    default: undefined,
    sensitive: constant('sensitive') === true,
    nullable: constant('nullable') !== false,
    validations: block.blocks,
    range: block.range,
  };
  return { ...declaration, default: declaredDefault(block, declaration, findings) };
}

function declaredType(block: BoundBlock, report: (diagnostic: Diagnostic) => void): Type {
  const attribute = block.attributes.get('type');
  if (!attribute) return { kind: 'any' };
  const { type, diagnostics } = parseType(attribute.source.expression);
  diagnostics.forEach(report);
  return type;
}

function declaredDefault(
  block: BoundBlock,
  declaration: ValueDeclaration,
  findings: Findings,
): Value | undefined {
  const attribute = block.attributes.get('default');
  if (!attribute) return undefined;
  const [reference] = attribute.compiled!.references;
  if (reference) {
    findings.report(errorAt(reference.range, 'Default is not constant', 'A default cannot read anything.'));
    return BROKEN;
  }
  const value = evaluate(attribute, {}, findings);
  return conform(declaration, value, attribute.source.expression.range, findings.report);
}

/** A given value as its declaration wants it; an error is reported and gives `BROKEN`. */
export function conform(
  declaration: ValueDeclaration,
  given: Value,
  range: SourceRange,
  report: (diagnostic: Diagnostic) => void,
): Value {
  if (bare(given) === null && !declaration.nullable) {
    if (declaration.default !== undefined) return declaration.default;
    report(errorAt(range, 'Missing value', `"${declaration.name}" cannot be null.`));
    return BROKEN;
  }
  try {
    const value = convert(given, declaration.type);
    return declaration.sensitive && value !== BROKEN ? new Sensitive(value) : value;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    report(errorAt(range, 'Wrong type', `${pathText(declaration.name, error.path)}: ${error.reason}.`));
    return BROKEN;
  }
}

/** Evaluates the `validation` blocks; a rule that is not kept is reported where the value was given. */
export function validate(
  declaration: ValueDeclaration,
  scope: Scope,
  given: SourceRange | null,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const rule of declaration.validations) {
    const condition = rule.attributes.get('condition');
    const wording = rule.attributes.get('error_message');
    if (!condition || !wording) continue;
    const findings = constantFindings(report);
    const held = bare(evaluate(condition, scope, findings));
    if (held === true || (typeof held === 'object' && held !== null && firstUnknown(held))) continue;
    const at = condition.source.expression.range;
    if (held !== false) {
      report(errorAt(at, 'Wrong type', 'A condition must be true or false.'));
      continue;
    }
    const message = evaluate(wording, scope, findings);
    if (message === BROKEN) continue;
    const shown = containsSensitive(message) ? 'The rule has a sensitive message.' : text(message);
    const where = `The rule stands in ${at.file}:${at.start.line}.`;
    report(
      errorAt(given ?? declaration.range, `Invalid value for "${declaration.name}"`, `${shown} ${where}`),
    );
  }
}

function text(value: Value): string {
  return typeof value === 'string' ? value : '';
}

function bare(value: Value): Value {
  return value instanceof Sensitive ? value.reveal() : value;
}
