import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specReference } from '../../scripts/spec-reference.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { decodeBodies } from '../../src/spec/schema/decode.ts';
import { DEFINITION_SCHEMA } from '../../src/spec/schema/definition-file.ts';
import { SPEC_SCHEMA } from '../../src/spec/schema/spec-file.ts';
import { shown, testParser } from './language.ts';

const root = join(import.meta.dirname, '../..');
const parser = testParser();

it('docs/spec.md is what `node scripts/spec-docs.mjs` makes of the tables', () => {
  expect(readFileSync(join(root, 'docs/spec.md'), 'utf8')).toBe(specReference());
});

describe('every hcl snippet in the documentation is right', () => {
  const pages = [
    'README.md',
    ...markdownIn('docs'),
    ...markdownIn('examples').filter((page) => !page.includes('/.slipway/')),
  ].filter((page) => existsSync(join(root, page)));
  const snippets = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```(?:hcl|terraform)\n(.*?)^```/gms)].map(
      ([, text], i) => [`${page} #${i + 1}`, text!] as const,
    ),
  );
  it.each(snippets)('%s', (_, text) => {
    const { body, diagnostics } = parser.parseFile(text, 'snippet');
    expect(diagnostics.map(shown)).toEqual([]);
    // A snippet of single attributes belongs to a block that the text around it names.
    if (body.attributes.length > 0) return;
    const both = { ...SPEC_SCHEMA, blocks: [...SPEC_SCHEMA.blocks, ...DEFINITION_SCHEMA.blocks] };
    const inner = { ...both, blocks: [...both.blocks, ...both.blocks.flatMap((b) => b.blocks)] };
    const found: Diagnostic[] = [];
    decodeBodies([body], inner, (diagnostic) => found.push(diagnostic));
    expect(found.filter((d) => d.summary.startsWith('Unknown')).map(shown)).toEqual([]);
  });
});

function markdownIn(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
