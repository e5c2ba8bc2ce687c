import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { extendedRegex } from '../../../src/app/operate/extended-regex.ts';

const LINES = [
  'ERROR: disk full',
  'warn: 12 of 100 (12%)',
  'a+b=c {x} [y] \\ end',
  'word-word wordword',
  'GET /api/v1/things?id=7 200',
  'tab\there',
  'aaa',
  '',
  '2026-01-02T03:04:05Z ok',
];

/** The lines that match, as our expression and as grep chooses them. */
function chosen(expression: string): { readonly ours: readonly string[]; readonly grep: readonly string[] } {
  const read = extendedRegex(expression);
  if ('problem' in read) throw new Error(read.problem);
  const { stdout } = spawnSync('grep', ['-E', '-e', expression], {
    input: LINES.map((line) => `${line}\n`).join(''),
  });
  return {
    ours: LINES.filter((line) => read.regex.test(line)),
    grep: stdout.toString().split('\n').slice(0, -1),
  };
}

describe('an extended regular expression', () => {
  it.each([
    'ERROR|warn',
    '^[A-Z]+:',
    '[[:digit:]]{2,3}',
    '[^[:space:]]$',
    'a\\+b',
    '\\(12%\\)',
    '[]y]',
    '[a\\]',
    '\\{x}',
    '{x}',
    '\\<wordword\\>',
    '\\bword\\b-',
    '/api/v[0-9]/.*\\?id=[0-9]+',
    '^a{3}$',
    'a{,2}b',
    '^$',
    '\\w+-\\w+',
    '[-+]b',
    '[+-]b',
    '(GET|POST) /',
    'x{1',
    '[[:alpha:]_]+\\\\',
    '.*Z ok',
    '[/&|]',
  ])('chooses what grep -E chooses: %s', (expression) => {
    const { ours, grep } = chosen(expression);
    expect(ours).toEqual(grep);
  });

  it.each([
    ['a(', /unterminated group/],
    ['[a', /not closed/],
    ['a\\', /ends with a backslash/],
    ['(a)\\1', /refers back/],
    ['(?i)a', /none of an extended/],
    ['[[:nonsense:]]', /no class/],
  ])('that is none says why: %s', (expression, problem) => {
    expect(extendedRegex(expression)).toEqual({ problem: expect.stringMatching(problem) as string });
  });
});
