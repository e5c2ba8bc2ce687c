import { describe, expect, it } from 'vitest';
import { errorAt, errorOnHost, runError } from '../../src/diagnostics/diagnostic.ts';
import type { SourceRange } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';

const range = (line: number, from: number, to: number, endLine = line): SourceRange => ({
  file: 'main.hcl',
  start: { line, column: from, byte: 0 },
  end: { line: endLine, column: to, byte: 0 },
});
const render = (text: string, at: SourceRange, options: { width?: number; color?: boolean } = {}) =>
  renderDiagnostics([errorAt(at, 'Unknown attribute', 'There is no attribute "prot".')], {
    readSource: (file) => (file === 'main.hcl' ? text : undefined),
    color: options.color ?? false,
    width: options.width ?? 80,
  });

describe('a rendered diagnostic', () => {
  it('shows summary, place, the line with its place underlined, and detail', () => {
    expect(render('component "a" {\n  prot = 1\n}\n', range(2, 3, 7))).toBe(`Error: Unknown attribute
  --> main.hcl:2:3
    |
  2 |   prot = 1
    |   ^^^^
  There is no attribute "prot".
`);
  });

  it('underlines to the end of the line when the range goes on below it', () => {
    expect(render('a = [\n 1]\n', range(1, 5, 3, 2))).toContain('  1 | a = [\n    |     ^\n');
  });

  it('counts tabs, wide characters and emoji as a terminal does', () => {
    expect(render('\tx = "日本👩‍👩‍👧" + y\n', range(1, 14, 15))).toContain(
      '|   x = "日本👩‍👩‍👧" + y\n    |                  ^\n',
    );
  });

  it('cuts a long line around the place', () => {
    const lines = render(`${'a'.repeat(500)} prot ${'b'.repeat(500)}`, range(1, 502, 506), {
      width: 60,
    }).split('\n');
    expect(lines[3]).toMatch(/^ {2}1 \| …a+ prot b+…$/);
    expect(lines[3]!.length).toBeLessThanOrEqual(60);
    expect(lines[4]!.indexOf('^')).toBe(lines[3]!.indexOf('prot'));
    expect(lines[4]).toMatch(/^ +\| +\^{4}$/);
  });

  it('does without the line when the file cannot be read', () => {
    expect(render('', { ...range(1, 1, 2), file: 'gone.hcl' })).toBe(
      'Error: Unknown attribute\n  --> gone.hcl:1:1\n  There is no attribute "prot".\n',
    );
  });

  it('lets no control character through', () => {
    const text = renderDiagnostics([runError('A\u001b[31m', 'b\u0007\nnext')], {
      readSource: () => undefined,
      color: false,
      width: 80,
    });
    expect(text).toBe('Error: A\ufffd[31m\n  b\ufffd\n  next\n');
    expect(render('x = "\u001b[2J"', range(1, 1, 2))).not.toContain('\u001b');
  });

  it('has colours only where they are wanted', () => {
    expect(render('prot = 1', range(1, 1, 5), { color: true })).toContain('\u001b[31m^^^^\u001b[0m');
    expect(render('prot = 1', range(1, 1, 5))).not.toContain('\u001b');
  });

  it('names the host it concerns, wraps its detail, and stands apart from the next', () => {
    const both = [
      errorOnHost('10.0.0.1', 'Too little memory', 'It has 1 GiB and this component needs 2 GiB of it.'),
      { ...runError('Odd', 'Hm.'), severity: 'warning' as const },
    ];
    expect(renderDiagnostics(both, { readSource: () => undefined, color: false, width: 30 })).toBe(
      `Error: Too little memory
  --> host 10.0.0.1
  It has 1 GiB and this
  component needs 2 GiB of it.

Warning: Odd
  Hm.
`,
    );
  });

  it('is nothing for nothing', () => {
    expect(renderDiagnostics([], { readSource: () => undefined, color: false, width: 80 })).toBe('');
  });
});
