import type { Token } from '../hcl/ast.ts';

/** HCL's token types as its scanner writes them. */
export const T = {
  openBrace: '{',
  closeBrace: '}',
  openBracket: '[',
  closeBracket: ']',
  openParenthesis: '(',
  closeParenthesis: ')',
  openQuote: '«',
  closeQuote: '»',
  openHeredoc: 'H',
  closeHeredoc: 'h',
  interpolation: '∫',
  directive: 'λ',
  sequenceEnd: '∎',
  quotedText: 'Q',
  text: 'S',
  number: 'N',
  identifier: 'I',
  comment: 'C',
  newline: '\n',
  end: '␄',
  equals: '=',
  dot: '.',
  comma: ',',
  ellipsis: '…',
  bang: '!',
  minus: '-',
} as const;

/** A token to be laid out. A heredoc is one token here, for its text is nobody's to change. */
export interface Piece {
  readonly type: string;
  readonly text: string;
}

export interface Line {
  readonly pieces: readonly Piece[];
  /** As it stands in the source: "\n", "\r\n" or, at the end of the file, nothing. */
  readonly newline: string;
}

/** The tokens by line, without the newlines. A comment that ends a line gives up its newline. */
export function linesOf(tokens: readonly Token[], source: Buffer): Line[] {
  const lines: Line[] = [];
  let pieces: Piece[] = [];
  const finish = (newline: string) => {
    lines.push({ pieces, newline });
    pieces = [];
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.type === T.end) break;
    if (token.type === T.newline) finish(token.text);
    else if (token.type === T.comment && !token.text.startsWith('/*')) {
      const text = token.text.trimEnd();
      pieces.push({ type: T.comment, text });
      const newline = /\r?\n$/.exec(token.text)?.[0];
      if (newline !== undefined) finish(newline);
    } else if (token.type === T.openHeredoc) {
      const last = heredocEnd(tokens, i);
      pieces.push({
        type: T.openHeredoc,
        text: source.toString('utf8', token.range.start.byte, tokens[last]!.range.end.byte),
      });
      i = last;
    } else pieces.push({ type: token.type, text: token.text });
  }
  if (pieces.length > 0) finish('');
  return lines;
}

/** The index of the token that ends the heredoc at `start`; another may stand inside an interpolation of it. */
function heredocEnd(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    if (tokens[i]!.type === T.openHeredoc) depth++;
    if (tokens[i]!.type === T.closeHeredoc && --depth === 0) return i;
  }
  return tokens.length - 1;
}

/** +1 for a token that opens a bracket of any kind, -1 for one that closes it. */
export function bracketChange({ type }: Piece): number {
  switch (type) {
    case T.openBrace:
    case T.openBracket:
    case T.openParenthesis:
    case T.interpolation:
    case T.directive:
      return 1;
    case T.closeBrace:
    case T.closeBracket:
    case T.closeParenthesis:
    case T.sequenceEnd:
      return -1;
    default:
      return 0;
  }
}

export function netBrackets(pieces: readonly Piece[]): number {
  return pieces.reduce((net, piece) => net + bracketChange(piece), 0);
}
