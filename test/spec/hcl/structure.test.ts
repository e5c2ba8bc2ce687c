import { describe, expect, it } from 'vitest';
import type { Body } from '../../../src/spec/hcl/ast.ts';
import { shown, testParser } from '../language.ts';

const parser = testParser();

function outline(body: Body): unknown[] {
  return [
    ...body.attributes.map((a) => a.name),
    ...body.blocks.map((b) => [b.type, ...b.labels.map((l) => l.text), ...outline(b.body)]),
  ];
}

describe('the structure of a file', () => {
  const cases: [what: string, source: string, expected: unknown[]][] = [
    ['an empty file', '', []],
    ['only comments', '# one\n// two\n/* three\n*/\n', []],
    ['attributes in source order', 'zebra = 1\napple = 2\n', ['zebra', 'apple']],
    ['no newline at the end', 'a = 1', ['a']],
    ['windows line ends', 'a = 1\r\nb {\r\n  c = 2\r\n}\r\n', ['a', ['b', 'c']]],
    ['a byte order mark', '\ufeffa = 1\n', ['a']],
    ['blocks in source order', 'b {}\na {}\nb {}\n', [['b'], ['a'], ['b']]],
    ['labels with and without quotes', 'host "edge one" x {}\n', [['host', 'edge one', 'x']]],
    ['an escape in a label', 'host "a\\"b" {}\n', [['host', 'a"b']]],
    ['blocks within blocks', 'a {\n  b "c" {\n    d = 1\n  }\n}\n', [['a', ['b', 'c', 'd']]]],
    ['a block on one line', 'a { b = 1 }\n', [['a', 'b']]],
    ['an attribute beside a block of its name', 'a = 1\na {}\n', ['a', ['a']]],
    ['names beyond ASCII and with dashes', 'größe-max = 1\n', ['größe-max']],
    ['a comment behind an attribute', 'a = 1 # one\nb = 2 // two\nc = /* 3 */ 3\n', ['a', 'b', 'c']],
    ['an expression over several lines in brackets', 'a = [\n  1,\n  2,\n]\nb = (1\n  + 2)\n', ['a', 'b']],
  ];
  it.each(cases)('%s', (_, source, expected) => {
    const { body, diagnostics } = parser.parseFile(source, 'x.hcl');
    expect(diagnostics).toEqual([]);
    expect(outline(body)).toEqual(expected);
  });

  it('says where everything stands: lines, columns in characters, bytes', () => {
    const { body } = parser.parseFile('é = "ä"\ncomponent "n" {\n  port = x.y\n}\n', 'a.hcl');
    expect(body.attributes[0]!.expression.range).toEqual({
      file: 'a.hcl',
      start: { line: 1, column: 5, byte: 5 },
      end: { line: 1, column: 8, byte: 9 },
    });
    const block = body.blocks[0]!;
    expect(block.labels[0]!.range.start).toEqual({ line: 2, column: 11, byte: 20 });
    expect(block.range.end).toMatchObject({ line: 4, column: 2 });
    expect(block.body.attributes[0]).toMatchObject({
      nameRange: { start: { line: 3, column: 3 } },
      expression: {
        root: 'x',
        steps: [{ kind: 'attribute', name: 'y', range: { start: { line: 3, column: 11 } } }],
      },
    });
  });
});

describe('a broken file', () => {
  const cases: [what: string, source: string, at: string, says: RegExp][] = [
    ['an expression that ends too early', 'a = 1\nb = 1 +\n', '2:8', /Expected the start of an expression/],
    ['a bracket that is not closed', 'a = [1, 2\n', '2:1', /bracket|item|expression/i],
    ['a string that is not closed', 'a = "x\n', '1:7', /string|quote/i],
    ['a block that is not closed', 'a {\n  b = 1\n', '3:1', /clos/i],
    ['an attribute that is set twice', 'a = 1\nb = 2\na = 3\n', '3:1', /already set|redefined/i],
    ['two attributes on one line', 'x { a = 1, b = 2 }\n', '1:10', /single-line|argument/i],
    ['a stray character', 'a = 1\n%\n', '2:1', /./],
    ['single quotes', "a = 'x'\n", '1:5', /single quotes/i],
    ['a missing value', 'a =\n', '1:4', /expression/i],
    ['an unknown escape', 'a = "\\q"\n', '1:6', /escape/i],
    ['a dotted key without quotes', 'a = { b.c = 1 }\n', '1:7', /parentheses|quotes/i],
    ['a number that is a bomb', 'a = 1e999999999\n', '1:5', /400 digits/],
  ];
  it.each(cases)('%s', (_, source, at, says) => {
    const { diagnostics } = parser.parseFile(source, 'x.hcl');
    expect(diagnostics.length).toBeGreaterThan(0);
    const first = shown(diagnostics[0]!);
    expect(first.split(' ')[0]).toBe(at);
    expect(first).toMatch(says);
  });

  it('still yields what could be understood', () => {
    const { body, diagnostics } = parser.parseFile('a = 1\nb {\n  c = 2\n}\nd = = 3\n', 'x.hcl');
    expect(diagnostics).toHaveLength(1);
    expect(outline(body)).toContainEqual(['b', 'c']);
  });
});
