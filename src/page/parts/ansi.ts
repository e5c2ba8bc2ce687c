/** A stretch of a line, and how the program that wrote it wanted it to look. */
export interface AnsiSpan {
  readonly text: string;
  /** `ansi-red ansi-bold`; '' for plain text. */
  readonly look: string;
}

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const SEQUENCE =
  // CSI sequences; OSC, DCS and the like up to their end; other escapes; C1 forms of CSI.
  /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|\u001b[\]P^_X][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\u001b[ -/]*[0-~]?/g;
/** What is invisible, or turns the direction of what follows: a log must not be able to look like another one. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const UNUSUAL = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const TAB = 8;

/** Text of a log for showing: colours as classes, other sequences gone, control characters visible, tabs as spaces. */
export function ansiSpans(line: string): readonly AnsiSpan[] {
  if (!UNUSUAL.test(line)) return line === '' ? [] : [{ text: line, look: '' }];
  const spans: AnsiSpan[] = [];
  let look: Look = PLAIN;
  let at = 0;
  let column = 0;
  const add = (raw: string): void => {
    const text = expandTabs(lastWritten(raw).replace(HIDDEN, visible), column);
    if (text === '') return;
    column += text.length;
    spans.push({ text, look: classesOf(look) });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === 'm') look = applied(look, match[1] ?? '');
  }
  add(line.slice(at));
  return spans;
}

interface Look {
  readonly color: string;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}

const PLAIN: Look = { color: '', bold: false, faint: false, italic: false, underline: false };

function applied(before: Look, parameters: string): Look {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map(Number);
  let look = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) look = PLAIN;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, faint: true };
    else if (code === 3) look = { ...look, italic: true };
    else if (code === 4) look = { ...look, underline: true };
    else if (code === 22) look = { ...look, bold: false, faint: false };
    else if (code === 23) look = { ...look, italic: false };
    else if (code === 24) look = { ...look, underline: false };
    else if (code >= 30 && code <= 37) look = { ...look, color: COLORS[code - 30] ?? '' };
    else if (code >= 90 && code <= 97) look = { ...look, color: COLORS[code - 90] ?? '' };
    else if (code === 39) look = { ...look, color: '' };
    else if (code === 38 || code === 48) {
      // 256 colours and RGB: of the former the first sixteen have names. Backgrounds are left out.
      const number = codes[i + 2] ?? 0;
      if (code === 38 && codes[i + 1] === 5)
        look = { ...look, color: number < 16 ? (COLORS[number % 8] ?? '') : '' };
      i += codes[i + 1] === 2 ? 4 : 2;
    }
  }
  return look;
}

function classesOf({ color, bold, faint, italic, underline }: Look): string {
  return [
    color === '' ? '' : `ansi-${color}`,
    bold ? 'ansi-bold' : '',
    faint ? 'ansi-faint' : '',
    italic ? 'ansi-italic' : '',
    underline ? 'ansi-underline' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** Progress that was drawn over and over: what stood there last. */
function lastWritten(text: string): string {
  const trimmed = text.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

function expandTabs(text: string, start: number): string {
  if (!text.includes('\t')) return text;
  let out = '';
  for (const part of text.split(/(\t)/))
    out += part === '\t' ? ' '.repeat(TAB - ((start + out.length) % TAB)) : part;
  return out;
}
