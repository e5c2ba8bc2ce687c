import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/spec/eval/compile.ts';
import type { Value } from '../../../src/spec/value.ts';
import { evaluator, testParser } from '../language.ts';

const parser = testParser();
const evaluate = evaluator(parser);
const scope = {
  var: {
    name: 'nats',
    n: 3,
    list: [1, 2, 3],
    map: { b: 1, a: 2 },
    none: null,
    hosts: [
      { ip: 'x', tags: ['t'] },
      { ip: 'y', tags: [] },
    ],
  },
};

describe('expressions', () => {
  const cases: [source: string, expected: Value][] = [
    // Literals and numbers
    ['1', 1],
    ['-1.5e3', -1500],
    ['9007199254740993', 9007199254740993n],
    ['9007199254740993 - 9007199254740990', 3],
    ['9007199254740991 + 1', 9007199254740992n],
    ['2 * 9007199254740993', 18014398509481986n],
    ['1e20', 100000000000000000000n],
    ['0.1 + 0.2', 0.3],
    ['1 / 4', 0.25],
    ['-7 % 3', -1],
    ['7.5 % 2', 1.5],
    ['"${1e-7} ${1e21} ${0.5}"', '0.0000001 1000000000000000000000 0.5'],
    // Precedence and conversion
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-1 - -2', 1],
    ['10 - 3 - 2', 5],
    ['"1" + 1', 2],
    ['"a" == "a" && 1 < 2 || false', true],
    ['!false && !("true" == true)', true],
    ['1 == "1"', false],
    ['null == null', true],
    ['[1, {a = 2}] == [1, {a = 2}]', true],
    ['[1] != [2]', true],
    ['"2" > 1', true],
    ['true ? "yes" : "no"', 'yes'],
    ['"false" ? 1 : 2', 2],
    ['false ? 1 : true ? 2 : 3', 2],
    // Whatever is not chosen may be impossible
    ['true ? 1 : 1 / 0', 1],
    ['false && 1 / 0 == 1', false],
    ['true || 1 / 0 == 1', true],
    // Variables and steps
    ['var.name', 'nats'],
    ['var["name"]', 'nats'],
    ['var.list[1]', 2],
    ['var.list["1"]', 2],
    ['var.list[var.n - 1]', 3],
    ['var.list.0', 1],
    ['var.map["b"]', 1],
    ['var.map[var.none == null ? "a" : "b"]', 2],
    ['{a = {b = 1}}.a.b', 1],
    ['[1, 2][1]', 2],
    // Templates
    ['"${var.name}-${var.n + 1}"', 'nats-4'],
    ['"${var.list}"', [1, 2, 3]],
    ['"${true}${1}"', 'true1'],
    ['"a%{ if var.n > 2 }b%{ else }c%{ endif }"', 'ab'],
    ['"%{ for k, v in var.map }${k}=${v};%{ endfor }"', 'a=2;b=1;'],
    // Collections
    ['[]', []],
    ['{}', {}],
    ['{a = 1, "b c" : 2, (var.name) = 3, 4 = 5, "x${1}" = 6}', { a: 1, 'b c': 2, nats: 3, 4: 5, x1: 6 }],
    ['{__proto__ = 1, constructor = 2}.constructor', 2],
    ['{a = 1\n b = 2}', { a: 1, b: 2 }],
    // for
    ['[for x in var.list : x * 2]', [2, 4, 6]],
    ['[for i, x in var.list : i if x != 2]', [0, 2]],
    ['[for k, v in var.map : "${k}${v}"]', ['a2', 'b1']],
    ['{for k, v in var.map : v => k}', { 1: 'b', 2: 'a' }],
    ['{for x in var.list : x % 2 == 0 ? "even" : "odd" => x...}', { odd: [1, 3], even: [2] }],
    ['[for x in [[1, 2], [3]] : [for y in x : y + length(x)]]', [[3, 4], [4]]],
    ['[for x in [1, 2] : [for x in [x * 10] : x]]', [[10], [20]]],
    ['[for var in [1] : var]', [1]],
    // Splats
    ['var.hosts[*].ip', ['x', 'y']],
    ['var.hosts.*.ip', ['x', 'y']],
    [
      'var.hosts[*].tags[0] == 1',
      '! 1:18 Invalid index: The list has no element of that index. The list is empty.',
    ],
    ['var.hosts.*.tags[0]', ['t']],
    ['var.hosts[*].tags[*]', [['t'], []]],
    ['var.name[*]', ['nats']],
    ['var.none[*].x', []],
    ['{a = 1}[*].a', [1]],
    ['[for h in var.hosts : h[*].ip]', [['x'], ['y']]],
    // Calls
    ['max([1, 3, 2]...)', 3],
    ['max(5, [1, 3]...)', 5],
    ['try(var.nothing.at.all, var.name)', 'nats'],
    ['can(var.nothing)', false],
  ];
  it.each(cases)('%s', (source, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });
});

