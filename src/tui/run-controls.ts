import type { Press } from './presses.ts';
import { tableEntries } from './run-entries.ts';
import type { RunModel } from './run-model.ts';
import { scrolledTo, travel, within } from './scroll.ts';

/** What a person has chosen to look at. */
export interface RunControls {
  readonly screen: 'table' | 'log' | 'help';
  /** Row that is selected; null: the table follows the work. */
  readonly cursor: number | null;
  /** First line of the table in sight. */
  readonly top: number;
  readonly failuresOnly: boolean;
  /** Lines between the end of the log and the last line in sight; 0 follows it. */
  readonly logBack: number;
}

export const FIRST_CONTROLS: RunControls = {
  screen: 'table',
  cursor: null,
  top: 0,
  failuresOnly: false,
  logBack: 0,
};

/** Lines that table and log have for themselves. */
export interface RunRoom {
  readonly table: number;
  readonly log: number;
}

/** What is looked at after a key. */
export function pressRun(controls: RunControls, press: Press, model: RunModel, room: RunRoom): RunControls {
  switch (controls.screen) {
    case 'help':
      return { ...controls, screen: 'table' };
    case 'log':
      return pressLog(controls, press, model, room);
    case 'table':
      return pressTable(controls, press, model, room);
  }
}

function pressTable(controls: RunControls, press: Press, model: RunModel, room: RunRoom): RunControls {
  const move = travel(press, room.table);
  if (move !== null) return moveCursor(controls, move, model, room);
  switch (press) {
    case '?':
    case 'h':
      return { ...controls, screen: 'help' };
    case 'f':
      return { ...controls, failuresOnly: !controls.failuresOnly, top: 0, cursor: null };
    case 'escape':
    case 'q':
      return { ...controls, cursor: null, failuresOnly: false };
    case 'enter':
    case 'right': {
      const cursor = controls.cursor ?? firstInSight(controls, model, room);
      return cursor === null ? controls : { ...controls, cursor, screen: 'log', logBack: 0 };
    }
    default:
      return controls;
  }
}

function moveCursor(controls: RunControls, move: number, model: RunModel, room: RunRoom): RunControls {
  const entries = tableEntries(model, controls.failuresOnly);
  const rows = entries.flatMap((entry) => (entry.entry === 'row' ? [entry.row] : []));
  if (rows.length === 0) return controls;
  const at = controls.cursor === null ? -1 : rows.indexOf(controls.cursor);
  // The first press only makes the cursor appear, where one is looking.
  const start = at === -1 ? rows.indexOf(firstInSight(controls, model, room) ?? -1) : at;
  const step = at === -1 && Number.isFinite(move) ? 0 : move;
  const cursor = rows[within(start + step, 0, rows.length - 1)] ?? null;
  return keepCursorInSight({ ...controls, cursor }, model, room);
}

function keepCursorInSight(controls: RunControls, model: RunModel, room: RunRoom): RunControls {
  const entries = tableEntries(model, controls.failuresOnly);
  const line = entries.findIndex((entry) => entry.entry === 'row' && entry.row === controls.cursor);
  if (line === -1) return controls;
  // The first line in sight is the heading of its component.
  const above = Math.max(0, line - 1);
  const top = scrolledTo(above, controls.top, room.table, entries.length);
  return { ...controls, top: scrolledTo(line, top, room.table, entries.length) };
}

/** The working row in sight that comes first, or any. */
function firstInSight({ failuresOnly, top }: RunControls, model: RunModel, room: RunRoom): number | null {
  const rows = tableEntries(model, failuresOnly)
    .slice(top === 0 ? 0 : top + 1, top + room.table)
    .flatMap((entry) => (entry.entry === 'row' ? [entry.row] : []));
  return rows.find((row) => model.rows[row]?.status === 'working') ?? rows[0] ?? null;
}

function pressLog(controls: RunControls, press: Press, model: RunModel, room: RunRoom): RunControls {
  if (press === 'q' || press === 'escape' || press === 'left') return { ...controls, screen: 'table' };
  const move = travel(press, room.log);
  if (move === null) return controls;
  const lines = controls.cursor === null ? 0 : (model.rows[controls.cursor]?.tail.length ?? 0);
  const furthest = Math.max(0, lines - room.log);
  return { ...controls, logBack: within(controls.logBack - move, 0, furthest) };
}

/**
 * Keeps the table where something happens while nobody has moved it: it jumps only when no working row is in sight any
 * more, so that it stands still most of the time.
 */
export function followWork(controls: RunControls, model: RunModel, room: RunRoom): RunControls {
  const entries = tableEntries(model, controls.failuresOnly);
  if (controls.cursor !== null) return keepCursorInSight(controls, model, room);
  const last = Math.max(0, entries.length - room.table);
  if (last === 0) return controls.top === 0 ? controls : { ...controls, top: 0 };
  const isWorking = (line: number): boolean => {
    const entry = entries[line];
    return entry?.entry === 'row' && model.rows[entry.row]?.status === 'working';
  };
  for (let line = controls.top === 0 ? 0 : controls.top + 1; line < controls.top + room.table; line++)
    if (isWorking(line)) return { ...controls, top: within(controls.top, 0, last) };
  for (let line = 0; line < entries.length; line++)
    if (isWorking(line)) return { ...controls, top: within(line - 1, 0, last) };
  return { ...controls, top: within(controls.top, 0, last) };
}
