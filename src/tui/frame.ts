import { span, type Line } from '../terminal/style.ts';
import { lineWidth, truncateLine } from '../terminal/width.ts';

/** Columns and lines of the screen. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Left and right on one line. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  const kept = truncateLine(left, Math.max(0, room - 1));
  return [...kept, span(' '.repeat(Math.max(0, room - lineWidth(kept)))), ...right];
}

/** Exactly `height` lines. */
export function filled(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length >= height) return lines.slice(0, height);
  return [...lines, ...Array.from({ length: height - lines.length }, (): Line => [])];
}
