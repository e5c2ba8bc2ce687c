import { describe, expect, it } from 'vitest';
import { ansiSpans } from '../../../src/page/parts/ansi.ts';

const ESC = '\u001b';
const shown = (line: string): string =>
  ansiSpans(line)
    .map(({ text, look }) => (look === '' ? text : `<${look}>${text}</>`))
    .join('');

describe('a line of a log for showing', () => {
  it.each([
    ['plain text', 'plain text', 'plain text'],
    ['colours', `${ESC}[31mred${ESC}[0m plain`, '<ansi-red>red</> plain'],
    ['bright and bold', `${ESC}[1;92mok${ESC}[m`, '<ansi-green ansi-bold>ok</>'],
    [
      'what ends one look only',
      `${ESC}[1;34ma${ESC}[22mb${ESC}[39mc`,
      '<ansi-blue ansi-bold>a</><ansi-blue>b</>c',
    ],
    ['256 colours', `${ESC}[38;5;3mwarn${ESC}[38;5;200mother`, '<ansi-yellow>warn</>other'],
    ['RGB and backgrounds', `${ESC}[38;2;1;2;3;48;5;7mx`, 'x'],
    ['other sequences', `${ESC}[2K${ESC}]0;title\u0007a${ESC}[10;10Hb${ESC}(Bc`, 'abc'],
    ['a sequence that is cut off', `a${ESC}[`, 'a'],
    ['progress that is drawn over', '10%\r20%\r30%', '30%'],
    ['the end of a line of Windows', 'text\r', 'text'],
    ['tabs', 'a\tb\tc', 'a       b       c'],
    ['control characters', 'a\u0000b\u0007', 'a␀b␇'],
    ['what turns the direction', 'a\u202eb\u2066c', 'a<U+202E>b<U+2066>c'],
    ['invisible spaces', 'pass\u200bword', 'pass<U+200B>word'],
    ['markup', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['nothing', '', ''],
  ])('%s', (_, line, expected) => {
    expect(shown(line)).toBe(expected);
  });
});
