import { describe, expect, it } from 'vitest';
import { wordBytes, wordClock, wordDuration } from '../../src/terminal/amounts.ts';
import { addressRanges } from '../../src/terminal/plan-groups.ts';
import { sanitize, visible } from '../../src/terminal/sanitize.ts';
import { span } from '../../src/terminal/style.ts';
import {
  fit,
  foldLine,
  truncate,
  truncateMiddle,
  widthOf,
  wrap,
  wrapFacts,
} from '../../src/terminal/width.ts';

describe('widths', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['✔', 1],
    ['🚀', 2],
    ['👩‍💻', 2],
  ])('%s takes %d columns', (text, width) => expect(widthOf(text)).toBe(width));

  it('cuts and fills to columns, not characters', () => {
    expect(truncate('日本語です', 5)).toBe('日本…');
    expect(fit('日本', 6)).toBe('日本  ');
    expect(truncateMiddle('2001:db8:85a3:8d3:1319:8a2e:370:7348', 16)).toBe('2001:db8…70:7348');
  });

  it('wraps words, facts and lines', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('x'.repeat(20), 8)).toEqual(['xxxxxxxx', 'xxxxxxxx', 'xxxx']);
    expect(wrapFacts(['owner nats', 'mode 0640', '12 lines'], 24)).toEqual([
      'owner nats, mode 0640,',
      '12 lines',
    ]);
    expect(
      foldLine([span('abcdefghijkl')], 10, 2).map((line) => line.map(({ text }) => text).join('')),
    ).toEqual(['abcdefghij', '  kl']);
  });
});

describe('what comes from a host', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['10 %\r50 %\r100 %\r', '100 %'],
    ['a\tb', 'a    b'],
    ['a\u0000\u0008b\u202e', 'ab'],
    ['plain', 'plain'],
  ])('%j is printed as %j', (line, printed) => expect(sanitize(line)).toBe(printed));
});

describe('amounts', () => {
  it('are told in words', () => {
    expect([wordDuration(400), wordDuration(12_300), wordDuration(185_000), wordDuration(7_620_000)]).toEqual(
      ['0.4 s', '12 s', '3m 05s', '2h 07m'],
    );
    expect([wordBytes(1), wordBytes(1536), wordBytes(3_435_973_837)]).toEqual([
      '1 byte',
      '1.5 KiB',
      '3.2 GiB',
    ]);
    expect([wordClock(900), wordClock(59_999), wordClock(61_000)]).toEqual(['0 s', '59 s', '1m 01s']);
  });

  it('tells neighbouring addresses by their ends', () => {
    expect(addressRanges(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.9', 'db.lan'])).toEqual([
      '10.0.0.2 to 10.0.0.4',
      '10.0.0.9',
      'db.lan',
    ]);
  });
});

describe('a line of a file, or a value', () => {
  it.each([
    ['plain', 'plain'],
    ['-old\r', '-old^M'],
    ['-evil\r+good', '-evil^M+good'],
    ['a\tb', 'a    b'],
    ['\u001b[2Jx\u0007\u007f\u009b', '^[[2Jx^G^?<U+009B>'],
    ['\u202egnp.exe', '<U+202E>gnp.exe'],
    ['zero\u200bwidth', 'zero<U+200B>width'],
    ['ünï ✓ 日本', 'ünï ✓ 日本'],
  ])('%j shows as %j: nothing hides in a diff', (line, shown) => expect(visible(line)).toBe(shown));
});
