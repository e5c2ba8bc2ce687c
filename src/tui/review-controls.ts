import type { OutlineNode } from '../terminal/outline.ts';
import type { Press } from './presses.ts';
import { findText, reviewLines, type Folding, type ReviewLine } from './review-lines.ts';
import { scrolledTo, travel, within } from './scroll.ts';

/** What a person is doing with the plan. */
export interface ReviewControls {
  readonly asks: 'nothing' | 'search' | 'approval' | 'help';
  readonly folding: Folding;
  /** Line that the cursor is on, by its node. */
  readonly at: { readonly key: string; readonly part: number } | null;
  readonly top: number;
  /** What is searched for; '' for nothing. */
  readonly search: string;
  readonly message: string;
  readonly decision: 'approved' | 'rejected' | null;
}

export const firstReview = (): ReviewControls => ({
  asks: 'nothing',
  folding: { base: 'initial', turned: new Map() },
  at: null,
  top: 0,
  search: '',
  message: '',
  decision: null,
});

/** What the controls move in. */
export interface ReviewGround {
  readonly outline: readonly OutlineNode[];
  readonly changes: number;
  readonly columns: number;
  /** Lines of the plan that are in sight. */
  readonly height: number;
}

interface MadeLines {
  readonly outline: readonly OutlineNode[];
  readonly lines: readonly ReviewLine[];
}
/** Lines are made when something is opened or closed, not for each frame. */
const made = new WeakMap<Folding, MadeLines>();

export function linesOf({ folding }: ReviewControls, ground: ReviewGround): readonly ReviewLine[] {
  const known = made.get(folding);
  if (known?.outline === ground.outline) return known.lines;
  const lines = reviewLines(ground.outline, folding, ground.changes, ground.columns);
  made.set(folding, { outline: ground.outline, lines });
  return lines;
}

/** What is shown after a key. */
export function pressReview(controls: ReviewControls, press: Press, ground: ReviewGround): ReviewControls {
  if (press === 'ctrl-c') return { ...controls, decision: 'rejected' };
  switch (controls.asks) {
    case 'help':
      return { ...controls, asks: 'nothing' };
    case 'approval':
      if (press === 'y') return { ...controls, decision: 'approved' };
      return press === 'n' || press === 'q' || press === 'escape'
        ? { ...controls, asks: 'nothing' }
        : controls;
    case 'search':
      return pressSearch(controls, press, ground);
    case 'nothing':
      return pressPlan({ ...controls, message: '' }, press, ground);
  }
}

function pressSearch(controls: ReviewControls, press: Press, ground: ReviewGround): ReviewControls {
  switch (press) {
    case 'escape':
      return { ...controls, asks: 'nothing', search: '' };
    case 'enter':
      return findNext({ ...controls, asks: 'nothing' }, ground, 1);
    case 'backspace':
      return { ...controls, search: [...controls.search].slice(0, -1).join('') };
    default:
      return [...press].length === 1 ? { ...controls, search: controls.search + press } : controls;
  }
}

function pressPlan(controls: ReviewControls, press: Press, ground: ReviewGround): ReviewControls {
  const move = travel(press, ground.height);
  if (move !== null) return moveBy(controls, move, ground);
  switch (press) {
    case 'a':
    case 'y':
      return { ...controls, asks: 'approval' };
    case 'q':
    case 'escape':
      return { ...controls, decision: 'rejected' };
    case '?':
    case 'h':
      return { ...controls, asks: 'help' };
    case '/':
      return { ...controls, asks: 'search', search: '' };
    case 'n':
      return findNext(controls, ground, 1);
    case 'N':
      return findNext(controls, ground, -1);
    case 'e':
      return inSight({ ...controls, folding: { base: 'all', turned: new Map() } }, ground);
    case 'c':
      return inSight({ ...controls, folding: { base: 'none', turned: new Map() } }, ground);
    case 'left':
    case 'right':
    case 'enter':
      return turn(controls, press, ground);
    default:
      return controls;
  }
}

function cursorOf(controls: ReviewControls, lines: readonly ReviewLine[]): number {
  const { at } = controls;
  if (at === null) return 0;
  const exact = lines.findIndex((line) => line.key === at.key && line.part === at.part);
  return exact === -1
    ? Math.max(
        0,
        lines.findIndex((line) => line.key === at.key),
      )
    : exact;
}

function moveBy(controls: ReviewControls, move: number, ground: ReviewGround): ReviewControls {
  const lines = linesOf(controls, ground);
  const to = lines[within(cursorOf(controls, lines) + move, 0, lines.length - 1)];
  if (to === undefined) return controls;
  return inSight({ ...controls, at: { key: to.key, part: to.part } }, ground);
}

/** → and Enter open, ← and Enter close; ← on something closed goes to what it belongs to. */
function turn(
  controls: ReviewControls,
  press: 'left' | 'right' | 'enter',
  ground: ReviewGround,
): ReviewControls {
  const lines = linesOf(controls, ground);
  const cursor = cursorOf(controls, lines);
  const line = lines[cursor];
  if (line === undefined) return controls;
  const head = lines.find((other) => other.key === line.key && other.part === 0) ?? line;
  const opens = head.open === false && press !== 'left';
  const closes = head.open === true && press !== 'right';
  if (opens || closes) {
    const turned = new Map(controls.folding.turned).set(head.key, opens);
    const folding = { ...controls.folding, turned };
    return inSight({ ...controls, folding, at: { key: head.key, part: 0 } }, ground);
  }
  if (press === 'right') return controls;
  const parent = lines.slice(0, cursor).findLast((other) => other.depth < line.depth && other.part === 0);
  return parent === undefined ? controls : inSight({ ...controls, at: { key: parent.key, part: 0 } }, ground);
}

function findNext(controls: ReviewControls, ground: ReviewGround, way: 1 | -1): ReviewControls {
  if (controls.search === '') return controls;
  const { found, herePlace } = findText(ground.outline, controls.search, controls.at?.key ?? null);
  if (found.length === 0) return { ...controls, message: `"${controls.search}" is not in the plan` };
  const next =
    way === 1
      ? (found.find((finding) => finding.place > herePlace) ?? found[0])
      : (found.findLast((finding) => finding.place < herePlace) ?? found.at(-1));
  if (next === undefined) return controls;
  const turned = new Map(controls.folding.turned);
  for (const key of next.path) turned.set(key, true);
  const folding = { ...controls.folding, turned };
  const message = `${found.indexOf(next) + 1} of ${found.length} with "${controls.search}"`;
  return inSight({ ...controls, folding, message, at: { key: next.key, part: 0 } }, ground);
}

/** Scrolls so that the cursor is in sight. */
export function inSight(controls: ReviewControls, ground: ReviewGround): ReviewControls {
  const lines = linesOf(controls, ground);
  const top = scrolledTo(cursorOf(controls, lines), controls.top, ground.height, lines.length);
  return { ...controls, top };
}

export function isCursor(controls: ReviewControls, lines: readonly ReviewLine[], index: number): boolean {
  return cursorOf(controls, lines) === index;
}
