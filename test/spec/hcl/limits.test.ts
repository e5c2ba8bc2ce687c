import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createParser } from '../../../src/spec/hcl/parse.ts';
import { shown, testParser } from '../language.ts';

const parser = testParser();

describe('nesting', () => {
  const deep = 5000;
  const bombs: [string, string][] = [
    ['brackets', `a = ${'['.repeat(deep)}${']'.repeat(deep)}\n`],
    ['parentheses', `a = ${'('.repeat(deep)}1${')'.repeat(deep)}\n`],
    ['objects', `a = ${'{a='.repeat(deep)}1${'}'.repeat(deep)}\n`],
    ['blocks', `${'a {\n'.repeat(deep)}${'}\n'.repeat(deep)}`],
    ['calls', `a = ${'f('.repeat(deep)}1${')'.repeat(deep)}\n`],
    ['strings', `a = ${'"${'.repeat(deep)}1${'}"'.repeat(deep)}\n`],
    ['signs', `a = ${'!'.repeat(deep)}true\n`],
    ['conditionals', `a = ${'x ? 1 : '.repeat(deep)}2\n`],
    ['a long sum', `a = ${'1 + '.repeat(deep)}1\n`],
    ['a long chain of indexes', `a = x${'[y]'.repeat(deep)}\n`],
    ['brackets that never close', `a = ${'['.repeat(deep)}\n`],
    ['directives', `a = "${'%{if x}'.repeat(deep)}${'%{endif}'.repeat(deep)}"\n`],
  ];
  it.each(bombs)('too deep %s are an error, and the parser goes on working', (_, source) => {
    const { diagnostics } = parser.parseFile(source, 'x.hcl');
    expect(diagnostics.map((d) => d.summary).join()).toMatch(/too deep|too complex/i);
    expect(parser.parseFile('a = [{ b = "${f(1)}" }]\n', 'x.hcl').diagnostics).toEqual([]);
  });

  it('tells the place where it becomes too deep', () => {
    const { diagnostics } = parser.parseFile(`a = 1\nb = ${'['.repeat(300)}${']'.repeat(300)}\n`, 'x.hcl');
    expect(shown(diagnostics[0]!)).toMatch(/^2:10\d Nested too deeply: .* 100 levels/);
  });

  it('does not count brackets in strings, comments and heredocs', () => {
    const many = '([{'.repeat(200);
    const source = `a = "${many}" # ${many}\n/* ${many} */\nb = <<E\n${many}\nE\nc = "$\${${many}"\n`;
    expect(parser.parseFile(source, 'x.hcl').diagnostics).toEqual([]);
  });

  it('takes what a person may write: 90 levels, 200 terms', () => {
    const source = `a = ${'['.repeat(90)}${']'.repeat(90)}\nb = ${'1 + '.repeat(200)}1\n`;
    expect(parser.parseFile(source, 'x.hcl').diagnostics).toEqual([]);
  });
});

describe('loading the grammar', () => {
  const source = 'a = 1\n';

  it('leaves the length of stack traces and the global scope alone', () => {
    const before = Object.keys(globalThis);
    const limit = Error.stackTraceLimit;
    testParser().parseFile(source, 'x.hcl');
    expect(Error.stackTraceLimit).toBe(limit);
    expect(Object.keys(globalThis)).toEqual(before);
  });

  it('writes a cache that the next one uses, and survives a damaged one', () => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'slipway-'));
    try {
      expect(createParser({ cacheDir }).parseFile(source, 'x.hcl').diagnostics).toEqual([]);
      const [file] = readdirSync(cacheDir);
      const path = join(cacheDir, file!);
      const content = readFileSync(path);
      content.fill(7, 1000, 200_000);
      writeFileSync(path, content);
      expect(createParser({ cacheDir }).parseFile(source, 'x.hcl').diagnostics).toEqual([]);
      // It has been replaced by a good one.
      expect(readFileSync(path).subarray(0, 2000)).not.toEqual(content.subarray(0, 2000));
      writeFileSync(path, '');
      expect(createParser({ cacheDir }).parseFile(source, 'x.hcl').diagnostics).toEqual([]);
    } finally {
      rmSync(cacheDir, { recursive: true });
    }
  });

  it('does without a cache where it cannot write one', () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-'));
    const inTheWay = join(directory, 'file');
    writeFileSync(inTheWay, '');
    chmodSync(inTheWay, 0o400);
    try {
      const cacheDir = join(inTheWay, 'cache');
      expect(createParser({ cacheDir }).parseFile(source, 'x.hcl').diagnostics).toEqual([]);
      expect(existsSync(cacheDir)).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
