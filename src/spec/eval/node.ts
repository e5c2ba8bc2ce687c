import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import type { Expression } from '../hcl/ast.ts';
import type { Value } from '../value.ts';
import type { Environment } from './environment.ts';

/**
 * The variables an expression may name, by root: `{var: {...}, local: {...}}`. An object literal will do;
 * getters make a root lazy.
 */
export interface Scope {
  readonly [root: string]: Value | undefined;
}

/** A variable that an expression reads, with the steps known from the source; variables of `for` are left out. */
export interface Reference {
  readonly root: string;
  readonly path: readonly (string | number)[];
  readonly range: SourceRange;
}

/** An expression as a closure. `locals` holds the variables of the loops around it, by slot. */
export type Evaluate = (scope: Scope, locals: Value[]) => Value;

/**
 * A compiled expression. `needs` is the lowest slot of a loop variable that it reads, `SCOPE` when it reads the scope or
 * a file, and `NOTHING` when its value is fixed.
 */
export interface Node {
  readonly evaluate: Evaluate;
  readonly needs: number;
}
export const SCOPE = -1;
export const NOTHING = Infinity;

/** Where in the expression the compiler is: the slots of the loop variables that can be named here. */
export interface Surroundings {
  readonly slots: ReadonlyMap<string, number>;
  readonly nextSlot: number;
  /** The slot of the element of the innermost splat. */
  readonly splatSlot: number | undefined;
}

export interface Compiler {
  readonly environment: Environment | undefined;
  readonly references: Reference[];
  readonly diagnostics: Diagnostic[];
  compile(expression: Expression, around: Surroundings): Node;
}

export function constant(value: Value): Node {
  return { evaluate: () => value, needs: NOTHING };
}

export function lowest(nodes: readonly Node[]): number {
  return nodes.reduce((needs, node) => Math.min(needs, node.needs), NOTHING);
}
