/** What stands in brackets: `[[:digit:]]`. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}0-9',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
  xdigit: '0-9A-Fa-f',
};
const WORD_START = '\\b(?=\\w)';
const WORD_END = '\\b(?<=\\w)';
const INTERVAL = /^\{(\d+(?:,\d*)?|,\d+)\}/;

/**
 * An extended regular expression, as `grep -E` reads it, as one of ours, so that a line is chosen alike on a host and here. Gives
 * a problem for what cannot be read, and for back references.
 */
export function extendedRegex(text: string): { readonly regex: RegExp } | { readonly problem: string } {
  let source = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === '\\') {
      const next = text[++i];
      if (next === undefined) return { problem: 'it ends with a backslash' };
      if (/[1-9]/.test(next)) return { problem: `\\${next} refers back, which is not supported` };
      source += escaped(next);
    } else if (character === '[') {
      const bracket = readBracket(text, i);
      if ('problem' in bracket) return bracket;
      source += bracket.source;
      i = bracket.end;
    } else if (character === '{') {
      const interval = INTERVAL.exec(text.slice(i));
      // One that is no interval means itself.
      source += interval === null ? '\\{' : `{${(interval[1] ?? '').replace(/^,/, '0,')}}`;
      i += interval === null ? 0 : interval[0].length - 1;
    } else if (character === '}' || character === ']' || character === '/') source += `\\${character}`;
    else source += character;
  }
  // `(?:` is nothing that grep knows: its question mark repeats nothing.
  if (/(^|[^\\])\(\?/.test(text)) return { problem: '"(?" is none of an extended regular expression' };
  try {
    return { regex: new RegExp(source, 'u') };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error);
    return { problem: why.charAt(0).toLowerCase() + why.slice(1) };
  }
}

function escaped(character: string): string {
  if (character === '<') return WORD_START;
  if (character === '>') return WORD_END;
  if (/[wWsSbB]/.test(character)) return `\\${character}`;
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** From `[` on; within it a backslash is nothing special. */
function readBracket(
  text: string,
  start: number,
): { readonly source: string; readonly end: number } | { readonly problem: string } {
  let i = start + 1;
  let source = '[';
  if (text[i] === '^') {
    source += '^';
    i++;
  }
  for (let first = true; ; first = false, i++) {
    const character = text[i];
    if (character === undefined) return { problem: 'a bracket [ is not closed' };
    if (character === ']' && !first) return { source: `${source}]`, end: i };
    const named = /^\[:([a-z]+):\]/.exec(text.slice(i));
    if (named !== null) {
      const set = CLASSES[named[1] ?? ''];
      if (set === undefined) return { problem: `there is no class [:${named[1] ?? ''}:]` };
      source += set;
      i += named[0].length - 1;
    } else if (character === '-') {
      const isEdge = first || text[i + 1] === ']';
      source += isEdge ? '\\-' : '-';
    } else source += /[\\[\]^|/(){}]/.test(character) ? `\\${character}` : character;
  }
}
