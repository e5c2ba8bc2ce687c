/** How deep brackets, strings and directives may lie in each other. The parser's own limit is the stack: about 300. */
export const DEEPEST_NESTING = 100;

type Opener = '(' | '[' | '{' | '"' | 'heredoc';
interface Level {
  readonly opener: Opener;
  /** The line that ends a heredoc; undefined for a whole template file. */
  readonly marker?: string | undefined;
  /** Unary operators and conditionals so far in this expression: they nest without brackets. */
  operators: number;
}

/**
 * The offset in `text` at which it is nested deeper than `limit`, or undefined. A cheap scan before parsing, because the
 * parser overflows the stack on deep input and cannot be used afterwards. It needs not be exact on broken input.
 */
export function tooDeepAt(
  text: string,
  isTemplate: boolean,
  limit: number = DEEPEST_NESTING,
): number | undefined {
  const levels: Level[] = isTemplate ? [{ opener: 'heredoc', operators: 0 }] : [];
  const ground: Level = { opener: '{', operators: 0 };
  let directives = 0;
  let total = 0;
  let i = 0;
  const push = (opener: Opener, marker?: string) => levels.push({ opener, marker, operators: 0 });
  const pop = () => {
    total -= levels.pop()?.operators ?? 0;
  };
  while (i < text.length) {
    const level = levels.at(-1) ?? ground;
    if (levels.length + directives + total > limit) return i;
    const c = text[i]!;
    if (level.opener === '"' || level.opener === 'heredoc') {
      if ((c === '$' || c === '%') && text[i + 1] === '{') {
        // A doubled sign is an escape.
        if (text[i - 1] !== c) {
          if (c === '%') directives = Math.max(0, directives + directive(text, i));
          push('{');
        }
        i += 2;
      } else if (level.opener === '"') {
        if (c === '"' || c === '\n') pop();
        i += c === '\\' ? 2 : 1;
      } else if (c === '\n' && level.marker !== undefined && lineAt(text, i + 1).trim() === level.marker) {
        pop();
        i += 1;
      } else i += 1;
      continue;
    }
    const comment = c === '#' || (c === '/' && (text[i + 1] === '/' || text[i + 1] === '*'));
    if (comment) {
      i = commentEnd(text, i);
      continue;
    }
    if (c === '"') push('"');
    else if (c === '(' || c === '[' || c === '{') push(c);
    else if (c === ')' || c === ']' || c === '}') pop();
    else if (c === '?' || c === '!' || c === '-') {
      level.operators++;
      total++;
    } else if (c === ',' || (c === '\n' && level.opener === '{')) {
      total -= level.operators;
      level.operators = 0;
    } else if (c === '<' && text[i + 1] === '<') {
      const marker = /^<<-?([^\s"(){}[\]]+)\r?\n/.exec(text.slice(i, i + 200))?.[1];
      if (marker !== undefined) {
        push('heredoc', marker);
        i = text.indexOf('\n', i);
        continue;
      }
    }
    i += 1;
  }
  return undefined;
}

/** +1 for a directive that opens a section, -1 for one that ends it. */
function directive(text: string, at: number): number {
  const word = /^%\{~?\s*(if|for|endif|endfor)\b/.exec(text.slice(at, at + 40))?.[1];
  return word === undefined ? 0 : word.startsWith('end') ? -1 : 1;
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(at, end < 0 ? undefined : end);
}

/** The offset behind a comment; the newline that ends a line comment is not part of it. */
function commentEnd(text: string, at: number): number {
  const block = text[at + 1] === '*';
  const end = text.indexOf(block ? '*/' : '\n', at + (block ? 2 : 1));
  return end < 0 ? text.length : block ? end + 2 : end;
}
