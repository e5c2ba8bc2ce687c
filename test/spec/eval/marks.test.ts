import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { firstUnknown, revealDeep } from '../../../src/spec/eval/marks.ts';
import { Sensitive, Unknown } from '../../../src/spec/value.ts';
import { evaluator, plain, testParser } from '../language.ts';

const evaluate = evaluator(testParser());
const scope = {
  pw: new Sensitive('hunter2'),
  cores: new Unknown('host.facts.cores'),
  both: new Sensitive(new Unknown('host.facts.x')),
  keys: new Sensitive(['a', 'b']),
  user: { name: 'bob', password: new Sensitive('hunter2') },
  list: [1, new Unknown('host.facts.y')],
};

describe('sensitive values', () => {
  const whole: [source: string, inside: unknown][] = [
    ['pw', 'hunter2'],
    ['"x${pw}y"', 'xhunter2y'],
    ['"%{ if pw == "a" }1%{ else }2%{ endif }"', '2'],
    ['"%{ for k in keys }${k}%{ endfor }"', 'ab'],
    ['pw == "hunter2"', true],
    ['pw == "a" ? 1 : 2', 2],
    ['keys[0]', 'a'],
    ['keys[*]', ['a', 'b']],
    ['[1, 2][length(pw) - 7]', 1],
    ['length(keys) + 1', 3],
    ['-length(keys)', -2],
    ['!(pw == "")', true],
    ['pw == "" || true', true],
    ['upper(pw)', 'HUNTER2'],
    ['join("-", [pw, "x"])', 'hunter2-x'],
    ['jsonencode(user)', '{"name":"bob","password":"hunter2"}'],
    ['sha256(pw) == sha256("hunter2")', true],
    ['[for k in keys : k]', ['a', 'b']],
    ['[for x in [1, 2] : x if pw != ""]', [1, 2]],
    ['{(pw) = 1}', { hunter2: 1 }],
    ['{for k in [pw] : k => 1}', { hunter2: 1 }],
    ['max([1, 2, length(pw)]...)', 7],
    ['toset(["a", pw])', ['a', 'hunter2']],
    ['coalesce(null, pw)', 'hunter2'],
    ['coalesce("", keys[0])', 'a'],
    ['try(pw, 1)', 'hunter2'],
    ['sensitive(1)', 1],
  ];
  it.each(whole)('%s is sensitive', (source, inside) => {
    const value = evaluate(source, scope);
    expect(value).toBeInstanceOf(Sensitive);
    expect(plain(revealDeep(value))).toEqual(inside);
    expect(inspect(value)).toBe('(sensitive)');
    expect(JSON.stringify(value)).toBe('"(sensitive)"');
  });

  it('elements keep their own marks where the function does not look into them', () => {
    for (const source of [
      'merge({ a = 1 }, user)',
      'user',
      '{ name = user.name, password = user.password }',
    ]) {
      const value = evaluate(source, scope) as Record<string, unknown>;
      expect(value.name).toBe('bob');
      expect(value.password).toBeInstanceOf(Sensitive);
    }
    expect(evaluate('length([pw])', scope)).toBe(1);
    expect(evaluate('keys(user)', scope)).toEqual(['name', 'password']);
    expect(evaluate('user.name', scope)).toBe('bob');
  });

  it.each([
    ['nonsensitive(pw)', 'hunter2'],
    ['issensitive(user)', true],
    ['issensitive(1)', false],
    ['can(pw)', true],
    ['true || pw == ""', true],
  ])('%s is not', (source, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });

  it.each([
    'parseint(pw, 10)',
    'tonumber(pw)',
    'lookup({}, pw)',
    '{}[pw]',
    '{(pw) = 1}.hunter',
    '{(pw) = 1}["hunter"]',
    'pw.x',
    'pw + 1',
    '{for k in [pw, pw] : k => 1}',
    '{for k in keys : "${k}x" == "" ? 1 : pw => 1}',
    '[for k in keys : parseint(k, 10)]',
    'keys[*].x',
    'regex("^x$", pw)',
    'base64decode(pw)',
    'jsondecode(pw)',
    'cidrhost(pw, 1)',
    'format("%d", pw)',
    'format("%d", 1, pw)',
    'file(pw)',
    'index(["a"], pw)',
  ])('the error of %s does not show it', (source) => {
    const value = evaluate(source, scope);
    expect(value).toMatch(/^! /);
    expect(value).not.toMatch(/hunter2|"a"|"b"/);
  });
});

describe('unknown values', () => {
  const unknown = [
    'cores',
    'cores + 1',
    '-cores',
    '!cores',
    'cores > 2',
    'cores == 2',
    '"x${cores}"',
    'cores > 2 ? 1 : 2',
    'cores.a.b[0]',
    'cores[*].x',
    '[1, 2][cores]',
    'true && cores',
    'cores || false',
    'max(1, cores)',
    'length(cores)',
    'join(",", [cores])',
    'contains(list, 1)',
    'flatten([[1], cores])',
    '[for x in cores : x]',
    '[for x in [1] : x if cores]',
    '{(cores) = 1}',
    '{for x in [cores] : x => 1}',
    '"%{ for x in list }${x}%{ endfor }"',
    'lower(cores...)',
    'coalesce(null, cores)',
    'can(regex("^x$", cores))',
    'can([cores])',
  ];
  it.each(unknown)('%s is unknown, and says of which fact', (source) => {
    const value = evaluate(source, scope);
    expect(value).toBeInstanceOf(Unknown);
    expect((value as Unknown).path).toMatch(/^host\.facts\./);
  });

  it.each<[string, unknown]>([
    ['false && cores', false],
    ['cores && false', false],
    ['cores || true', true],
    ['length(list)', 2],
    ['list[0]', 1],
    ['coalesce("a", cores)', 'a'],
    ['true ? 1 : cores', 1],
    ['[for x in list : 1]', [1, 1]],
  ])('%s is known all the same', (source, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });

  it('stay unknown inside a list or object', () => {
    expect(evaluate('[cores, 1]', scope)).toEqual([new Unknown('host.facts.cores'), 1]);
    expect(evaluate('{ a = cores }', scope)).toEqual({ a: new Unknown('host.facts.cores') });
  });

  it('may be sensitive at the same time', () => {
    for (const source of [
      'both',
      '"${both}"',
      '"${pw}${cores}"',
      'upper(both)',
      'both ? 1 : 2',
      'pw == cores',
    ]) {
      const value = evaluate(source, scope);
      expect(value, source).toBeInstanceOf(Sensitive);
      expect(firstUnknown(value), source).toBeInstanceOf(Unknown);
    }
  });
});
