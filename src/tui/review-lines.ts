import { hasChanges, type PlanView } from '../plan/view.ts';
import { plainNode, type OutlineNode } from '../terminal/outline.ts';
import { planOutline } from '../terminal/plan-outline.ts';
import { wordOrder, wordStopped } from '../terminal/plan-summary.ts';
import { span, type Line } from '../terminal/style.ts';
import { foldLine, wrap } from '../terminal/width.ts';

/** Which nodes are open: as they begin, all, or none, but for those that were turned. */
export interface Folding {
  readonly base: 'initial' | 'all' | 'none';
  readonly turned: ReadonlyMap<string, boolean>;
}

/** A line in sight and the node that it belongs to. */
export interface ReviewLine {
  readonly key: string;
  /** 0: the node's own first line. */
  readonly part: number;
  readonly depth: number;
  /** null: cannot be opened. */
  readonly open: boolean | null;
  readonly line: Line;
}

/** More changes than this begin folded: first the details of resources, then the instances. */
const DETAILS_OPEN = 10;
const INSTANCES_OPEN = 40;

/** Columns of the marks in front of each line. */
export const MARK_COLUMNS = 4;

/** The plan as the review shows it: its hosts, then the order of work and the warnings. */
export function reviewOutline(view: PlanView, columns: number): readonly OutlineNode[] {
  const width = columns - MARK_COLUMNS - 1;
  const order = wordOrder(view);
  const stopped = wordStopped(view);
  const notes = [
    ...(view.refreshed
      ? []
      : [{ tone: 'warn' as const, text: 'The hosts were not asked: drift does not show.' }]),
    ...(order === null ? [] : [{ tone: 'faint' as const, text: `Order: ${order}` }]),
    ...(stopped === null ? [] : [{ tone: 'warn' as const, text: `Stopped: ${stopped}` }]),
    ...view.warnings.map((text) => ({ tone: 'warn' as const, text: `Warning: ${text}` })),
    ...view.diagnostics.map(({ summary, detail }) => ({
      tone: 'warn' as const,
      text: `${summary}: ${detail}`,
    })),
  ];
  const hosts = planOutline(view, { width, showUnchanged: false });
  return [
    ...hosts,
    ...(notes.length > 0 && hasChanges(view) ? [plainNode('\0gap', [])] : []),
    ...notes.map(({ tone, text }, i): OutlineNode => ({
      ...plainNode(`\0note ${i}`, []),
      lines: wrap(text, width).map((part): Line => [span(part, tone)]),
    })),
  ];
}

/** The lines of all that is open. `changes` says how large the plan is. */
export function reviewLines(
  outline: readonly OutlineNode[],
  folding: Folding,
  changes: number,
  columns: number,
): readonly ReviewLine[] {
  const lines: ReviewLine[] = [];
  const visit = (node: OutlineNode, depth: number): void => {
    const foldable = isFoldable(node);
    const open = isOpen(node, depth, folding, changes);
    const own = node.lines.flatMap((line) => foldLine(line, columns - MARK_COLUMNS - 1, depth * 2 + 4));
    own.forEach((line, part) =>
      lines.push({ key: node.key, part, depth, open: foldable && part === 0 ? open : null, line }),
    );
    if (open) for (const child of node.children()) visit(child, depth + 1);
  };
  for (const node of outline) visit(node, 0);
  return lines;
}

export function isFoldable(node: OutlineNode): boolean {
  return node.size > 0 && node.fold !== 'shown';
}

export function isOpen(node: OutlineNode, depth: number, folding: Folding, changes: number): boolean {
  if (node.size === 0) return false;
  if (node.fold === 'shown') return true;
  const turned = folding.turned.get(node.key);
  if (turned !== undefined) return turned;
  switch (folding.base) {
    case 'all':
      return node.fold !== 'on-demand';
    case 'none':
      return false;
    case 'initial':
      if (node.fold !== 'open') return false;
      return depth < 2 ? changes <= INSTANCES_OPEN || depth === 0 : changes <= DETAILS_OPEN;
  }
}

/** Where a text stands in the plan, closed nodes included. */
export interface Finding {
  readonly key: string;
  /** Keys of the nodes above it. */
  readonly path: readonly string[];
  /** Counts the nodes before it, in the order of the plan. */
  readonly place: number;
}

/** All nodes whose lines hold the text, and the place of the node `here` (-1 where there is none). */
export function findText(
  outline: readonly OutlineNode[],
  text: string,
  here: string | null,
): { readonly found: readonly Finding[]; readonly herePlace: number } {
  const wanted = text.toLowerCase();
  const found: Finding[] = [];
  let herePlace = -1;
  let place = 0;
  const visit = (node: OutlineNode, path: readonly string[]): void => {
    if (node.key === here) herePlace = place;
    if (node.lines.some((line) => textOf(line).includes(wanted))) found.push({ key: node.key, path, place });
    place++;
    if (node.size === 0) return;
    const below = [...path, node.key];
    for (const child of node.children()) visit(child, below);
  };
  for (const node of outline) visit(node, []);
  return { found, herePlace };
}

function textOf(line: Line): string {
  let text = '';
  for (const piece of line) text += piece.text;
  return text.toLowerCase();
}
