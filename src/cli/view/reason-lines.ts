import { sanitize } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { fit, truncateMiddle, widthOf, wrap } from '../../terminal/width.ts';

/** Why something is not as it should be. */
export interface Reason {
  /** Address of an instance or a host. */
  readonly of: string;
  readonly tone: Tone;
  /** May come from a host; begins with the address, or not. */
  readonly text: string;
}

const GAP = 2;

/** Reasons below each other, names to the left, texts wrapped beside them. */
export function reasonLines(
  reasons: readonly Reason[],
  { color, width }: { readonly color: boolean; readonly width: number },
): readonly string[] {
  const column = Math.min(Math.max(0, ...reasons.map(({ of }) => widthOf(of))), Math.floor(width / 2));
  const indent = ' '.repeat(column + GAP);
  return reasons.flatMap(({ of, tone, text }) => {
    const said = sanitize(text.startsWith(`${of} `) ? text.slice(of.length + 1) : text);
    const [first = '', ...rest] = wrap(said, width - column - GAP);
    const name = paint(fit(truncateMiddle(of, column), column), tone, color);
    return [`${name}${' '.repeat(GAP)}${first}`, ...rest.map((line) => `${indent}${line}`)];
  });
}
