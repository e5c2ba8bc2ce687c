import { join } from 'node:path';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { compile } from '../../src/spec/eval/compile.ts';
import type { Scope } from '../../src/spec/eval/compile.ts';
import type { Environment } from '../../src/spec/eval/environment.ts';
import { EvaluationError } from '../../src/spec/eval/error.ts';
import { createParser } from '../../src/spec/hcl/parse.ts';
import type { HclParser } from '../../src/spec/hcl/parse.ts';
import type { Value } from '../../src/spec/value.ts';

/** Kept between runs, so that not every test file compiles the grammar again. */
const cacheDir = join(import.meta.dirname, '../../node_modules/.cache/slipway-test');

export function testParser(): HclParser {
  return createParser({ cacheDir });
}

/** "3:5 Summary: Detail", as a user would see it. */
export function shown({ subject, summary, detail }: Diagnostic): string {
  const place = subject.at === 'source' ? `${subject.range.start.line}:${subject.range.start.column} ` : '';
  return `${place}${summary}: ${detail}`;
}

/** A function that evaluates the text of an expression; an error of the user's becomes "! 1:1 Summary: Detail". */
export function evaluator(parser: HclParser, environment?: Environment) {
  return (source: string, scope: Scope = {}): Value => {
    const { expression, diagnostics } = parser.parseExpression(source, 'test');
    if (diagnostics.length > 0) return `! ${diagnostics.map(shown).join('; ')}`;
    try {
      return plain(compile(expression, environment).evaluate(scope));
    } catch (error) {
      if (error instanceof EvaluationError) return `! ${shown(error.diagnostic)}`;
      throw error;
    }
  };
}

/** Objects with an ordinary prototype, which compare as literals do. Marks stay. */
export function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item as Value)]));
}
