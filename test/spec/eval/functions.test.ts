import { describe, expect, it } from 'vitest';
import { parametersOf } from '../../../src/spec/eval/functions/definition.ts';
import { functionGroups, functionTable } from '../../../src/spec/eval/functions/table.ts';
import type { Value } from '../../../src/spec/value.ts';
import { evaluator, testParser } from '../language.ts';

const evaluate = evaluator(testParser());
type Case = [source: string, expected: Value];

const tables: Record<string, Case[]> = {
  strings: [
    ['chomp("a\\n\\r\\n")', 'a'],
    ['endswith("nats.conf", ".conf")', true],
    ['startswith("nats.conf", "conf")', false],
    ['strcontains("abc", "bc")', true],
    [
      'format("%s:%d %5.2f %05d|%-4s|%4s|%q %t %x %X %o %b %v %%", "a", 8, 3.14159, 42, "b", "c", "q", true, 255, 255, 8, 5, [1])',
      'a:8  3.14 00042|b   |   c|"q" true ff FF 10 101 [1] %',
    ],
    ['format("%+d|% d|%e|%g|%.3s", 1, 2, 1234.5, 0.1, "abcdef")', '+1| 2|1.234500e+03|0.1|abc'],
    ['format("%[2]s-%[1]s", "a", "b")', 'b-a'],
    ['format("%05d|%x|%v", -42, "hi", null)', '-0042|6869|null'],
    ['formatlist("%s-%s", ["a", "b"], "x")', ['a-x', 'b-x']],
    ['indent(2, "a\\nb\\nc")', 'a\n  b\n  c'],
    ['join("-", ["a", "b"], [1])', 'a-b-1'],
    ['lower("ÀB")', 'àb'],
    ['upper("äß")', 'ÄSS'],
    ['title("hello wörld it\'s")', "Hello Wörld It's"],
    ['split(",", "a,,b")', ['a', '', 'b']],
    ['split(",", "")', ['']],
    ['strrev("añ😀")', '😀ña'],
    ['substr("hello", 1, 3)', 'ell'],
    ['substr("hello", -3, -1)', 'llo'],
    ['substr("😀ab", 1, 10)', 'ab'],
    ['trim("  xax ", " x")', 'a'],
    ['trimspace("\\n a \\t")', 'a'],
    ['trimprefix("v1.2", "v")', '1.2'],
    ['trimsuffix("a.hcl", ".hcl")', 'a'],
    ['trimsuffix("a", "")', 'a'],
    ['replace("a.b.c", ".", "$&")', 'a$&b$&c'],
    ['replace("10.0.0.1", "/\\\\.(\\\\d+)$/", ".x$1")', '10.0.0.x1'],
    ['replace("k=v", "/(?P<key>\\\\w)=(\\\\w)/", "${"$"}2=${"$"}{key}")', 'v=k'],
    ['regex("[a-z]+", "12ab34cd")', 'ab'],
    ['regex("(\\\\d+)\\\\.(\\\\d+)", "v1.25")', ['1', '25']],
    ['regex("(?P<major>\\\\d+)\\\\.(?P<minor>\\\\d+)?", "v1.")', { major: '1', minor: null }],
    ['regex("(?i)AB", "xab")', 'ab'],
    ['regex("[[:digit:]]+", "a12")', '12'],
    ['regexall("\\\\d", "1a2")', ['1', '2']],
    ['regexall("x", "a")', []],
    ['can(regex("^x$", "a"))', false],
  ],
  numbers: [
    ['abs(-2)', 2],
    ['abs(-9007199254740993)', 9007199254740993n],
    ['ceil(1.2)', 2],
    ['floor(-1.2)', -2],
    ['log(1000, 10)', 3],
    ['log(8, 2)', 3],
    ['max(1, "3", 2)', 3],
    ['min(1, -9007199254740993)', -9007199254740993n],
    ['pow(2, 10)', 1024],
    ['pow(2, 64)', 18446744073709551616n],
    ['pow(4, 0.5)', 2],
    ['pow(2, -1)', 0.5],
    ['signum(-3)', -1],
    ['parseint("ff", 16)', 255],
    ['parseint("-0777", 8)', -511],
    ['parseint("FFFFFFFFFFFFFFFF", 16)', 18446744073709551615n],
    ['sum([1, 2.5])', 3.5],
    ['range(3)', [0, 1, 2]],
    ['range(1, 4)', [1, 2, 3]],
    ['range(4, 0, -2)', [4, 2]],
    ['range(3, 1)', [3, 2]],
    ['range(0)', []],
  ],
  collections: [
    ['alltrue([])', true],
    ['alltrue([true, "false"])', false],
    ['anytrue([false, true])', true],
    ['anytrue([])', false],
    ['chunklist([1, 2, 3], 2)', [[1, 2], [3]]],
    ['coalesce(null, "", "a")', 'a'],
    ['coalescelist([], ["a"])', ['a']],
    ['compact(["a", "", null, "b"])', ['a', 'b']],
    ['concat([1], [], [2, 3])', [1, 2, 3]],
    ['contains(["a", "b"], "b")', true],
    ['contains([1], "1")', false],
    ['distinct([3, 1, 3, "1", [1], [1]])', [3, 1, '1', [1]]],
    ['element(["a", "b"], 3)', 'b'],
    ['element(["a", "b"], -1)', 'b'],
    ['flatten([[1, [2]], [], 3])', [1, 2, 3]],
    ['index(["a", "b"], "b")', 1],
    ['keys({b = 1, a = 2})', ['a', 'b']],
    ['values({b = 1, a = 2})', [2, 1]],
    ['length("é😀")', 2],
    ['length({a = 1})', 1],
    ['lookup({a = 1}, "a")', 1],
    ['lookup({a = 1}, "b", null)', null],
    ['matchkeys(["a", "b", "c"], [1, 2, 1], [1])', ['a', 'c']],
    ['merge({a = 1, b = 1}, null, {b = 2})', { a: 1, b: 2 }],
    ['merge()', {}],
    ['one([])', null],
    ['one(["a"])', 'a'],
    ['reverse([1, 2])', [2, 1]],
    ['slice([1, 2, 3], 1, 3)', [2, 3]],
    ['sort(["b", "a", "C"])', ['C', 'a', 'b']],
    ['transpose({a = ["x", "y"], b = ["x"]})', { x: ['a', 'b'], y: ['a'] }],
    ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
    ['setunion([3, 1], [2, 1])', [1, 2, 3]],
    ['setintersection([1, 2, 3], [3, 2], [2])', [2]],
    ['setsubtract(["b", "a"], ["b"])', ['a']],
    [
      'setproduct([1, 2], ["a", "b"])',
      [
        [1, 'a'],
        [1, 'b'],
        [2, 'a'],
        [2, 'b'],
      ],
    ],
  ],
  encoding: [
    [
      'jsonencode({b = [1, null, true], a = "x\\"<", c = 9007199254740993})',
      '{"a":"x\\"<","b":[1,null,true],"c":9007199254740993}',
    ],
    [
      'jsondecode("{\\"a\\": [1, 2.5e3, 12345678901234567890, \\"1e5 12345678901234567890\\"]}")',
      { a: [1, 2500, 12345678901234567890n, '1e5 12345678901234567890'] },
    ],
    ['jsondecode("{\\"__proto__\\": 1}")["__proto__"]', 1],
    ['base64encode("é")', 'w6k='],
    ['base64decode("w6k=")', 'é'],
    ['urlencode("a b&c=é/(x)")', 'a+b%26c%3D%C3%A9%2F%28x%29'],
    [
      'csvdecode("a,b\\r\\n1,\\"x, \\"\\"y\\"\\"\\"\\n\\n2,\\n")',
      [
        { a: '1', b: 'x, "y"' },
        { a: '2', b: '' },
      ],
    ],
    ['csvdecode("a\\n")', []],
  ],
  hashes: [
    ['md5("a")', '0cc175b9c0f1b6a831c399e269772661'],
    ['sha1("a")', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ['sha256("")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['length(sha512("a"))', 128],
    ['base64sha256("")', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
  ],
  networks: [
    ['cidrhost("10.12.112.0/20", 16)', '10.12.112.16'],
    ['cidrhost("10.0.0.0/24", -1)', '10.0.0.255'],
    ['cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)', 'fd00:fd12:3456:7890::22'],
    ['cidrhost("::ffff:10.0.0.0/120", 1)', '::ffff:a00:1'],
    ['cidrnetmask("172.16.0.0/12")', '255.240.0.0'],
    ['cidrnetmask("0.0.0.0/0")', '0.0.0.0'],
    ['cidrsubnet("172.16.0.0/12", 4, 2)', '172.18.0.0/16'],
    ['cidrsubnet("10.1.2.240/28", 1, 1)', '10.1.2.248/29'],
    ['cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', 'fd00:fd12:3456:7800:a200::/72'],
    [
      'cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)',
      ['10.1.0.0/20', '10.1.16.0/20', '10.1.32.0/24', '10.1.48.0/20'],
    ],
    ['cidrsubnets("fd00::/56", 16, 16)', ['fd00::/72', 'fd00::100:0:0:0/72']],
  ],
  paths: [
    ['basename("/etc/nats/nats.conf")', 'nats.conf'],
    ['dirname("/etc/nats/nats.conf")', '/etc/nats'],
  ],
  types: [
    ['tostring(1.5)', '1.5'],
    ['tonumber("12345678901234567890")', 12345678901234567890n],
    ['tobool("true")', true],
    ['tolist(["a"])', ['a']],
    ['tomap({a = 1})', { a: 1 }],
    ['toset(["b", "a", "b"])', ['a', 'b']],
    ['tostring(null)', null],
    ['type("a")', 'string'],
    ['type([1, 2])', 'list(number)'],
    ['type({a = [1, "b"]})', 'object({a = tuple([number, string])})'],
    ['can(tonumber("x"))', false],
    ['try(tonumber("x"), 7)', 7],
  ],
  errors: [
    ['element([], 0)', '! 1:9 Invalid call of "element": For "list": an empty list has no elements.'],
    ['slice([1], 0, 2)', '! 1:1 Invalid call of "slice": Indexes with 0 <= start <= end <= 1 are needed.'],
    [
      'jsondecode("{\\n  x")',
      '! 1:12 Invalid call of "jsondecode": For "string": this is no valid JSON (line 2, column 3).',
    ],
    ['base64decode("?")', '! 1:14 Invalid call of "base64decode": For "string": this is no valid Base64.'],
    [
      'base64decode("/w==")',
      '! 1:14 Invalid call of "base64decode": For "string": the content is not text in UTF-8.',
    ],
    [
      'cidrhost("10.0.0.0/30", 4)',
      '! 1:25 Invalid call of "cidrhost": For "hostnum": the network has only 4 addresses.',
    ],
    [
      'cidrhost("10.0.0.0", 4)',
      '! 1:10 Invalid call of "cidrhost": For "prefix": an address prefix as in "10.0.0.0/8" or "fd00::/64" is needed.',
    ],
    [
      'cidrsubnet("10.0.0.0/30", 3, 0)',
      '! 1:27 Invalid call of "cidrsubnet": For "newbits": from 0 to 2 bits can be added.',
    ],
    [
      'cidrsubnet("10.0.0.0/8", 1, 2)',
      '! 1:29 Invalid call of "cidrsubnet": For "netnum": 1 bits number only 2 subnets.',
    ],
    [
      'cidrnetmask("fd00::/8")',
      '! 1:13 Invalid call of "cidrnetmask": For "prefix": only an IPv4 network has a netmask.',
    ],
    ['regex("(", "a")', '! 1:7 Invalid call of "regex": For "pattern": this is no valid regular expression.'],
    [
      'regex("b", "a")',
      '! 1:12 Invalid call of "regex": For "string": the pattern does not match; use can() or try() where that may be.',
    ],
    [
      'one([1, 2])',
      '! 1:5 Invalid call of "one": For "list": a list of at most one element is needed, and this one has 2.',
    ],
    ['pow(10, 1000)', '! 1:1 Invalid call of "pow": The result is too large for a number.'],
    ['range(0, 1000000)', '! 1:1 Invalid call of "range": A range has at most 100000 elements.'],
    ['range(0, 1, 0)', '! 1:13 Invalid call of "range": For "step": a step other than 0 is needed.'],
    [
      'substr("a", 0.5, 1)',
      '! 1:13 Invalid call of "substr": For "offset": a whole number is needed, and this is a number.',
    ],
    [
      'tonumber("x")',
      '! 1:10 Invalid call of "tonumber": For "value": a number is needed, and this is a string.',
    ],
    [
      'format("%d", "x")',
      '! 1:14 Invalid call of "format": For "values": a number is needed, and this is a string.',
    ],
    [
      'format("%y", 1)',
      '! 1:8 Invalid call of "format": For "format": there is no verb "%y"; use one of v s q t d b o x X f e g.',
    ],
    [
      'format("%s", 1, 2)',
      '! 1:8 Invalid call of "format": For "format": there are 2 values, and the format uses 1.',
    ],
    ['format("%s")', '! 1:8 Invalid call of "format": For "format": there is no value for "%s".'],
    [
      'zipmap(["a"], [])',
      '! 1:15 Invalid call of "zipmap": For "values": as many values as keys are needed.',
    ],
    [
      'sort([["a"]])',
      '! 1:6 Invalid call of "sort": For "list": a list of strings is needed, and this is a list.',
    ],
  ],
};

for (const [group, cases] of Object.entries(tables)) {
  describe(`functions: ${group}`, () => {
    it.each(cases)('%s', (source, expected) => {
      expect(evaluate(source)).toEqual(expected);
    });
  });
}

describe('the table of functions', () => {
  const all = functionGroups.flatMap((group) => group.functions);

  it('names each function once, with a signature and a sentence', () => {
    expect(functionTable.size).toBe(all.length);
    for (const { name, signature, description } of all) {
      expect(signature.startsWith(`${name}(`) && signature.endsWith(')'), signature).toBe(true);
      expect(description, name).toMatch(/^[-A-Z0-9].*\.$/);
    }
  });

  it('tells how many arguments there may be', () => {
    expect(parametersOf(functionTable.get('lookup')!)).toEqual({
      names: ['map', 'key', 'default'],
      minimum: 2,
      maximum: 3,
    });
    expect(parametersOf(functionTable.get('format')!)).toMatchObject({ minimum: 1, maximum: Infinity });
  });

  it('has a test for each', () => {
    const sources = Object.values(tables)
      .flat()
      .map(([source]) => source)
      .join('\n');
    const elsewhere = [
      'issensitive',
      'nonsensitive',
      'sensitive',
      'file',
      'filebase64',
      'fileexists',
      'fileset',
      'filesha256',
      'templatefile',
      'base64sha512',
    ];
    const untested = all
      .map((f) => f.name)
      .filter((name) => !sources.includes(`${name}(`) && !elsewhere.includes(name));
    expect(untested).toEqual([]);
  });
});
