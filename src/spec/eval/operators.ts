import type { BinaryOperator, Expression, UnaryOperator } from '../hcl/ast.ts';
import type { Value } from '../value.ts';
import { equal } from './equality.ts';
import { InputError } from './error.ts';
import { mark, unmark, unmarkDeep } from './marks.ts';
import { calculate } from './numbers.ts';
import type { Numeric } from './numbers.ts';
import { asBool, asNumber, kindOf } from './primitives.ts';
import { fail } from './traverse.ts';

/** A binary operator on evaluated operands; `&&` and `||` are not among them, as they may leave the right side alone. */
export function binary(
  operator: Exclude<BinaryOperator, '&&' | '||'>,
  left: Value,
  right: Value,
  expression: Extract<Expression, { kind: 'binary' }>,
): Value {
  if (
    typeof left === 'number' &&
    typeof right === 'number' &&
    operator === '+' &&
    Number.isSafeInteger(left + right)
  ) {
    return left + right;
  }
  if (operator === '==' || operator === '!=') return equality(operator, left, right);
  const a = unmark(left);
  const b = unmark(right);
  const unknown = a.unknown ?? b.unknown;
  if (unknown) return mark(unknown, a.sensitive || b.sensitive);
  const x = operand(a.value, operator, expression.left);
  const y = operand(b.value, operator, expression.right);
  try {
    return mark(onNumbers(operator, x, y), a.sensitive || b.sensitive);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    fail(expression.range, 'Impossible calculation', `Here ${error.message}.`);
  }
}

function equality(operator: '==' | '!=', left: Value, right: Value): Value {
  const a = unmarkDeep(left);
  const b = unmarkDeep(right);
  const unknown = a.unknown ?? b.unknown;
  return mark(unknown ?? equal(a.value, b.value) === (operator === '=='), a.sensitive || b.sensitive);
}

function onNumbers(
  operator: Exclude<BinaryOperator, '&&' | '||' | '==' | '!='>,
  a: Numeric,
  b: Numeric,
): Value {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return calculate(operator, a, b);
  }
}

function operand(value: Value, operator: string, expression: Expression): Numeric {
  const number = asNumber(value);
  if (number !== undefined) return number;
  fail(
    expression.range,
    'Invalid operand',
    `The operator "${operator}" needs numbers, and this is ${kindOf(value)}.`,
  );
}

export function unary(operator: UnaryOperator, value: Value, operandExpression: Expression): Value {
  const { value: bare, sensitive, unknown } = unmark(value);
  if (unknown) return value;
  if (operator === '!') return mark(!truth(bare, operandExpression, 'The operator "!"'), sensitive);
  const number = operand(bare, operator, operandExpression);
  return mark(number === 0 ? 0 : -number, sensitive);
}

/** A known, unmarked value as a bool. `what` begins the message: "The condition". */
export function truth(value: Value, expression: Expression, what: string): boolean {
  const bool = asBool(value);
  if (bool !== undefined) return bool;
  fail(expression.range, 'Invalid condition', `${what} needs a bool, and this is ${kindOf(value)}.`);
}

/** `&&` and `||`. A side that decides alone does so, even beside an unknown one; the right side is not evaluated then. */
export function logical(
  operator: '&&' | '||',
  left: Value,
  right: () => Value,
  expression: Extract<Expression, { kind: 'binary' }>,
): Value {
  const deciding = operator === '||';
  const what = `The operator "${operator}"`;
  const a = unmark(left);
  const known = a.unknown ? undefined : truth(a.value, expression.left, what);
  if (known === deciding) return mark(deciding, a.sensitive);
  const b = unmark(right());
  const sensitive = a.sensitive || b.sensitive;
  if (b.unknown) return mark(b.unknown, sensitive);
  const other = truth(b.value, expression.right, what);
  return mark(other === deciding ? deciding : (a.unknown ?? !deciding), sensitive);
}
