import { describe, expect, it } from 'vitest';
import { format } from '../../../src/spec/format/format.ts';
import { testParser } from '../language.ts';

const parser = testParser();

describe('format', () => {
  const cases: [what: string, source: string, expected: string][] = [
    ['an empty file', '', ''],
    [
      'indents',
      'a "b"   {\nc = 1\n      d {\n  e = [\n1,\n2\n]\n}\n}\n',
      'a "b" {\n  c = 1\n  d {\n    e = [\n      1,\n      2\n    ]\n  }\n}\n',
    ],
    ['the newline at the end', 'a = 1', 'a = 1\n'],
    ['aligned equals signs', 'a=1\nlong_name=2\n\nb=3\n', 'a         = 1\nlong_name = 2\n\nb = 3\n'],
    [
      'an expression over several lines ends the alignment',
      'a=1\nlong_name={\nb=1\nccc=2\n}\ndd=1\n',
      'a = 1\nlong_name = {\n  b   = 1\n  ccc = 2\n}\ndd = 1\n',
    ],
    ['aligned comments', 'a=1# one\nbb=22   # two\nc=3\n', 'a  = 1  # one\nbb = 22 # two\nc  = 3\n'],
    [
      'comments of their own line',
      'a {\n# one\n      // two\n  /* three */\n}\n',
      'a {\n  # one\n  // two\n  /* three */\n}\n',
    ],
    ['no blanks at the end of a line', 'a = 1   \n   \n# x   \n', 'a = 1\n\n# x\n'],
    ['blank lines stay', 'a = 1\n\n\nb = 2\n', 'a = 1\n\n\nb = 2\n'],
    [
      'operators',
      'a=1+2*-3-x\nb=!x&&y||z==1\nc=x?1:-1\nd=-(1)\n',
      'a = 1 + 2 * -3 - x\nb = !x && y || z == 1\nc = x ? 1 : -1\nd = -(1)\n',
    ],
    [
      'brackets and braces',
      'a=[ 1,2 ,3 ]\nb={a=1,b=2}\nc={ }\nd=f( 1 , [] ... )\ne=x [ 0 ] . y\n',
      'a = [1, 2, 3]\nb = { a = 1, b = 2 }\nc = {}\nd = f(1, []...)\ne = x[0].y\n',
    ],
    [
      'for',
      'a=[for k,v in {a=1}:"${ k }" if v!=2]\nb={for x in [1]:x=>x ...}\nc=[for x in(y):x]\n',
      'a = [for k, v in { a = 1 } : "${k}" if v != 2]\nb = { for x in [1] : x => x... }\nc = [for x in (y) : x]\n',
    ],
    [
      'templates keep their text',
      'a="  x ${ y }  %{ if z }  q %{ endif }"\n',
      'a = "  x ${y}  %{if z}  q %{endif}"\n',
    ],
    ['a block on one line', 'a {b=1}\nc{}\n', 'a { b = 1 }\nc {}\n'],
    [
      'heredocs stay as they are',
      'a {\nb = <<-E\n      x ${  y }\n   E\nccc=1\n}\n',
      'a {\n  b = <<-E\n      x ${  y }\n   E\n  ccc = 1\n}\n',
    ],
    [
      'an object that begins in a bracket',
      'a=[{\nb=1\n},{\nc=2\n}]\n',
      'a = [{\n  b = 1\n  }, {\n  c = 2\n}]\n',
    ],
    ['wide characters', 'é="x" # a\nff="ü" # b\n', 'é  = "x" # a\nff = "ü" # b\n'],
    ['windows line ends', 'a=1\r\nbb=2 # x\r\n', 'a  = 1\r\nbb = 2 # x\r\n'],
    ['a byte order mark', '\ufeffa=1\n', '\ufeffa = 1\n'],
    ['splats and legacy indexes', 'a=x . * . y\nb=x[ * ].y\nc=x.0\n', 'a = x.*.y\nb = x[*].y\nc = x.0\n'],
  ];
  it.each(cases)('%s', (_, source, expected) => {
    expect(format(source, parser)).toBe(expected);
    expect(format(expected, parser)).toBe(expected);
  });

  it('leaves a broken file alone', () => {
    const broken = 'a  =   1\nb = [\n';
    expect(format(broken, parser)).toBe(broken);
  });
});
