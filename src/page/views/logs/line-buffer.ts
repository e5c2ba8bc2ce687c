/** The last lines of what may never end. */
export interface LineBuffer<T> {
  add(lines: readonly T[]): void;
  clear(): void;
  /** What is kept now; `first` is the number of the first line, as many as were let go of. */
  snapshot(): BufferedLines<T>;
}

export interface BufferedLines<T> {
  readonly lines: readonly T[];
  readonly first: number;
}

export const MAX_LINES = 100_000;
/** A line may have 64 KiB. */
const MAX_CHARACTERS = 32 * 1024 * 1024;

export function createLineBuffer<T extends { readonly text: string }>(
  maxLines = MAX_LINES,
  maxCharacters = MAX_CHARACTERS,
): LineBuffer<T> {
  let lines: T[] = [];
  /** Where the kept ones begin in `lines`, and the number of the first of `lines`. */
  let start = 0;
  let base = 0;
  let characters = 0;
  return {
    add(more) {
      for (const line of more) {
        lines.push(line);
        characters += line.text.length;
      }
      while (lines.length - start > maxLines || (characters > maxCharacters && lines.length - start > 1))
        characters -= lines[start++]?.text.length ?? 0;
      if (start > maxLines / 4 || characters === 0) {
        lines = lines.slice(start);
        base += start;
        start = 0;
      }
    },
    clear() {
      base += lines.length;
      lines = [];
      start = 0;
      characters = 0;
    },
    snapshot: () => ({ lines: lines.slice(start), first: base + start }),
  };
}
