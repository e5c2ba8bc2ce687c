import { T, bracketChange } from './tokens.ts';
import type { Piece } from './tokens.ts';

/** After these a minus is a sign; after anything else it subtracts. */
const BEFORE_SIGN = new Set<string>([
  ...[T.openParenthesis, T.openBrace, T.openBracket, T.interpolation, T.directive, T.equals, T.comma, T.bang],
  ...[':', '?', '+', '-', '*', '/', '%', '⇒', '≔', '≠', '<', '≤', '>', '≥', '∧', '∨'],
]);

const TEMPLATE_TEXT = new Set<string>([T.quotedText, T.text]);

/** Whether a space belongs between `left` and `right`; `before` stands before `left`. The rules of `terraform fmt`, in its order. */
export function spaceBetween(before: Piece | undefined, left: Piece, right: Piece): boolean {
  if (left.type === T.identifier && right.type === T.openParenthesis) return isKeywordIn(before, left);
  if (left.type === T.dot || right.type === T.dot) return false;
  if (right.type === T.comma || right.type === T.ellipsis) return false;
  if (left.type === T.comma) return true;
  if (TEMPLATE_TEXT.has(left.type) || TEMPLATE_TEXT.has(right.type)) return false;
  if (left.type === T.openQuote || right.type === T.closeQuote) return false;
  if (isKeywordIn(before, left)) return true;
  if (right.type === T.openBracket && endsOperand(left)) return false;
  if (left.type === T.bang) return false;
  if (left.type === T.minus) return before !== undefined && !BEFORE_SIGN.has(before.type);
  if (left.type === T.openBrace || right.type === T.closeBrace) {
    return !(left.type === T.openBrace && right.type === T.closeBrace);
  }
  const opensTemplate = left.type === T.interpolation || left.type === T.directive;
  if (opensTemplate && right.type === T.openBrace) return true;
  if (left.type === T.closeBrace && right.type === T.sequenceEnd) return true;
  if (left.type === T.sequenceEnd && (right.type === T.interpolation || right.type === T.directive))
    return false;
  return bracketChange(left) <= 0 && bracketChange(right) >= 0;
}

/** What a bracket right behind it indexes. */
function endsOperand(piece: Piece): boolean {
  return piece.type === T.identifier || piece.type === T.number || bracketChange(piece) < 0;
}

/** The "in" of a `for`, behind which a bracket begins a list and a parenthesis an expression. */
function isKeywordIn(before: Piece | undefined, piece: Piece): boolean {
  return piece.type === T.identifier && piece.text === 'in' && before?.type === T.identifier;
}
