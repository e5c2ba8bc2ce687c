import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/spec/eval/compile.ts';
import { shown, testParser } from '../language.ts';

const parser = testParser();
const scope = { name: 'nats', n: 3, list: ['a', 'b'], yes: true };

function render(template: string) {
  const { expression, diagnostics } = parser.parseTemplate(template, 'a.tftpl');
  return diagnostics.length > 0
    ? `! ${diagnostics.map(shown).join('; ')}`
    : compile(expression).evaluate(scope);
}

describe('a template file', () => {
  const cases: [what: string, template: string, expected: string][] = [
    ['nothing', '', ''],
    ['text without a newline at the end', 'hello', 'hello'],
    ['text with one', 'hello\n', 'hello\n'],
    ['blank lines at the end', 'hello\n\n\n', 'hello\n\n\n'],
    ['windows line ends', 'a\r\nb ${name}\r\n', 'a\r\nb nats\r\n'],
    ['indented text', '    a\n  b\n', '    a\n  b\n'],
    ['an interpolation alone is a string', '${n}', '3'],
    ['interpolations', '${name}:${n + 1}\n', 'nats:4\n'],
    ['escapes', '$${name} %%{if} 100% $5 \\n "q"\n', '${name} %{if} 100% $5 \\n "q"\n'],
    ['a loop', '%{ for x in list }- ${x}\n%{ endfor }', '- a\n- b\n'],
    ['a loop without its own lines', '%{ for x in list ~}\n- ${x}\n%{ endfor ~}\nend\n', '- a\n- b\nend\n'],
    ['a loop with an index', '%{ for i, x in list }${i}${x} %{ endfor }', '0a 1b '],
    ['a choice', '%{ if yes }yes%{ else }no%{ endif }\n', 'yes\n'],
    ['a choice without an else', 'a%{ if !yes }no%{ endif }b', 'ab'],
    ['trimming at the very end', 'a ${name ~}', 'a nats'],
    ['trimming before', 'a   ${~ name}', 'anats'],
    ['trimming takes only the rest of a line', 'a ${name ~}  \n\nb', 'a nats\nb'],
    ['what looks like the end of a heredoc', 'TEMPLATE\nTEMPLATEX\n', 'TEMPLATE\nTEMPLATEX\n'],
    ['a heredoc inside', '${<<E\nx\nE\n}', 'x\n'],
    ['comments are text', '# a ${n}\n// b\n', '# a 3\n// b\n'],
  ];
  it.each(cases)('%s', (_, template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('has its own lines and columns', () => {
    expect(parser.parseTemplate('a\n  é ${x.y}\n', 'a').expression).toMatchObject({
      kind: 'template',
      parts: [{}, { range: { file: 'a', start: { line: 2, column: 7, byte: 9 } } }, {}],
    });
  });

  const broken: [what: string, template: string, expected: RegExp][] = [
    ['an interpolation that is not closed', 'a\nb ${name', /^! 2:9 Unexpected end: /],
    ['a choice that is not ended', 'a\n%{ if yes }\nx', /^! 3:2 .*if directive at a.tftpl:2,1/],
    ['an end without a beginning', 'a\n%{ endif }', /^! 2:1 Unexpected endif/],
    ['a broken expression', 'a\n${1 +}\n', /^! 2:6 Invalid expression/],
    ['a foreign variable syntax', 'a\nx=${foo:-bar}\n', /^! 2:8 .*\$\$\{/],
  ];
  it.each(broken)('%s', (_, template, expected) => {
    expect(render(template)).toMatch(expected);
  });
});

describe('strings and heredocs in a file', () => {
  const cases: [what: string, source: string, expected: string][] = [
    ['escapes', '"a\\tb\\n\\"\\\\ \\u00e9 \\U0001F600"', 'a\tb\n"\\ é 😀'],
    ['a doubled dollar sign', '"$${x} %%{y} $"', '${x} %{y} $'],
    ['a heredoc', '<<E\n  a\n b\nE\n', '  a\n b\n'],
    ['a heredoc whose indent does not count', '<<-E\n    a\n      b\n    E\n', 'a\n  b\n'],
    ['a heredoc with interpolation', '<<E\n${name}\nE\n', 'nats\n'],
    ['a heredoc takes backslashes as they are', '<<E\na\\nb\nE\n', 'a\\nb\n'],
  ];
  it.each(cases)('%s', (_, source, expected) => {
    const { body, diagnostics } = parser.parseFile(`a = ${source}`, 'x.hcl');
    expect(diagnostics).toEqual([]);
    expect(compile(body.attributes[0]!.expression).evaluate(scope)).toBe(expected);
  });
});
