import { expect, it } from 'vitest';
import { compile } from '../../../src/spec/eval/compile.ts';
import { EvaluationError } from '../../../src/spec/eval/error.ts';
import type { Body } from '../../../src/spec/hcl/ast.ts';
import { format } from '../../../src/spec/format/format.ts';
import { testParser } from '../language.ts';

const SEED = `# a cluster
component "nats" {
  hosts  = [for n in range(3) : "10.0.0.\${190 + n}" if n != 1]
  inputs = { port = 4222, (var.key) = -1.5e3, "q" = !true }
  text   = <<-EOT
    %{ for h in var.list ~}
    route \${h}
    %{ endfor ~}
  EOT
  update { canaries = 1 }
  z = var.a.b[0]["c"].*.d[*].e ? try(f(x...), null) : {for k, v in m : k => v...}
}
`;

/** A small generator with a fixed seed, so that a failure can be seen again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  '${',
  '%{',
  '\n',
  '<<E\n',
  '=',
  '.',
  ',',
  '\\',
  '*',
  '\u0000',
  'é',
  '\ud800',
  '#',
  '/*',
  '?',
  ':',
  '...',
  ' ',
];

function mutate(text: string, pick: (below: number) => number): string {
  let mutated = text;
  for (let edits = 1 + pick(4); edits > 0; edits--) {
    const at = pick(mutated.length + 1);
    const cut = pick(3) === 0 ? pick(12) : 0;
    const put = pick(4) === 0 ? '' : PIECES[pick(PIECES.length)]!;
    mutated = mutated.slice(0, at) + put + mutated.slice(at + cut);
  }
  return mutated;
}

function evaluateAll(body: Body): void {
  for (const { expression } of body.attributes) {
    try {
      compile(expression).evaluate({ var: { list: ['a'], key: 'k', a: { b: [] } }, m: { a: 1 } });
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
    }
  }
  for (const block of body.blocks) evaluateAll(block.body);
}

it('whatever is broken in a file, it is told as diagnostics, and formatting never changes what a file means', () => {
  const parser = testParser();
  const pick = random(42);
  let valid = 0;
  for (let round = 0; round < 250; round++) {
    const text = mutate(SEED, pick);
    const { body, diagnostics } = parser.parseFile(text, 'x.hcl');
    evaluateAll(body);
    for (const { subject } of diagnostics) expect(subject.at).toBe('source');
    parser.parseTemplate(text, 'x');
    if (diagnostics.length > 0) continue;
    valid++;
    const formatted = format(text, parser);
    const tokens = (source: string) =>
      parser
        .lex(source, 'x')
        .map((t) => t.text.trim())
        .filter((t) => t !== '');
    expect(tokens(formatted), text).toEqual(tokens(text));
    expect(format(formatted, parser), text).toBe(formatted);
  }
  expect(valid).toBeGreaterThan(10);
});
