import type { Line, Span } from './style.ts';

/** Printable ASCII, and the signs that we draw with: the common case, one column and one UTF-16 unit each. */
const SIMPLE = /^[\x20-\x7e\u2013\u2026\u2190-\u2193\u2260\u2500-\u25a0\u25b2\u25bc\u2714\u2716]*$/;
/** Made when it is first needed: that takes as long as a hundred tables. */
let segmenter: Intl.Segmenter | undefined;
function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

/** Columns that a text takes in a terminal; it must hold no control characters. */
export function widthOf(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return /^\p{Mark}/u.test(grapheme) ? 0 : 1;
}

/** At most `width` columns; what is cut off is told by `…`. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && SIMPLE.test(text)) return text;
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  return `${clip(text, width - 1)}…`;
}

/** Keeps both ends, for addresses: `2001:db8:…:0042`. */
export function truncateMiddle(text: string, width: number): string {
  if (text.length <= width || !SIMPLE.test(text)) return truncate(text, width);
  if (width <= 2) return truncate(text, width);
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

/** Exactly `width` columns. */
export function fit(text: string, width: number): string {
  const cut = truncate(text, width);
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}

/** Exactly `width` columns, to the right. */
export function fitRight(text: string, width: number): string {
  const cut = truncate(text, width);
  return ' '.repeat(Math.max(0, width - widthOf(cut))) + cut;
}

export function lineWidth(line: Line): number {
  let width = 0;
  for (const piece of line) width += widthOf(piece.text);
  return width;
}

/** A line of at most `width` columns. */
export function truncateLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let left = width - 1;
  for (const piece of line) {
    const text = clip(piece.text, left);
    left -= widthOf(text);
    if (text !== '') kept.push({ ...piece, text });
    if (text.length < piece.text.length) break;
  }
  return width > 0 ? [...kept, { text: '…', tone: kept.at(-1)?.tone ?? 'plain' }] : [];
}

/** As much of the text as fits in `width` columns. */
function clip(text: string, width: number): string {
  if (SIMPLE.test(text)) return text.slice(0, Math.max(0, width));
  let kept = '';
  let left = width;
  for (const { segment } of graphemes(text)) {
    left -= graphemeWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return kept;
}

/** Words on lines of at most `width` columns; a word that is longer is cut into pieces. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(8, width);
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/).filter((piece) => piece !== '')) {
    let rest = word;
    if (current !== '' && widthOf(current) + 1 + widthOf(rest) <= room) {
      current += ` ${rest}`;
      continue;
    }
    if (current !== '') lines.push(current);
    while (widthOf(rest) > room) {
      const piece = clip(rest, room);
      lines.push(piece);
      rest = rest.slice(piece.length);
    }
    current = rest;
  }
  if (current !== '') lines.push(current);
  return lines;
}

/** Facts separated by commas, broken between them where that is possible. */
export function wrapFacts(facts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  facts.forEach((fact, i) => {
    const piece = i === facts.length - 1 ? fact : `${fact},`;
    if (current !== '' && widthOf(current) + 1 + widthOf(piece) <= width) {
      current += ` ${piece}`;
      return;
    }
    if (current !== '') lines.push(current);
    const wrapped = wrap(piece, width);
    lines.push(...wrapped.slice(0, -1));
    current = wrapped.at(-1) ?? '';
  });
  if (current !== '') lines.push(current);
  return lines;
}

/** The line on as many lines as it needs; what continues is indented by `indent` columns. */
export function foldLine(line: Line, width: number, indent: number): readonly Line[] {
  if (lineWidth(line) <= width || width - indent < 8) return [line];
  const lines: Span[][] = [[]];
  let left = width;
  for (const { text, tone } of line) {
    let rest = text;
    while (rest !== '') {
      const piece = clip(rest, left);
      if (piece !== '') lines.at(-1)?.push({ text: piece, tone });
      rest = rest.slice(piece.length);
      left -= widthOf(piece);
      if (rest === '') break;
      lines.push([{ text: ' '.repeat(indent), tone: 'plain' }]);
      left = width - indent;
    }
  }
  return lines;
}
