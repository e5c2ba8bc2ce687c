import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileEnvironment } from '../../../src/spec/eval/environment.ts';
import { Sensitive } from '../../../src/spec/value.ts';
import type { Value } from '../../../src/spec/value.ts';
import { evaluator, testParser } from '../language.ts';

const parser = testParser();
let directory: string;

const files: Record<string, string | Buffer> = {
  'secret.txt': 'outside\n',
  'nats/motd': 'welcome\n',
  'nats/empty': '',
  'nats/binary': Buffer.from([0xff, 0x00]),
  'nats/conf/a.conf': 'a',
  'nats/conf/b.conf': 'b',
  'nats/conf/deep/c.conf': 'c',
  'nats/conf/readme': '',
  'nats/greet.tftpl': 'hello ${name}\n%{ for p in peers ~}\n- ${p}\n%{ endfor ~}\n',
  'nats/broken.tftpl': 'a\n${name\n',
  'nats/unknown.tftpl': 'a\n${nmae}\n',
  'nats/again.tftpl': '${templatefile("again.tftpl", {})}',
  'nats/outer.tftpl': '<${templatefile("greet.tftpl", { name = x, peers = [] })}>',
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

function evaluate(source: string, confined = true): Value {
  return evaluator(parser, fileEnvironment({ baseDir: join(directory, 'nats'), confined, parser }))(source, {
    pw: new Sensitive('s'),
  });
}

describe('file functions', () => {
  it.each<[source: string, expected: Value]>([
    ['file("motd")', 'welcome\n'],
    ['file("./conf/../motd")', 'welcome\n'],
    ['file("empty")', ''],
    ['filebase64("binary")', '/wA='],
    ['filesha256("empty")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['fileexists("motd")', true],
    ['fileexists("conf")', false],
    ['fileexists("nope")', false],
    ['fileset("conf", "*.conf")', ['a.conf', 'b.conf']],
    ['fileset("conf", "**/*.conf")', ['a.conf', 'b.conf', 'deep/c.conf']],
    ['fileset(".", "conf/{a,deep/*}.conf")', ['conf/a.conf', 'conf/deep/c.conf']],
    ['fileset("conf", "[!a].conf")', ['b.conf']],
    ['templatefile("greet.tftpl", { name = "bob", peers = ["x", "y"] })', 'hello bob\n- x\n- y\n'],
    ['templatefile("outer.tftpl", { x = 1 })', '<hello 1\n>'],
    ['try(file("nope"), "default")', 'default'],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it('a sensitive variable makes the text of a template sensitive', () => {
    const value = evaluate('templatefile("greet.tftpl", { name = pw, peers = [] })');
    expect(value).toBeInstanceOf(Sensitive);
    expect((value as Sensitive).reveal()).toBe('hello s\n');
  });

  it('a spec may read beside itself, a definition may not', () => {
    expect(evaluate('file("../secret.txt")', false)).toBe('outside\n');
    for (const source of [
      'file("../secret.txt")',
      'file("/etc/passwd")',
      'fileexists("../secret.txt")',
      'fileset("..", "*")',
      'templatefile("../secret.txt", {})',
    ]) {
      expect(evaluate(source), source).toMatch(/a definition reads only files in its own directory/);
    }
  });

  it.each<[source: string, says: RegExp]>([
    [
      'file("nope")',
      /^! 1:6 Invalid call of "file": For "path": the file "nope" cannot be read: it is not there\.$/,
    ],
    ['file("conf")', /it is a directory/],
    ['file("binary")', /not text in UTF-8; use filebase64/],
    ['fileset("nope", "*")', /the directory "nope" cannot be read: it is not there/],
    ['templatefile("nope", {})', /"nope" cannot be read: it is not there/],
    ['templatefile("greet.tftpl", 1)', /For "variables": a map is needed, and this is a number/],
    ['templatefile("broken.tftpl", {})', /^! 3:1 Unexpected end: /],
    [
      'templatefile("unknown.tftpl", { name = 1 })',
      /^! 2:3 Unknown variable: There is no variable "nmae" here. Did you mean "name"\?/,
    ],
    ['templatefile("again.tftpl", {})', /the template includes itself/],
  ])('%s', (source, says) => {
    expect(evaluate(source)).toMatch(says);
  });
});
