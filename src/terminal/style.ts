/** What a piece of text means; how that looks is decided here alone. */
export type Tone =
  | 'plain'
  | 'strong'
  | 'faint'
  | 'add'
  | 'change'
  | 'remove'
  | 'replace'
  | 'accent'
  | 'good'
  | 'bad'
  | 'warn'
  | 'selected';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line, without its end. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** Select Graphic Rendition codes: the eight basic colours, so that every theme of a terminal stays readable. */
const CODES: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  add: '32',
  change: '33',
  remove: '31',
  replace: '35',
  accent: '36',
  good: '32',
  bad: '1;31',
  warn: '33',
  selected: '7',
};

/** A line as text, with ANSI codes or bare. */
export function paintLine(line: Line, color: boolean): string {
  let text = '';
  for (const piece of line) text += paint(piece.text, piece.tone, color);
  return text;
}

export function paint(text: string, tone: Tone, color: boolean): string {
  const code = CODES[tone];
  return !color || code === '' || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
}

/** Colours that tell sources of lines apart; none of them means good or bad. */
const SOURCE_CODES = ['36', '33', '32', '35', '34', '96', '93', '92', '95', '94'] as const;

/** A text in the colour of the source of that number. */
export function paintSource(text: string, number: number, color: boolean): string {
  return color ? `\u001b[${SOURCE_CODES[number % SOURCE_CODES.length] ?? ''}m${text}\u001b[0m` : text;
}