describe('errors of evaluation', () => {
  const cases: [source: string, says: string][] = [
    [
      'vra.name',
      '1:1 Unknown variable: There is no variable "vra" here. Did you mean "var"? Known here: var.',
    ],
    ['constructor', '1:1 Unknown variable: There is no variable "constructor" here. Known here: var.'],
    [
      '[for host in [] : 1] == [hsot]',
      '1:26 Unknown variable: There is no variable "hsot" here. Known here: var.',
    ],
    [
      '[for host in [1] : hots]',
      '1:20 Unknown variable: There is no variable "hots" here. Did you mean "host"? Known here: host, var.',
    ],
    [
      'var.nmae',
      '1:4 Unknown attribute: There is no attribute "nmae" here. Did you mean "name"? It has: hosts, list, map, n, name, none.',
    ],
    [
      'var.toString',
      '1:4 Unknown attribute: There is no attribute "toString" here. It has: hosts, list, map, n, name, none.',
    ],
    [
      'var.hosts.ip',
      '1:10 Unknown attribute: This is a list; take one element with [0], or "ip" of all with [*].ip.',
    ],
    ['var.name.x', '1:9 Unknown attribute: This is a string, which has no attributes.'],
    ['var.none.x', '1:9 Attribute of null: The value is null, so it has no attribute "x".'],
    ['var.list[3]', '1:9 Invalid index: The list has no element of that index. Its indexes go from 0 to 2.'],
    [
      'var.list[-1]',
      '1:10 Invalid index: The list has no element of that index. Its indexes go from 0 to 2.',
    ],
    ['var.list["x"]', '1:9 Invalid index: A list needs a number as its index, and this is a string.'],
    ['var.map["aa"]', '1:8 Invalid index: There is no element with this key. Did you mean "a"?'],
    ['1 / 0', '1:1 Impossible calculation: Here a number cannot be divided by zero.'],
    ['1 % 0', '1:1 Impossible calculation: Here a number cannot be divided by zero.'],
    ['1e300 * 1e300', '1:1 Impossible calculation: Here the result is too large for a number.'],
    ['"x" + 1', '1:1 Invalid operand: The operator "+" needs numbers, and this is a string.'],
    ['1 < null', '1:5 Invalid operand: The operator "<" needs numbers, and this is null.'],
    ['!1', '1:2 Invalid condition: The operator "!" needs a bool, and this is a number.'],
    ['var.n ? 1 : 2', '1:1 Invalid condition: The condition needs a bool, and this is a number.'],
    ['null && true', '1:1 Invalid condition: The operator "&&" needs a bool, and this is null.'],
    [
      '"a${var.none}"',
      '1:5 Invalid value in a template: A template joins strings, and this is null. Give it a value, or use coalesce().',
    ],
    [
      '"a${var.list}"',
      '1:5 Invalid value in a template: A template joins strings, and this is a list. Use join() or jsonencode() to make it a string.',
    ],
    ['{a = 1, a = 2}', '1:9 Duplicate key: The object has this key already.'],
    ['{(var.none) = 1}', '1:3 Invalid key: A key must be a string, and this is null.'],
    [
      '{for x in [1, 1] : x => x}',
      '1:20 Duplicate key: Two elements have the key "1". Put "..." after the value to gather them in lists.',
    ],
    [
      '[for x in var.name : x]',
      '1:11 Not a collection: "for" goes through a list or a map, and this is a string.',
    ],
    [
      '[for x in var.none : x]',
      '1:11 Not a collection: "for" goes through a list or a map, and this is null.',
    ],
    ['jion(",", [])', '1:1 Unknown function: There is no function "jion". Did you mean "join"?'],
    ['lower()', '1:1 Too few arguments: It is called as lower(string); here are 0 arguments.'],
    ['lower("a", "b")', '1:1 Too many arguments: It is called as lower(string); here are 2 arguments.'],
    ['lower(["a", "b"]...)', '1:1 Too many arguments: It is called as lower(string); here are 2 arguments.'],
    ['max(1...)', '1:5 Invalid argument: Before "..." a list is needed, and this is a number.'],
    ['lower(null)', '1:7 Invalid call of "lower": For "string": a value is needed, and this is null.'],
    ['join(",", 1)', '1:11 Invalid call of "join": For "lists": a list is needed, and this is a number.'],
    [
      'timestamp()',
      '1:1 Function not available: There is no "timestamp" here: a plan is a pure function of its inputs, so that it can be made again; pass the value in as a variable.',
    ],
    [
      'try(var.a, var.b)',
      '1:15 Unknown attribute: There is no attribute "b" here. It has: hosts, list, map, n, name, none.',
    ],
    ['file("x")', '1:1 Invalid call of "file": Files cannot be read here.'],
  ];
  it.each(cases)('%s', (source, says) => {
    expect(evaluate(source, scope)).toBe(`! ${says}`);
  });

  it('are known before there is a scope where they do not depend on it', () => {
    const { expression } = parser.parseExpression('[lwoer("A"), upper(), var.x]', 'x');
    expect(compile(expression).diagnostics.map((d) => d.summary)).toEqual([
      'Unknown function',
      'Too few arguments',
    ]);
  });
});

