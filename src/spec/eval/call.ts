import type { SourceRange } from '../../diagnostics/diagnostic.ts';
import { errorAt } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { CallExpression } from '../hcl/ast.ts';
import type { Unknown, Value } from '../value.ts';
import { SCOPE, lowest } from './node.ts';
import type { Compiler, Evaluate, Node, Surroundings } from './node.ts';
import { EvaluationError, InputError } from './error.ts';
import { parametersOf } from './functions/definition.ts';
import type { EagerFunction, Parameters } from './functions/definition.ts';
import { absentFunctions, functionTable } from './functions/table.ts';
import { isList, mark, unmark, unmarkDeep } from './marks.ts';
import type { Unmarked } from './marks.ts';
import { kindOf } from './primitives.ts';
import { fail } from './traverse.ts';

export function compileCall(expression: CallExpression, around: Surroundings, compiler: Compiler): Node {
  const args = expression.arguments.map((argument) => compiler.compile(argument, around));
  const definition = functionTable.get(expression.name);
  if (!definition) return broken(unknownFunction(expression), compiler);
  const parameters = parametersOf(definition);
  const problem = wrongCount(expression, parameters, definition.signature);
  if (problem) return broken(problem, compiler);

  if (definition.kind === 'lazy') {
    const evaluate: Evaluate = (scope, locals) =>
      guarded(expression, parameters, false, () =>
        definition.call(args.map((arg) => () => arg.evaluate(scope, locals))),
      );
    return { needs: lowest(args), evaluate };
  }
  const context = { environment: compiler.environment };
  return {
    needs: definition.readsFiles ? SCOPE : lowest(args),
    evaluate(scope, locals) {
      const given = args.map((arg) => arg.evaluate(scope, locals));
      if (!expression.expandFinal) return call(given);
      const last = unmark(given.pop()!);
      if (last.unknown) return mark(last.unknown, last.sensitive);
      if (!isList(last.value)) {
        const range = expression.arguments.at(-1)!.range;
        fail(range, 'Invalid argument', `Before "..." a list is needed, and this is ${kindOf(last.value)}.`);
      }
      const all = [...given, ...last.value];
      const problem = wrongCount(
        { ...expression, expandFinal: false },
        parameters,
        definition.signature,
        all.length,
      );
      if (problem) throw new EvaluationError(problem);
      return mark(call(all), last.sensitive);
    },
  };

  function call(given: readonly Value[]): Value {
    const eager = definition as EagerFunction;
    if (eager.marks === 'kept')
      return guarded(expression, parameters, false, () => eager.call(given, context));
    const look = eager.marks === 'deep' ? unmarkDeep : unmark;
    const bare: Value[] = [];
    let sensitive = false;
    let unknown: Unknown | undefined;
    for (const value of given) {
      const seen: Unmarked = look(value);
      sensitive ||= seen.sensitive;
      unknown ??= seen.unknown;
      bare.push(seen.value);
    }
    if (unknown) return mark(unknown, sensitive);
    const result = guarded(expression, parameters, sensitive, () => {
      if (!eager.nullable) refuseNull(bare);
      return eager.call(bare, context);
    });
    return mark(result, sensitive);
  }
}

function refuseNull(args: readonly Value[]): void {
  const index = args.indexOf(null);
  if (index >= 0) throw new InputError('a value is needed, and this is null', index);
}

/** Adds the place to what a function has against its arguments. */
function guarded(
  expression: CallExpression,
  parameters: Parameters,
  sensitive: boolean,
  act: () => Value,
): Value {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { argument, message } = error;
    const summary = `Invalid call of "${expression.name}"`;
    const range = argument === undefined ? expression.range : argumentRange(expression, argument);
    if (sensitive)
      fail(range, summary, 'The arguments do not fit. Why is not said here, as one of them is sensitive.');
    const name =
      argument === undefined ? undefined : parameters.names[Math.min(argument, parameters.names.length - 1)];
    fail(range, summary, name === undefined ? `${capital(message)}.` : `For "${name}": ${message}.`);
  }
}

function argumentRange(expression: CallExpression, index: number): SourceRange {
  return (expression.arguments[index] ?? expression.arguments.at(-1))?.range ?? expression.range;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function broken(problem: ReturnType<typeof errorAt>, compiler: Compiler): Node {
  compiler.diagnostics.push(problem);
  return {
    needs: SCOPE,
    evaluate() {
      throw new EvaluationError(problem);
    },
  };
}

function unknownFunction({ name, nameRange }: CallExpression) {
  const absent = absentFunctions.get(name);
  if (absent !== undefined)
    return errorAt(nameRange, 'Function not available', `There is no "${name}" here: ${absent}.`);
  const hint = didYouMean(name, functionTable.keys());
  return errorAt(nameRange, 'Unknown function', `There is no function "${name}".${hint}`);
}

function wrongCount(
  expression: CallExpression,
  { minimum, maximum }: Parameters,
  signature: string,
  count = expression.arguments.length,
) {
  const tooFew = count < minimum && !expression.expandFinal;
  const tooMany = count - (expression.expandFinal ? 1 : 0) > maximum;
  if (!tooFew && !tooMany) return undefined;
  return errorAt(
    expression.range,
    tooFew ? 'Too few arguments' : 'Too many arguments',
    `It is called as ${signature}; here are ${count} argument${count === 1 ? '' : 's'}.`,
  );
}
