import type { SourceRange } from './diagnostic.ts';

/** A line of source as a terminal shows it, and where in it the marked part lies, in columns of the terminal. */
export interface Excerpt {
  readonly text: string;
  readonly before: number;
  readonly length: number;
}

const TAB = '  ';

/** The first line of a range. A line longer than `width` is cut around the marked part. */
export function excerpt(line: string, range: SourceRange, width: number): Excerpt {
  // Ranges count graphemes, as people do.
  const graphemes = [...new Intl.Segmenter().segment(line)].map(({ segment }) => shown(segment));
  const from = Math.min(range.start.column - 1, graphemes.length);
  const sameLine = range.end.line === range.start.line;
  const to = Math.max(from + 1, sameLine ? range.end.column - 1 : graphemes.length);
  const first = firstShown(graphemes, from, to, width);
  const cutStart = first > 0 ? '…' : '';
  let text = cutStart;
  let last = first;
  while (last < graphemes.length && columns(text) + columns(graphemes[last]!) < width)
    text += graphemes[last++];
  if (last < graphemes.length) text += '…';
  const before = columns(cutStart + graphemes.slice(first, from).join(''));
  const marked = columns(graphemes.slice(from, Math.min(to, last)).join(''));
  return { text, before, length: Math.max(1, marked) };
}

/** Where a long line begins so that the marked part is in sight. */
function firstShown(graphemes: readonly string[], from: number, to: number, width: number): number {
  if (columns(graphemes.join('')) <= width) return 0;
  const wanted = columns(graphemes.slice(0, Math.min(to, from + width)).join(''));
  if (wanted < width - 2) return 0;
  return Math.max(0, from - Math.floor(width / 4));
}

function shown(grapheme: string): string {
  if (grapheme === '\t') return TAB;
  return /^[\u0000-\u001f\u007f-\u009f]/.test(grapheme) ? '\ufffd' : grapheme;
}

/** Columns of a terminal: East Asian wide characters and emoji take two. */
function columns(text: string): number {
  let sum = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    sum +=
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return sum;
}
