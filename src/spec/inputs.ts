import { createHash } from 'node:crypto';
import { errorAt } from '../diagnostics/diagnostic.ts';
import type { SourceRange } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import type { ComponentBlock } from './component-block.ts';
import { conform, validate } from './declaration.ts';
import type { Definition } from './definition.ts';
import { compile } from './eval/compile.ts';
import type { Scope } from './eval/compile.ts';
import type { Environment } from './eval/environment.ts';
import { encodeJson } from './eval/functions/json.ts';
import { emptyObject, isObject, mark, unmark, unmarkDeep } from './eval/marks.ts';
import { describeType } from './eval/types.ts';
import type { BoundAttribute } from './schema/bind.ts';
import { BROKEN, evaluate } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';

interface GivenInput {
  readonly value: Value;
  readonly range: SourceRange;
}

/** The inputs of a component: given ones checked against the definition, defaults filled in. Null while they are unknown or wrong. */
export function evaluateInputs(
  component: ComponentBlock,
  definition: Definition,
  scope: Scope,
  context: { readonly cluster: ValueObject; readonly environment: Environment },
  findings: Findings,
): ValueObject | null {
  let complete = true;
  const found: Findings = {
    unknown: findings.unknown,
    report: (diagnostic) => {
      complete = false;
      findings.report(diagnostic);
    },
  };
  const attribute = component.block.attributes.get('inputs');
  const given = attribute
    ? givenInputs(attribute, scope, context.environment, found)
    : new Map<string, GivenInput>();
  if (!given) return null;
  for (const [name, { range }] of given) {
    if (definition.inputs.has(name)) continue;
    const detail = `The definition "${component.source}" has no input "${name}".${didYouMean(name, definition.inputs.keys())}`;
    found.report(errorAt(range, 'Unknown input', detail));
  }
  const inputs = emptyObject();
  for (const [name, declaration] of definition.inputs) {
    const one = given.get(name);
    if (one) {
      inputs[name] = conform(declaration, one.value, one.range, found.report);
    } else if (declaration.default !== undefined) {
      inputs[name] = declaration.default;
    } else {
      const purpose = declaration.description === '' ? '' : ` ${declaration.description}`;
      const detail = `component "${component.name}" needs the input "${name}" (${describeType(declaration.type)}).${purpose}`;
      const at = attribute?.source.nameRange ?? component.block.range;
      found.report(errorAt(at, 'Missing input', detail));
    }
    if (inputs[name] === BROKEN) complete = false;
  }
  if (!complete) return null;
  const rules: Scope = { input: inputs, cluster: context.cluster };
  for (const [name, declaration] of definition.inputs) {
    const at = given.get(name)?.range ?? component.block.range;
    if (declaration.validations.length > 0) validate(declaration, rules, at, found.report);
  }
  return complete ? inputs : null;
}

/** What stands in `inputs = { ... }`. Its members are evaluated one by one, so that one error hides no other. */
function givenInputs(
  attribute: BoundAttribute,
  scope: Scope,
  environment: Environment,
  findings: Findings,
): Map<string, GivenInput> | null {
  const { expression } = attribute.source;
  const given = new Map<string, GivenInput>();
  if (expression.kind === 'object' && expression.items.every(({ key }) => key.kind === 'literal')) {
    for (const { key, value } of expression.items) {
      const name = key.kind === 'literal' ? String(key.value) : '';
      if (given.has(name))
        findings.report(errorAt(key.range, 'Given twice', `The input "${name}" is given already.`));
      const source = { ...attribute.source, expression: value };
      // A fault in one member is known; what else is wrong in it or beside it shows once that is mended.
      const compiled = compile(value, environment);
      const member = { schema: undefined, source, compiled, faulty: attribute.faulty };
      const range = definedRange(key.range, value.range);
      given.set(name, { value: evaluate(member, scope, findings), range });
    }
    return given;
  }
  const { value, sensitive, unknown } = unmark(evaluate(attribute, scope, findings));
  if (unknown) {
    findings.unknown(unknown);
    return null;
  }
  if (!isObject(value)) {
    findings.report(errorAt(expression.range, 'Wrong type', 'inputs: a map of names and values is needed.'));
    return null;
  }
  for (const name of Object.keys(value)) {
    given.set(name, { value: mark(value[name]!, sensitive), range: expression.range });
  }
  return given;
}

/** From the key to the end of the value where both are on one line, else the key. */
function definedRange(key: SourceRange, value: SourceRange): SourceRange {
  return key.start.line === value.end.line ? { ...key, end: value.end } : key;
}

/** Digest of every input, by which a plan says which one changed. Unknown ones are left out. */
export function digestInputs(inputs: ValueObject, hmac: (text: string) => string): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const name of Object.keys(inputs)) {
    const digest = digestValue(inputs[name]!, hmac);
    if (digest !== undefined) digests[name] = digest;
  }
  return digests;
}

/** Digest of a value that tells nothing of it when it is sensitive; undefined while it is unknown. */
export function digestValue(value: Value, hmac: (text: string) => string): string | undefined {
  const bare = unmarkDeep(value);
  if (bare.unknown || bare.value instanceof Unknown) return undefined;
  const text = encodeJson(bare.value);
  return bare.sensitive ? hmac(text) : createHash('sha256').update(text).digest('hex');
}
