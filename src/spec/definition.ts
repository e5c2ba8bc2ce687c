import type { Environment } from './eval/environment.ts';
import type { Block } from './hcl/ast.ts';

/** A file of a definition's tree. */
export interface DefinitionFile {
  /** Relative to the definition's directory, with `/`. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

/** `components/NAME/`: its blocks, parsed once, and its tree. */
export interface Definition {
  /** Absolute. */
  readonly directory: string;
  /** SHA-256 over the sorted tree of files (path and content). */
  readonly digest: string;
  readonly files: readonly DefinitionFile[];
  readonly environment: Environment;
  readonly blocks: readonly Block[];
  /** False when it has errors; its instances are then not evaluated. */
  readonly valid: boolean;
}
