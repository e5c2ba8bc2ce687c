import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cachingParser } from '../../../src/spec/hcl/caching-parser.ts';
import type { HclParser } from '../../../src/spec/hcl/parse.ts';
import { testParser } from '../language.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});
function cacheDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-trees-'));
  directories.push(directory);
  return directory;
}
function broken(): HclParser {
  const never = (): never => {
    throw new Error('the grammar was asked');
  };
  return { parseFile: never, parseTemplate: never, parseExpression: never, lex: never };
}

const TEXT = 'a = 9007199254740993\nb "x" {\n  c = "${upper(a)} ${"\\u00e9"}"\n}\n';

test('a file that did not change is not parsed again, and gives the same tree', () => {
  const dir = cacheDir();
  const first = cachingParser(testParser(), dir).parseFile(TEXT, 'cluster.hcl');
  expect(cachingParser(broken(), dir).parseFile(TEXT, 'cluster.hcl')).toEqual(first);
  expect(first).toEqual(testParser().parseFile(TEXT, 'cluster.hcl'));
});

test('a template is remembered apart from a file of the same text', () => {
  const dir = cacheDir();
  const parser = cachingParser(testParser(), dir);
  parser.parseFile('', 'x');
  const template = parser.parseTemplate('', 'x');
  expect(cachingParser(broken(), dir).parseTemplate('', 'x')).toEqual(template);
});

test('another text or another name is another entry', () => {
  const dir = cacheDir();
  cachingParser(testParser(), dir).parseFile('a = 1\n', 'x.hcl');
  expect(() => cachingParser(broken(), dir).parseFile('a = 2\n', 'x.hcl')).toThrow('the grammar was asked');
  expect(() => cachingParser(broken(), dir).parseFile('a = 1\n', 'y.hcl')).toThrow('the grammar was asked');
});

test('neither files with errors nor values of variables are kept', () => {
  const dir = cacheDir();
  const parser = cachingParser(testParser(), dir);
  expect(parser.parseFile('a = \n', 'x.hcl').diagnostics).not.toEqual([]);
  parser.parseFile('password = "secret"\n', 'my.auto.vars.hcl');
  expect(readdirSync(dir)).toEqual([]);
});

test('a damaged entry is parsed again', () => {
  const dir = cacheDir();
  const parser = cachingParser(testParser(), dir);
  const first = parser.parseFile(TEXT, 'x.hcl');
  for (const name of readdirSync(dir)) writeFileSync(join(dir, name), 'garbage');
  expect(parser.parseFile(TEXT, 'x.hcl')).toEqual(first);
});
