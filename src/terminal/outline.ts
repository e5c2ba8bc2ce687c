import type { Line } from './style.ts';

/** A plan as a tree of lines: flat text prints all of it, a terminal view folds and unfolds. */
export interface OutlineNode {
  /** Unique in the outline. */
  readonly key: string;
  /** Its own line and what continues it, with indentation. */
  readonly lines: readonly Line[];
  /** 0 where it has no children; told without making them. */
  readonly size: number;
  readonly children: () => readonly OutlineNode[];
  /** `shown`: always; `open`, `folded`: as a view that folds begins; `on-demand`: flat text leaves them out, too. */
  readonly fold: 'shown' | 'open' | 'folded' | 'on-demand';
}

export const INDENT = { host: 0, instance: 2, resource: 4, detail: 8 } as const;

/** A node without children. */
export function plainNode(key: string, line: Line): OutlineNode {
  return { key, lines: [line], size: 0, fold: 'shown', children: () => [] };
}

export function pad(columns: number): string {
  return ' '.repeat(columns);
}
