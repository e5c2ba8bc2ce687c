import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Expression, TemplateExpression, TraversalExpression } from '../hcl/ast.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value } from '../value.ts';
import { compileCall } from './call.ts';
import type { Environment } from './environment.ts';
import { compileFor, compileSplat } from './iterate.ts';
import { NOTHING, SCOPE, constant, lowest } from './node.ts';
import type { Compiler, Evaluate, Node, Reference, Scope, Surroundings } from './node.ts';
import { compileObject } from './object.ts';
import { mark, unmark } from './marks.ts';
import { binary, logical, truth, unary } from './operators.ts';
import { asText, kindOf } from './primitives.ts';
import { fail, follow, item } from './traverse.ts';

export type { Reference, Scope } from './node.ts';

export interface Compiled {
  /** Throws `EvaluationError`. Cheap: call it as often as there are instances. */
  evaluate(scope: Scope): Value;
  readonly references: readonly Reference[];
  /** What is wrong whatever the scope is: unknown functions, wrong numbers of arguments. `evaluate` throws the same. */
  readonly diagnostics: readonly Diagnostic[];
  /** True when the value needs no scope and no file. */
  readonly constant: boolean;
}

/** Compiles an expression to closures. Without an environment the file functions are errors. Never throws on user input. */
export function compile(expression: Expression, environment?: Environment): Compiled {
  const compiler: Compiler = {
    environment,
    references: [],
    diagnostics: [],
    compile: (inner, around) => fold(compileNode(inner, around, compiler)),
  };
  const { evaluate, needs } = compiler.compile(expression, {
    slots: new Map(),
    nextSlot: 0,
    splatSlot: undefined,
  });
  return {
    evaluate: (scope) => evaluate(scope, []),
    references: compiler.references,
    diagnostics: compiler.diagnostics,
    constant: needs === NOTHING,
  };
}

/** A fixed value is computed once. If that fails, it fails again, with its place, when the value is asked for. */
function fold(node: Node): Node {
  if (node.needs !== NOTHING) return node;
  try {
    return constant(node.evaluate({}, []));
  } catch {
    return node;
  }
}

function compileNode(expression: Expression, around: Surroundings, compiler: Compiler): Node {
  const inner = (e: Expression) => compiler.compile(e, around);
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value);
    case 'template':
      return compileTemplate(expression, around, compiler);
    case 'templateJoin': {
      const items = inner(expression.items);
      return { needs: items.needs, evaluate: (s, l) => join(items.evaluate(s, l), expression.range) };
    }
    case 'traversal':
      return compileTraversal(expression, around, compiler);
    case 'relativeTraversal': {
      const source = inner(expression.source);
      const { steps } = expression;
      return { needs: source.needs, evaluate: (s, l) => steps.reduce(follow, source.evaluate(s, l)) };
    }
    case 'call':
      return compileCall(expression, around, compiler);
    case 'for':
      return compileFor(expression, around, compiler);
    case 'conditional': {
      const { condition, whenTrue, whenFalse } = expression;
      const nodes = [inner(condition), inner(whenTrue), inner(whenFalse)] as const;
      const [test, yes, no] = nodes;
      return {
        needs: lowest(nodes),
        evaluate(s, l) {
          const { value, sensitive, unknown } = unmark(test.evaluate(s, l));
          if (unknown) return mark(unknown, sensitive);
          return mark((truth(value, condition, 'The condition') ? yes : no).evaluate(s, l), sensitive);
        },
      };
    }
    case 'binary': {
      const left = inner(expression.left);
      const right = inner(expression.right);
      const { operator } = expression;
      const evaluate: Evaluate =
        operator === '&&' || operator === '||'
          ? (s, l) => logical(operator, left.evaluate(s, l), () => right.evaluate(s, l), expression)
          : (s, l) => binary(operator, left.evaluate(s, l), right.evaluate(s, l), expression);
      return { needs: Math.min(left.needs, right.needs), evaluate };
    }
    case 'unary': {
      const operand = inner(expression.operand);
      const evaluate: Evaluate = (s, l) =>
        unary(expression.operator, operand.evaluate(s, l), expression.operand);
      return { needs: operand.needs, evaluate };
    }
    case 'object':
      return compileObject(expression, around, compiler);
    case 'tuple': {
      const items = expression.items.map(inner);
      return { needs: lowest(items), evaluate: (s, l) => items.map((node) => node.evaluate(s, l)) };
    }
    case 'index': {
      const collection = inner(expression.collection);
      const key = inner(expression.key);
      return {
        needs: Math.min(collection.needs, key.needs),
        evaluate: (s, l) => item(collection.evaluate(s, l), key.evaluate(s, l), expression.key.range),
      };
    }
    case 'splat':
      return compileSplat(expression, around, compiler);
    case 'splatItem': {
      const slot = around.splatSlot;
      if (slot === undefined) throw new Error('a splat item outside of a splat');
      return { needs: slot, evaluate: (_, locals) => locals[slot]! };
    }
  }
}

