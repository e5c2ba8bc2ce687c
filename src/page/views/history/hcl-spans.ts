/** A stretch of a line of HCL; `kind` '' for what is nothing special. */
export interface HclSpan {
  readonly text: string;
  readonly kind: '' | 'comment' | 'string' | 'literal' | 'word';
}

const TOKEN =
  /(#.*|\/\/.*|\/\*.*?(?:\*\/|$))|("(?:[^"\\]|\\.)*"?)|\b(true|false|null|\d+(?:\.\d+)?)\b|^(\s*)([A-Za-z_][\w-]*)(?=\s*(?:[=:{]|"[^"]*"\s*(?:"[^"]*"\s*)?\{))/g;

/** Roughly, a line by itself: enough for the eye. */
export function hclSpans(line: string): readonly HclSpan[] {
  const spans: HclSpan[] = [];
  let at = 0;
  const add = (text: string, kind: HclSpan['kind']): void => {
    if (text !== '') spans.push({ text, kind });
  };
  for (const match of line.matchAll(TOKEN)) {
    const [all, comment, string, literal, space = '', word] = match;
    add(line.slice(at, match.index) + space, '');
    at = match.index + all.length;
    if (comment !== undefined) add(comment, 'comment');
    else if (string !== undefined) add(string, 'string');
    else if (literal !== undefined) add(literal, 'literal');
    else add(word ?? '', 'word');
  }
  add(line.slice(at), '');
  return spans;
}
