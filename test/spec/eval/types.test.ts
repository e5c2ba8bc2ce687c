import { describe, expect, it } from 'vitest';
import { ConversionError, convert, describeType, parseType } from '../../../src/spec/eval/types.ts';
import { Sensitive, Unknown } from '../../../src/spec/value.ts';
import type { Value } from '../../../src/spec/value.ts';
import { plain, shown, testParser } from '../language.ts';

const parser = testParser();

function typeFrom(source: string) {
  return parseType(parser.parseExpression(source, 'x').expression);
}

function converted(value: Value, type: string): Value {
  try {
    return plain(convert(value, typeFrom(type).type));
  } catch (error) {
    if (error instanceof ConversionError) return `! ${error.message}`;
    throw error;
  }
}

describe('type constraints', () => {
  it.each([
    'any',
    'string',
    'list(string)',
    'set(number)',
    'map(list(bool))',
    'tuple([string, number])',
    'object({name = string, port = optional(number, 80), note = optional(string)})',
    'map(object({a = any}))',
    'object({})',
  ])('%s', (source) => {
    const { type, diagnostics } = typeFrom(source);
    expect(diagnostics).toEqual([]);
    expect(describeType(type)).toBe(source);
  });

  it.each<[source: string, says: RegExp]>([
    ['strnig', /^1:1 Invalid type: There is no type "strnig". Did you mean "string"\?/],
    ['"string"', /^1:1 Invalid type: A type stands without quotes: string\.$/],
    ['list', /"list" needs to be told of what: list\(string\)/],
    ['lits(string)', /There is no type "lits". Did you mean "list"\?/],
    ['list(string, number)', /"list" takes one argument/],
    ['map(object({ a = nmber }))', /^1:18 .*Did you mean "number"\?/],
    ['object([string])', /takes attributes with types/],
    ['tuple(string)', /takes a list of types/],
    ['optional(string)', /only for an attribute within object/],
    [
      'object({ a = optional(number, "x") })',
      /^1:31 Invalid default: The default does not fit the type: a number is needed/,
    ],
    ['object({ a = optional(number, var.x) })', /Unknown variable/],
    ['1', /A type is one of/],
    ['var.x', /A type is one of/],
  ])('%s is refused', (source, says) => {
    expect(shown(typeFrom(source).diagnostics[0]!)).toMatch(says);
  });
});

describe('conversion', () => {
  it.each<[value: Value, type: string, expected: Value]>([
    [1, 'string', '1'],
    [12345678901234567890n, 'string', '12345678901234567890'],
    [true, 'string', 'true'],
    ['1.50', 'number', 1.5],
    ['true', 'bool', true],
    ['0', 'bool', false],
    [null, 'string', null],
    [['1', 2], 'list(number)', [1, 2]],
    [['b', 'a', 'b'], 'set(string)', ['a', 'b']],
    [['1', 1], 'set(number)', [1]],
    [{ a: 1 }, 'map(string)', { a: '1' }],
    [['a', '2'], 'tuple([string, number])', ['a', 2]],
    [{ a: 1, more: 2 }, 'object({ a = string })', { a: '1' }],
    [{}, 'object({ a = optional(string), b = optional(number, "8") })', { a: null, b: 8 }],
    [{ b: null }, 'object({ b = optional(number, 8) })', { b: 8 }],
    [{ a: {} }, 'object({ a = object({ b = optional(list(string), ["x"]) }) })', { a: { b: ['x'] } }],
    [[1, 'a', { b: true }], 'any', [1, 'a', { b: true }]],
  ])('%o as %s', (value, type, expected) => {
    expect(converted(value, type)).toEqual(expected);
  });

  it.each<[value: Value, type: string, says: string]>([
    ['x', 'number', 'a number is needed, and this is a string'],
    [true, 'number', 'a number is needed, and this is a bool'],
    ['yes', 'bool', 'a bool is needed, and this is a string'],
    [['a'], 'string', 'a string is needed, and this is a list'],
    [{ a: 1 }, 'list(string)', 'a list is needed, and this is an object'],
    [[1], 'map(string)', 'a map is needed, and this is a list'],
    [
      { hosts: [{}, {}, { port: 'x' }] },
      'object({ hosts = list(object({ port = optional(number) })) })',
      'hosts[2].port: a number is needed, and this is a string',
    ],
    [{ 'a b': ['x'] }, 'map(list(number))', '["a b"][0]: a number is needed, and this is a string'],
    [['a'], 'tuple([string, string])', '2 elements are needed, and here are 1'],
    [[{}], 'list(object({ name = string }))', '[0]: the attribute "name" is missing'],
    [{ nmae: 'x' }, 'object({ name = string })', 'the attribute "name" is missing; did you mean "nmae"?'],
    [
      { prot: 1 },
      'object({ port = optional(number) })',
      'there is no attribute "prot"; did you mean "port"?',
    ],
  ])('%o as %s is refused', (value, type, says) => {
    expect(converted(value, type)).toBe(`! ${says}`);
  });

  it('keeps marks', () => {
    const secret = converted(new Sensitive(1), 'string') as Sensitive;
    expect(secret.reveal()).toBe('1');
    const inside = converted([new Sensitive('2'), new Unknown('host.facts.x')], 'list(number)') as Value[];
    expect((inside[0] as Sensitive).reveal()).toBe(2);
    expect(inside[1]).toBeInstanceOf(Unknown);
    expect(converted(['a', new Sensitive('a')], 'set(string)')).toBeInstanceOf(Sensitive);
    expect(converted(['a', new Unknown('host.facts.x')], 'set(string)')).toBeInstanceOf(Unknown);
    expect(converted(new Sensitive('x'), 'number')).toBe('! a number is needed, and this is a string');
  });
});