function compileTraversal(expression: TraversalExpression, around: Surroundings, compiler: Compiler): Node {
  const { root, rootRange, steps, range } = expression;
  const slot = around.slots.get(root);
  if (slot !== undefined) {
    return { needs: slot, evaluate: (_, locals) => steps.reduce(follow, locals[slot]!) };
  }
  const path = steps.map((step) => (step.kind === 'attribute' ? step.name : step.key));
  compiler.references.push({ root, path, range });
  // Names such as "constructor" are found in any plain object: they go the careful way.
  const careful = [root, ...path].some((name) => name in Object.prototype);
  const evaluate: Evaluate = (scope) => {
    let value = careful && !Object.hasOwn(scope, root) ? undefined : scope[root];
    if (value === undefined)
      unknownVariable(root, rootRange, [...around.slots.keys(), ...Object.keys(scope)]);
    for (let i = 0; i < steps.length; i++) {
      const name = path[i]!;
      const next: Value | undefined =
        !careful && typeof name === 'string' && isPlain(value) ? value[name] : undefined;
      value = next !== undefined ? next : follow(value, steps[i]!);
    }
    return value;
  };
  return { needs: SCOPE, evaluate };
}

function isPlain(value: Value): value is { readonly [key: string]: Value } {
  if (typeof value !== 'object' || value === null) return false;
  return !(value instanceof Unknown) && !(value instanceof Sensitive) && !Array.isArray(value);
}

function unknownVariable(name: string, range: SourceRange, known: readonly string[]): never {
  const hint = known.length === 0 ? ' No variables can be used here.' : ` Known here: ${known.join(', ')}.`;
  fail(range, 'Unknown variable', `There is no variable "${name}" here.${didYouMean(name, known)}${hint}`);
}

/** Joins what is fixed at once, so that evaluation only appends. */
function compileTemplate(expression: TemplateExpression, around: Surroundings, compiler: Compiler): Node {
  const parts: (string | { readonly node: Node; readonly range: SourceRange })[] = [];
  for (const part of expression.parts) {
    const node = compiler.compile(part, around);
    const fixed = node.needs === NOTHING ? fixedText(node) : undefined;
    const last = parts.at(-1);
    if (fixed === undefined) parts.push({ node, range: part.range });
    else if (typeof last === 'string') parts[parts.length - 1] = last + fixed;
    else parts.push(fixed);
  }
  const nodes = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.node]));
  const evaluate: Evaluate = (scope, locals) => {
    let text = '';
    let sensitive = false;
    let unknown: Unknown | undefined;
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      let value = part.node.evaluate(scope, locals);
      if (value instanceof Sensitive) {
        sensitive = true;
        value = value.reveal();
      }
      if (value instanceof Unknown) unknown ??= value;
      else text += typeof value === 'string' ? value : interpolated(value, part.range);
    }
    return mark(unknown ?? text, sensitive);
  };
  return { needs: lowest(nodes), evaluate };
}

function fixedText(node: Node): string | undefined {
  try {
    return asText(node.evaluate({}, []));
  } catch {
    return undefined;
  }
}

function interpolated(value: Value, range: SourceRange): string {
  const text = asText(value);
  if (text !== undefined) return text;
  const advice =
    value === null
      ? 'Give it a value, or use coalesce().'
      : 'Use join() or jsonencode() to make it a string.';
  fail(
    range,
    'Invalid value in a template',
    `A template joins strings, and this is ${kindOf(value)}. ${advice}`,
  );
}

/** The texts of a `%{ for }` in a row. */
function join(items: Value, range: SourceRange): Value {
  const { value, sensitive, unknown } = unmark(items);
  if (unknown) return items;
  let text = '';
  let hidden = sensitive;
  for (const each of value as readonly Value[]) {
    const bare = unmark(each);
    hidden ||= bare.sensitive;
    if (bare.unknown) return mark(bare.unknown, hidden);
    text += interpolated(bare.value, range);
  }
  return mark(text, hidden);
}
