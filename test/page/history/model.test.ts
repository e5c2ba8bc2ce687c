import { describe, expect, it } from 'vitest';
import { hclSpans } from '../../../src/page/views/history/hcl-spans.ts';
import {
  comparisonOf,
  countsSpoken,
  countsText,
  valueText,
  variableRow,
  versionBefore,
} from '../../../src/page/views/history/model.ts';

// Version 3 is gone.
const VERSIONS = [{ version: 1 }, { version: 2 }, { version: 4 }, { version: 5 }];

describe('versions of the history', () => {
  it.each([
    [5, 'before', { from: 4, to: 5 }],
    [4, 'before', { from: 2, to: 4 }],
    [1, 'before', null],
    [2, 'now', { from: 2, to: 'now' }],
    [2, '5', { from: 2, to: 5 }],
    [5, '2', { from: 2, to: 5 }],
    [2, '2', null],
    [2, 'nonsense', null],
  ] as const)('compares %s with %s', (version, other, expected) => {
    expect(comparisonOf(version, other, VERSIONS)).toEqual(expected);
  });

  it('knows the one before', () => {
    expect(versionBefore(4, VERSIONS)).toBe(2);
    expect(versionBefore(1, VERSIONS)).toBeNull();
  });

  it('tells in short what was changed', () => {
    expect(countsText({ install: 3, update: 1, remove: 2 })).toBe('+3 ~1 −2');
    expect(countsText({})).toBe('');
    expect(countsSpoken({ install: 3, remove: 1 })).toBe('3 installed, 1 removed');
    expect(countsSpoken({})).toBe('nothing changed');
  });

  it('writes values as they are written in a spec', () => {
    expect(valueText('a')).toBe('"a"');
    expect(valueText([1, 2])).toBe('[ 1, 2 ]');
    expect(valueText('(sensitive)')).toBe('(sensitive)');
    expect(variableRow({ name: 'n', after: null })).toEqual({ name: 'n', before: null, after: 'null' });
  });
});

describe('a line of HCL', () => {
  it.each([
    ['component "nats" {', 'word:component|string:"nats"'],
    ['  hosts = ["10.0.0.1", "b"] # two', 'word:hosts|string:"10.0.0.1"|string:"b"|comment:# two'],
    ['  port = 4222', 'word:port|literal:4222'],
    ['  on = true // yes', 'word:on|literal:true|comment:// yes'],
    ['  a = "x # y \\" z"', 'word:a|string:"x # y \\" z"'],
    ['}', ''],
  ])('%s', (line, expected) => {
    const spans = hclSpans(line);
    expect(spans.map(({ text }) => text).join('')).toBe(line);
    expect(spans.flatMap(({ kind, text }) => (kind === '' ? [] : `${kind}:${text}`)).join('|')).toBe(
      expected,
    );
  });
});
