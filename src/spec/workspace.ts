import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import type { Environment } from './eval/environment.ts';
import type { Type } from './eval/types.ts';
import type { Attribute, Block } from './hcl/ast.ts';
import type { HclParser } from './hcl/parse.ts';
import type { Definition } from './definition.ts';
import type { Cluster, Move } from './model.ts';
import type { Value } from './value.ts';

/** A file of the spec or of a definition, as history keeps it. */
export interface SpecFile {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** `variable "name" { ... }` */
export interface VariableDeclaration {
  readonly name: string;
  readonly type: Type;
  /** As it is written in the source; for prompts. */
  readonly description: string;
  /** `undefined`: the variable is required. Already of `type`. */
  readonly default: Value | undefined;
  readonly sensitive: boolean;
  readonly nullable: boolean;
  readonly validations: readonly Block[];
  readonly range: SourceRange;
}

/** `component "name" { ... }` with the definition it names. */
export interface ComponentBlock {
  readonly name: string;
  readonly block: Block;
  /** As written: "./components/nats". */
  readonly source: string;
  /** Null when it could not be loaded; a diagnostic says why. */
  readonly definition: Definition | null;
}

/** All that stands in the spec and its definitions, parsed and checked against the schema, not yet evaluated. */
export interface Workspace {
  /** Absolute. */
  readonly directory: string;
  readonly files: readonly SpecFile[];
  /** `*.auto.vars.json` and `*.auto.vars.hcl`, by name. */
  readonly variableFiles: readonly SpecFile[];
  readonly environment: Environment;
  readonly parser: HclParser;
  readonly cluster: Block | null;
  readonly run: Block | null;
  readonly variables: ReadonlyMap<string, VariableDeclaration>;
  readonly locals: ReadonlyMap<string, Attribute>;
  readonly providers: ReadonlyMap<'ssh' | 'local', Block>;
  readonly hosts: ReadonlyMap<string, Block>;
  readonly components: ReadonlyMap<string, ComponentBlock>;
  readonly outputs: ReadonlyMap<string, Block>;
  /** Chains are resolved: `a -> b`, `b -> c` give `a -> c` and `b -> c`. */
  readonly moves: readonly Move[];
  /** Where state is kept: known without any variable, so that commands that read state alone need none. */
  readonly state: Cluster['state'];
  /** By absolute directory: definitions that several components use are loaded once. */
  readonly definitions: ReadonlyMap<string, Definition>;
}

/**
 * Reads every `*.hcl` of a directory (hidden files and `*.vars.hcl` left out) and the definitions that its components name.
 * All that can be said without values is checked here. Rejects only when the directory itself cannot be read.
 */
export async function loadWorkspace(
  _directory: string,
  _options: { readonly parser: HclParser },
): Promise<{ workspace: Workspace; diagnostics: Diagnostic[] }> {
  throw new Error('not there yet');
}
