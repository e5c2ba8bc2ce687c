import { paint, type Tone } from './style.ts';
import { fit, fitRight, truncateMiddle, widthOf } from './width.ts';

/** One column of a table that is printed once. */
export interface TextColumn<T> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** The lowest stay longest on a narrow terminal; 0 is never left out. */
  readonly rank: number;
  readonly cell: (row: T) => string;
  readonly tone?: (row: T) => Tone;
}

const GAP = 2;
/** The first column names its row: it is cut in its middle, and no further than this. */
const LEAST_NAME = 12;

/**
 * Rows below their titles, in as many columns as fit into `width`: the least important are left out, and those that say
 * nothing for any row. What is still too wide takes it from the first column.
 */
export function textTable<T>(
  rows: readonly T[],
  columns: readonly TextColumn<T>[],
  { color, width }: { readonly color: boolean; readonly width: number },
): readonly string[] {
  const measured = columns
    .map((column) => {
      const cells = rows.map(column.cell);
      const widest = Math.max(0, ...cells.map(widthOf));
      return { ...column, cells, widest, width: Math.max(widest, column.title.length) };
    })
    .filter(({ widest }) => widest > 0);
  const shown = within(measured, width);
  const aligned = (text: string, align: 'left' | 'right', w: number): string =>
    align === 'left' ? fit(text, w) : fitRight(text, w);
  const gap = ' '.repeat(GAP);
  const titles = shown.map(({ title, align, width: w }) => aligned(title, align, w)).join(gap);
  return [
    paint(titles.trimEnd(), 'faint', color),
    ...rows.map((row, i) => {
      const cells = shown.map(({ cells: texts, align, tone, width: w }, at) => {
        const text = texts[i] ?? '';
        const isLast = at === shown.length - 1 && align === 'left';
        return paint(isLast ? text : aligned(text, align, w), tone?.(row) ?? 'plain', color);
      });
      return cells.join(gap).trimEnd();
    }),
  ];
}

interface Measured {
  readonly rank: number;
  readonly width: number;
  readonly cells: readonly string[];
}

function within<C extends Measured>(columns: readonly C[], width: number): readonly C[] {
  let shown = [...columns];
  const total = (): number => shown.reduce((sum, column) => sum + column.width + GAP, -GAP);
  for (const column of [...columns].sort((a, b) => b.rank - a.rank)) {
    if (total() <= width || column.rank === 0) break;
    shown = shown.filter((each) => each !== column);
  }
  const over = total() - width;
  const [first, ...rest] = shown;
  if (over <= 0 || first === undefined) return shown;
  const room = Math.max(Math.min(LEAST_NAME, first.width), first.width - over);
  return [{ ...first, width: room, cells: first.cells.map((text) => truncateMiddle(text, room)) }, ...rest];
}
