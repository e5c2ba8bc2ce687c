/** A line of a unified diff as it is shown; `gap` stands for what was left out (`@@ -1,3 +1,4 @@`) or is said about the line above. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
}

/** With its numbers before and after; null where it does not stand there. */
export interface NumberedLine extends DiffLine {
  readonly before: number | null;
  readonly after: number | null;
}

/** What stands side by side. */
export interface LinePair {
  readonly before: NumberedLine | null;
  readonly after: NumberedLine | null;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Counts by what the hunks say; lines before any hunk count from 1. */
export function numberLines(lines: readonly DiffLine[]): readonly NumberedLine[] {
  let before = 1;
  let after = 1;
  return lines.map((line): NumberedLine => {
    switch (line.kind) {
      case 'gap': {
        const hunk = HUNK.exec(line.text);
        if (hunk !== null) {
          // A side without lines bears the number of the line before.
          before = Number(hunk[1]) + (hunk[2] === '0' ? 1 : 0);
          after = Number(hunk[3]) + (hunk[4] === '0' ? 1 : 0);
        }
        return { ...line, before: null, after: null };
      }
      case 'same':
        return { ...line, before: before++, after: after++ };
      case 'removed':
        return { ...line, before: before++, after: null };
      case 'added':
        return { ...line, before: null, after: after++ };
      default:
        return line.kind satisfies never;
    }
  });
}

/** Removed lines beside those that came in their place. */
export function pairLines(lines: readonly NumberedLine[]): readonly LinePair[] {
  const pairs: LinePair[] = [];
  let removed: NumberedLine[] = [];
  let added: NumberedLine[] = [];
  const settle = (): void => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++)
      pairs.push({ before: removed[i] ?? null, after: added[i] ?? null });
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) settle();
      removed.push(line);
    } else if (line.kind === 'added') added.push(line);
    else {
      settle();
      pairs.push({ before: line, after: line });
    }
  }
  settle();
  return pairs;
}

export function countLines(lines: readonly DiffLine[]): { readonly added: number; readonly removed: number } {
  let added = 0;
  let removed = 0;
  for (const { kind } of lines) {
    if (kind === 'added') added++;
    else if (kind === 'removed') removed++;
  }
  return { added, removed };
}
