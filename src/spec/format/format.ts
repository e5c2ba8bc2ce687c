import { hasErrors } from '../../diagnostics/diagnostic.ts';
import type { HclParser } from '../hcl/parse.ts';
import { spaceBetween } from './spacing.ts';
import { T, linesOf, netBrackets } from './tokens.ts';
import type { Line, Piece } from './tokens.ts';

const INDENT = '  ';
const BYTE_ORDER_MARK = '\ufeff';

/** A line on its way to the canonical layout: three cells, of which the later two are aligned with the lines around it. */
interface Row {
  readonly indent: string;
  /** Everything, or what stands before the equals sign. */
  readonly lead: string;
  /** From the equals sign on, where the line holds a whole assignment. */
  readonly assignment: string | undefined;
  /** A comment behind something else. */
  readonly comment: string | undefined;
  /** Nothing is aligned across a heredoc. */
  readonly heredoc: boolean;
  readonly newline: string;
}

/**
 * A spec file in its canonical layout, as `terraform fmt` lays it out: indents, spaces, aligned equals signs and comments.
 * Line breaks and blank lines stay as they are. Idempotent; text with syntax errors comes back unchanged.
 */
export function format(text: string, parser: HclParser): string {
  if (text.startsWith(BYTE_ORDER_MARK)) return BYTE_ORDER_MARK + format(text.slice(1), parser);
  if (hasErrors(parser.parseFile(text, 'text').diagnostics)) return text;
  const lines = linesOf(parser.lex(text, 'text'), Buffer.from(text));
  const indent = indents(lines);
  return layOut(lines.map((line, i) => toRow(line, indent[i]!)));
}

/**
 * The indent of each line by the brackets before it. A line that opens several brackets indents once; they must all be
 * closed again to take that back.
 */
function indents(lines: readonly Line[]): string[] {
  const open: number[] = [];
  return lines.map(({ pieces }) => {
    const net = netBrackets(pieces);
    for (let closed = -net; closed > 0 && open.length > 0;) {
      const last = open.pop()!;
      if (closed < last) open.push(last - closed);
      closed -= last;
    }
    const indent = INDENT.repeat(open.length);
    if (net > 0) open.push(net);
    return indent;
  });
}

function toRow({ pieces, newline }: Line, indent: string): Row {
  const last = pieces.at(-1);
  const trailing = pieces.length > 1 && last?.type === T.comment ? last : undefined;
  const code = trailing ? pieces.slice(0, -1) : pieces;
  const equals = code.findIndex((piece, i) => i > 0 && piece.type === T.equals);
  const assigns = equals > 0 && netBrackets(code.slice(equals)) === 0;
  return {
    indent: pieces.length === 0 ? '' : indent,
    lead: spaced(assigns ? code.slice(0, equals) : code),
    assignment: assigns ? spaced(code.slice(equals)) : undefined,
    comment: trailing?.text,
    heredoc: pieces.some((piece) => piece.type === T.openHeredoc),
    newline,
  };
}

function spaced(pieces: readonly Piece[]): string {
  let text = '';
  pieces.forEach((piece, i) => {
    const left = pieces[i - 1];
    text += left && spaceBetween(pieces[i - 2], left, piece) ? ` ${piece.text}` : piece.text;
  });
  return text;
}

function layOut(rows: readonly Row[]): string {
  const leads = aligned(
    rows,
    (row) => row.assignment !== undefined,
    (row) => row.indent + row.lead,
  );
  const codes = rows.map((row, i) =>
    row.assignment === undefined ? row.indent + row.lead : leads[i]! + row.assignment,
  );
  const padded = aligned(
    rows,
    (row) => row.comment !== undefined,
    (_, i) => codes[i]!,
  );
  const text = rows
    .map((row, i) => (row.comment === undefined ? codes[i]! : padded[i]! + row.comment) + row.newline)
    .join('');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The cell of every row; in a run of rows that `belong`, padded to the widest of them and one space more. */
function aligned(
  rows: readonly Row[],
  belongs: (row: Row) => boolean,
  cell: (row: Row, i: number) => string,
): string[] {
  const cells = rows.map(cell);
  let start = 0;
  while (start < rows.length) {
    if (!belongs(rows[start]!)) {
      start++;
      continue;
    }
    let end = start + 1;
    while (end < rows.length && belongs(rows[end]!) && !rows[end - 1]!.heredoc) end++;
    const widest = Math.max(...cells.slice(start, end).map(columns));
    for (let i = start; i < end; i++) cells[i] += ' '.repeat(widest - columns(cells[i]!) + 1);
    start = end;
  }
  return cells;
}

/** Columns as an editor counts them. */
function columns(text: string): number {
  return /^[\x00-\x7f]*$/.test(text) ? text.length : [...new Intl.Segmenter().segment(text)].length;
}
