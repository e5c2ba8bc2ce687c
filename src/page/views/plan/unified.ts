import type { DiffLine } from '../../parts/diff-lines.ts';

/** The lines of a unified diff without its names: `gap` stands for what was left out between two hunks. */
export function diffLines(diff: string): readonly DiffLine[] {
  const lines = linesOf(diff);
  const first = lines.findIndex((line) => line.startsWith('@@'));
  return lines.slice(Math.max(0, first)).map((line): DiffLine => {
    if (line.startsWith('@@')) return { kind: 'gap', text: line };
    if (line.startsWith('+')) return { kind: 'added', text: line.slice(1) };
    if (line.startsWith('-')) return { kind: 'removed', text: line.slice(1) };
    // `\ No newline at end of file` belongs to the line above.
    if (line.startsWith('\\')) return { kind: 'gap', text: line.slice(2) };
    return { kind: 'same', text: line.slice(1) };
  });
}

/** The text of a new file: all of it is added. */
export function addedLines(content: string): readonly DiffLine[] {
  return linesOf(content).map((text) => ({ kind: 'added', text }));
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
