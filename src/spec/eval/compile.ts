import type { Diagnostic, SourceRange } from '../../diagnostics/diagnostic.ts';
import type { Expression } from '../hcl/ast.ts';
import type { Value } from '../value.ts';
import type { Environment } from './environment.ts';

/** The variables an expression may name, by root: `{var: {...}, local: {...}}`. Use an object with a null prototype or a literal; getters make a root lazy. */
export interface Scope {
  readonly [root: string]: Value | undefined;
}

/** A variable that an expression reads, with the steps known from the source; variables of `for` are left out. */
export interface Reference {
  readonly root: string;
  readonly path: readonly (string | number)[];
  readonly range: SourceRange;
}

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
export function compile(_expression: Expression, _environment?: Environment): Compiled {
  throw new Error('not there yet');
}
