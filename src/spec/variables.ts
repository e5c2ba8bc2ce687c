import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Value } from './value.ts';
import type { VariableDeclaration, Workspace } from './workspace.ts';

/** Where values of variables come from, weakest first: environment, auto files of the workspace, arguments in order, prompts. */
export interface VariableSources {
  /** `SLIPWAY_VAR_name`; other variables are ignored. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--var name=value` and `--var-file PATH` in the order given; a path is relative to `directory`. */
  readonly arguments: readonly VariableArgument[];
  /** Answers to prompts, as typed. */
  readonly prompted?: ReadonlyMap<string, string>;
  /** Where paths of `--var-file` start. */
  readonly directory: string;
}
export type VariableArgument =
  { readonly option: 'var'; readonly text: string } | { readonly option: 'var-file'; readonly path: string };

export interface ResolvedVariables {
  /** By name; of the declared type, defaults filled in, `Sensitive` where declared so. Without the missing ones. */
  readonly values: ReadonlyMap<string, Value>;
  /** Required ones without a value, in the order of their names. The caller asks for them or reports them with `missingVariables`. */
  readonly missing: readonly VariableDeclaration[];
  readonly diagnostics: readonly Diagnostic[];
}

export function resolveVariables(_workspace: Workspace, _sources: VariableSources): ResolvedVariables {
  throw new Error('not there yet');
}

/** One error for each variable that has no value, saying how to give it. */
export function missingVariables(_missing: readonly VariableDeclaration[]): Diagnostic[] {
  throw new Error('not there yet');
}

/** Names of the variables that the spec reads anywhere. */
export function usedVariables(_workspace: Workspace): ReadonlySet<string> {
  throw new Error('not there yet');
}
