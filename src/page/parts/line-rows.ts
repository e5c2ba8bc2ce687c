/** How high lines are and where they stand, in rows of text; lines are known by their number, which never changes. */
export interface LineRows {
  /** Number of the first line, and of the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Rows of all lines together. */
  total(): number;
  /** Rows above a line. */
  top(number: number): number;
  /** The line at so many rows from the top; the last one for what is beyond. */
  at(row: number): number;
  /** Takes lines off the front until this is the first, and sets the heights of those that are new. */
  update(first: number, count: number, rowsOf: (index: number) => number): void;
  /** Forgets all heights. */
  clear(): void;
}

/** Gone lines are really let go of once there are so many. */
const SLACK = 16_384;

/** Adding lines and taking them off the front cost no more than those lines. */
export function createLineRows(): LineRows {
  /** `tops[i]` is where line `base + i` begins, counted from the very first line there ever was; one more than there are lines. */
  let tops: number[] = [0];
  let base = 0;
  let first = 0;
  const topOf = (number: number): number => tops[number - base] ?? tops.at(-1) ?? 0;
  const rows = {
    get first() {
      return first;
    },
    get end() {
      return base + tops.length - 1;
    },
    total: () => topOf(rows.end) - topOf(first),
    top: (number: number) => topOf(number) - topOf(first),
    at(row: number) {
      const wanted = row + topOf(first);
      let low = first;
      let high = Math.max(first, rows.end - 1);
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (topOf(middle) <= wanted) low = middle;
        else high = middle - 1;
      }
      return low;
    },
    update(newFirst: number, count: number, rowsOf: (index: number) => number) {
      // Other lines altogether, or fewer at the end: they are measured anew.
      if (newFirst < first || newFirst > rows.end || newFirst + count < rows.end) {
        tops = [0];
        base = newFirst;
      }
      first = newFirst;
      for (let number = rows.end; number < newFirst + count; number++)
        tops.push((tops.at(-1) ?? 0) + rowsOf(number - newFirst));
      if (first - base > SLACK) {
        tops = tops.slice(first - base);
        base = first;
      }
    },
    clear() {
      tops = [0];
      base = first;
    },
  };
  return rows;
}

const PLAIN = /^[\u0020-\u007e]*$/;
/** Characters that take two columns (East Asian ones and pictures), roughly; of a pair of surrogates each counts one. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Columns that a text without tabs takes. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return text.length + (text.match(WIDE)?.length ?? 0);
}
