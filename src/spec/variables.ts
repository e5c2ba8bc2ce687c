import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { conform, validate } from './declaration.ts';
import { emptyObject } from './eval/marks.ts';
import type { HclParser } from './hcl/parse.ts';
import { BROKEN } from './schema/read.ts';
import { Sensitive, Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';
import { constantText, problemOf, readGivenValues, withoutLine } from './variable-sources.ts';
import type { GivenValue, VariableSources } from './variable-sources.ts';
import type { VariableDeclaration, Workspace } from './workspace.ts';

export type { VariableArgument, VariableSources } from './variable-sources.ts';

export interface ResolvedVariables {
  /** By name; of the declared type, defaults filled in, `Sensitive` where declared so. Without the missing ones. */
  readonly values: ReadonlyMap<string, Value>;
  /** Required ones without a value, in the order of their names. The caller asks for them or reports them with `missingVariables`. */
  readonly missing: readonly VariableDeclaration[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds every variable's value. A variable whose value has an error is reported, and unknown from then on. */
export function resolveVariables(workspace: Workspace, sources: VariableSources): ResolvedVariables {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  const given = lastGiven(readGivenValues(workspace, sources, report), workspace, report);
  const values = new Map<string, Value>();
  const missing: VariableDeclaration[] = [];
  for (const name of [...workspace.variables.keys()].sort()) {
    const declaration = workspace.variables.get(name)!;
    const value = valueOf(declaration, given.get(name), workspace, report);
    if (value === undefined) missing.push(declaration);
    else values.set(name, value);
  }
  validateAll(workspace, values, given, report);
  return { values, missing, diagnostics: distinct(diagnostics) };
}

/** The strongest value of each variable; names that are not declared are reported as their source asks for. */
function lastGiven(
  all: readonly GivenValue[],
  { variables }: Workspace,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, GivenValue> {
  const last = new Map<string, GivenValue>();
  for (const given of all) {
    if (variables.has(given.name)) last.set(given.name, given);
    else if (given.undeclared !== 'ignored') {
      const detail = `There is no variable "${given.name}".${didYouMean(given.name, variables.keys())}`;
      const error = problemOf(given, 'Unknown variable', detail);
      report(given.undeclared === 'warning' ? { ...error, severity: 'warning' } : error);
    }
  }
  return last;
}

function valueOf(
  declaration: VariableDeclaration,
  given: GivenValue | undefined,
  { parser }: Workspace,
  report: (diagnostic: Diagnostic) => void,
): Value | undefined {
  if (!given) return declaration.default;
  const onError = (diagnostic: Diagnostic) =>
    report(given.range ? withoutLine(diagnostic) : problemOf(given, diagnostic.summary, diagnostic.detail));
  const value = given.text === undefined ? given.value : fromText(given.text, declaration, parser, onError);
  if (value === BROKEN) return BROKEN;
  return conform(declaration, value, given.range ?? declaration.range, onError);
}

/** Text stands for itself where a text, number or bool is wanted, and is an expression where a list or object is. */
function fromText(
  text: string,
  { name, type }: VariableDeclaration,
  parser: HclParser,
  report: (diagnostic: Diagnostic) => void,
): Value {
  if (['any', 'string', 'number', 'bool'].includes(type.kind)) return text;
  return constantText(text, name, parser, report);
}

function validateAll(
  { variables }: Workspace,
  values: ReadonlyMap<string, Value>,
  given: ReadonlyMap<string, GivenValue>,
  report: (diagnostic: Diagnostic) => void,
): void {
  const scope = { var: variableScope(variables, values) };
  for (const [name, declaration] of variables) {
    if (declaration.validations.length === 0 || !values.has(name) || values.get(name) === BROKEN) continue;
    const at = given.get(name)?.range ?? null;
    validate(declaration, scope, at, (diagnostic) => report(at ? withoutLine(diagnostic) : diagnostic));
  }
}

/** One error for each variable that has no value, saying how to give it. */
export function missingVariables(missing: readonly VariableDeclaration[]): Diagnostic[] {
  return missing.map(({ name, range, sensitive }) => {
    const ways = sensitive
      ? `Set SLIPWAY_VAR_${name} in the environment, or put it in a file given by --var-file.`
      : `Give it by --var ${name}=VALUE, --var-file, SLIPWAY_VAR_${name} or a file *.auto.vars.json.`;
    return errorAt(range, 'Variable without a value', `"${name}" is required and has no value. ${ways}`);
  });
}

/** `var` in expressions. A variable without a value is unknown. */
export function variableScope(
  variables: ReadonlyMap<string, VariableDeclaration>,
  values: ReadonlyMap<string, Value>,
): ValueObject {
  const scope = emptyObject();
  for (const [name, { sensitive }] of variables) {
    const unknown = new Unknown(`var.${name}`);
    const value = values.get(name);
    scope[name] = value === undefined ? (sensitive ? new Sensitive(unknown) : unknown) : value;
  }
  return scope;
}
