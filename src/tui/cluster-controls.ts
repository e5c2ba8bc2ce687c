import type { Press } from './presses.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterEntries, SORTS, type Arrangement } from './cluster-rows.ts';
import { scrolledTo, travel, within } from './scroll.ts';

/** What a person has chosen to look at. */
export interface ClusterControls extends Arrangement {
  readonly screen: 'table' | 'instance' | 'help';
  /** Keys are letters of the filter. */
  readonly typing: boolean;
  /** Selected instance; null: the first, whichever that is. */
  readonly cursor: string | null;
  /** Its place when it was last seen: what took its place is selected when it goes. */
  readonly place: number;
  /** First line of the table in sight. */
  readonly top: number;
  /** What the screen of an instance shows: the facts over the log, or one of them alone. */
  readonly part: 'both' | 'facts' | 'log';
  /** Lines of the facts above those in sight. */
  readonly factsTop: number;
  /** Lines between the end of the log and the last one in sight; 0 follows it. */
  readonly logBack: number;
}

export const FIRST_WATCH: ClusterControls = {
  sort: 'component',
  filter: '',
  troubleOnly: false,
  screen: 'table',
  typing: false,
  cursor: null,
  place: 0,
  top: 0,
  part: 'both',
  factsTop: 0,
  logBack: 0,
};

/** Lines that each part of the screen has for itself, and how many facts there are. */
export interface ClusterRoom {
  readonly table: number;
  readonly log: number;
  readonly facts: number;
  readonly factLines: number;
}

/** What a key does beyond a change of what is looked at. */
export type Pressed = { readonly controls: ClusterControls; readonly does: 'nothing' | 'look' | 'quit' };

/** What is looked at after a key. */
export function pressCluster(
  controls: ClusterControls,
  press: Press,
  model: ClusterModel,
  room: ClusterRoom,
): Pressed {
  if (press === 'ctrl-c') return { controls, does: 'quit' };
  if (controls.screen === 'help') return stay({ ...controls, screen: 'table' });
  if (controls.typing) return stay(settle(pressFilter(controls, press, model, room), model, room));
  if (press === 'r') return { controls, does: 'look' };
  if (controls.screen === 'instance') return stay(pressInstance(controls, press, model, room));
  return press === 'q' ? { controls, does: 'quit' } : stay(pressTable(controls, press, model, room));
}

function stay(controls: ClusterControls): Pressed {
  return { controls, does: 'nothing' };
}

function pressTable(
  controls: ClusterControls,
  press: Press,
  model: ClusterModel,
  room: ClusterRoom,
): ClusterControls {
  const move = travel(press, room.table);
  if (move !== null) return moveCursor(controls, move, model, room);
  switch (press) {
    case '?':
    case 'h':
      return { ...controls, screen: 'help' };
    case '/':
      return { ...controls, typing: true };
    case 's': {
      const sort = SORTS[(SORTS.indexOf(controls.sort) + 1) % SORTS.length] ?? 'component';
      // Sorted anew, the top is what one wants to see.
      return { ...controls, sort, cursor: null, place: 0, top: 0 };
    }
    case 'f':
      return settle({ ...controls, troubleOnly: !controls.troubleOnly }, model, room);
    case 'escape':
      return settle({ ...controls, filter: '', troubleOnly: false }, model, room);
    case 'enter':
    case 'right': {
      const cursor = selectedOf(controls, model);
      return cursor === null
        ? controls
        : { ...controls, cursor, screen: 'instance', part: 'both', factsTop: 0, logBack: 0 };
    }
    default:
      return controls;
  }
}

function pressFilter(
  controls: ClusterControls,
  press: Press,
  model: ClusterModel,
  room: ClusterRoom,
): ClusterControls {
  switch (press) {
    case 'escape':
      return { ...controls, typing: false, filter: '' };
    case 'enter':
      return { ...controls, typing: false };
    case 'backspace':
      return { ...controls, filter: [...controls.filter].slice(0, -1).join('') };
    case 'up':
    case 'down':
      return moveCursor(controls, press === 'up' ? -1 : 1, model, room);
    default:
      return [...press].length === 1 ? { ...controls, filter: controls.filter + press } : controls;
  }
}

function pressInstance(
  controls: ClusterControls,
  press: Press,
  model: ClusterModel,
  room: ClusterRoom,
): ClusterControls {
  switch (press) {
    case 'q':
    case 'escape':
    case 'left':
      return settle({ ...controls, screen: 'table' }, model, room);
    case 'n':
    case 'p': {
      const moved = moveCursor(controls, press === 'n' ? 1 : -1, model, room);
      return { ...moved, factsTop: 0, logBack: 0 };
    }
    case 'tab': {
      const parts = ['both', 'facts', 'log'] as const;
      const part = parts[(parts.indexOf(controls.part) + 1) % parts.length] ?? 'both';
      return { ...controls, part, factsTop: 0, logBack: 0 };
    }
    default:
  }
  if (controls.part === 'facts') {
    const move = travel(press, room.facts);
    if (move === null) return controls;
    const furthest = Math.max(0, room.factLines - room.facts);
    return { ...controls, factsTop: within(controls.factsTop + move, 0, furthest) };
  }
  const move = travel(press, room.log);
  if (move === null) return controls;
  const furthest = Math.max(0, (model.open?.log.length ?? 0) - room.log);
  return { ...controls, logBack: within(controls.logBack - move, 0, furthest) };
}

function moveCursor(
  controls: ClusterControls,
  move: number,
  model: ClusterModel,
  room: ClusterRoom,
): ClusterControls {
  const { rows } = clusterEntries(model, controls);
  const place = within(placeOf(controls, model) + move, 0, Math.max(0, rows.length - 1));
  // At the very top nothing is held on to: the first row is selected, whichever it will be.
  const cursor = place === 0 && controls.screen === 'table' ? null : (rows[place]?.address ?? null);
  return settle({ ...controls, cursor, place }, model, room);
}

/** The selected instance; null only where there is none at all. */
export function selectedOf(controls: ClusterControls, model: ClusterModel): string | null {
  // An open instance stays open, whether or not the filter still lets it through.
  if (controls.screen === 'instance' && controls.cursor !== null) return controls.cursor;
  return clusterEntries(model, controls).rows[placeOf(controls, model)]?.address ?? null;
}

function placeOf(controls: ClusterControls, model: ClusterModel): number {
  if (controls.cursor === null) return 0;
  const { rows } = clusterEntries(model, controls);
  const at = rows.findIndex(({ address }) => address === controls.cursor);
  return at === -1 ? within(controls.place, 0, Math.max(0, rows.length - 1)) : at;
}

/** Keeps the selected row in sight after a key, a new look, or a resize. */
export function settle(controls: ClusterControls, model: ClusterModel, room: ClusterRoom): ClusterControls {
  const { entries } = clusterEntries(model, controls);
  const place = placeOf(controls, model);
  const selected = selectedOf({ ...controls, screen: 'table' }, model);
  const line = entries.findIndex((entry) => entry.entry === 'row' && entry.instance.address === selected);
  if (line === -1) return { ...controls, top: 0 };
  // The first line in sight is the heading of its component.
  const above = Math.max(0, line - 1);
  const top = scrolledTo(above, controls.top, room.table, entries.length);
  return { ...controls, place, top: scrolledTo(line, top, room.table, entries.length) };
}
