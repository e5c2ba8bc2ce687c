import type { BinaryOperator, UnaryOperator } from './ast.ts';
import type { GoHcl } from './go.ts';

/** The operators by the Go values that stand for them in the tree. */
export function operatorTable({ syntax }: GoHcl): Map<object, BinaryOperator | UnaryOperator> {
  return new Map<object, BinaryOperator | UnaryOperator>([
    [syntax.OpLogicalOr, '||'],
    [syntax.OpLogicalAnd, '&&'],
    [syntax.OpLogicalNot, '!'],
    [syntax.OpEqual, '=='],
    [syntax.OpNotEqual, '!='],
    [syntax.OpGreaterThan, '>'],
    [syntax.OpGreaterThanOrEqual, '>='],
    [syntax.OpLessThan, '<'],
    [syntax.OpLessThanOrEqual, '<='],
    [syntax.OpAdd, '+'],
    [syntax.OpSubtract, '-'],
    [syntax.OpMultiply, '*'],
    [syntax.OpDivide, '/'],
    [syntax.OpModulo, '%'],
    [syntax.OpNegate, '-'],
  ]);
}
