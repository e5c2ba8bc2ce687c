import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Body, Expression, Token } from './ast.ts';

/** Parses spec files, templates and single expressions. The grammar is HashiCorp's own; nothing is loaded before the first parse. */
export interface HclParser {
  /** A whole `*.hcl` file. With syntax errors the body holds what could be understood. */
  parseFile(text: string | Buffer, file: string): { body: Body; diagnostics: Diagnostic[] };
  /** A template file: text with `${...}` and `%{...}`. With syntax errors the expression is an empty string. */
  parseTemplate(text: string | Buffer, file: string): { expression: Expression; diagnostics: Diagnostic[] };
  /** One expression, as in the value of `--var`. With syntax errors the expression is `null`. */
  parseExpression(text: string, file: string): { expression: Expression; diagnostics: Diagnostic[] };
  /** The tokens of a file with comments and newlines, in order; together they cover all of it but blanks. */
  lex(text: string | Buffer, file: string): Token[];
}

export interface ParserOptions {
  /** Where V8's compiled form of the grammar is kept; default: `slipway` in the user's cache directory. */
  readonly cacheDir?: string;
}

export function createParser(_options: ParserOptions = {}): HclParser {
  throw new Error('not there yet');
}