describe('what a compiled expression tells of itself', () => {
  const references = (source: string) =>
    compile(parser.parseExpression(source, 'x').expression).references.map((r) =>
      [r.root, ...r.path].join('/'),
    );

  it.each<[string, string[]]>([
    ['1 + 2', []],
    ['component.nats.endpoints.client[0].port', ['component/nats/endpoints/client/0/port']],
    ['component["nats"].hosts[var.i].x', ['component/nats/hosts', 'var/i']],
    ['component.nats.endpoints.client[*].port', ['component/nats/endpoints/client']],
    ['"${a.b} ${c}"', ['a/b', 'c']],
    ['[for x in local.list : x.name if x.on && var.y]', ['local/list', 'var/y']],
    ['{for k, v in m : k => v}', ['m']],
    ['[for x in [1] : x] == x.y', ['x/y']],
    ['try(a.b, c ? d : e.f)', ['a/b', 'c', 'd', 'e/f']],
    ['{ key = a, (b) = c }', ['a', 'b', 'c']],
  ])('the references of %s', (source, expected) => {
    expect(references(source)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    ['[for x in [1, 2] : "${x}"]', true],
    ['upper("a")', true],
    ['[for x in [1] : x + var.n]', false],
    ['[for x in [1] : [for y in [x] : y]]', true],
    ['[1, 2][*]', true],
    ['file("x")', false],
  ])('%s is constant: %s', (source, expected) => {
    expect(compile(parser.parseExpression(source, 'x').expression).constant).toBe(expected);
  });

  it('a root may be lazy', () => {
    let reads = 0;
    const lazy = {
      get local() {
        reads++;
        return { a: 1 };
      },
    };
    const compiled = compile(parser.parseExpression('true ? 1 : local.a', 'x').expression);
    expect(compiled.evaluate(lazy)).toBe(1);
    expect(reads).toBe(0);
  });
});
