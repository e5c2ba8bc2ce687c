import { DOING, DONE } from '../terminal/activity-words.ts';
import { count, wordClock, wordDuration } from '../terminal/amounts.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import { fit, fitRight, truncateMiddle, widthOf } from '../terminal/width.ts';
import { span, type Line, type Span, type Tone } from '../terminal/style.ts';
import type { RunControls } from './run-controls.ts';
import { tableEntries } from './run-entries.ts';
import type { InstanceRow, RowGroup, RowStatus, RunModel } from './run-model.ts';

/** Shapes differ, not only colours. */
export const STATUS: Readonly<Record<RowStatus, { readonly icon: string; readonly tone: Tone }>> = {
  done: { icon: '✔', tone: 'good' },
  working: { icon: '●', tone: 'change' },
  waiting: { icon: '○', tone: 'faint' },
  failed: { icon: '✖', tone: 'bad' },
  skipped: { icon: '–', tone: 'warn' },
};

const ACTION_COLUMNS = 10;
const ELAPSED_COLUMNS = 8;

/** The lines of the table that are in sight; no others are made. */
export function tableLines(
  model: RunModel,
  controls: RunControls,
  height: number,
  width: number,
  now: number,
): readonly Line[] {
  const entries = tableEntries(model, controls.failuresOnly);
  if (entries.length === 0) {
    const why = model.rows.length === 0 ? 'The run is about to start.' : 'No failures.';
    return [[span(`   ${why}`, 'faint')]];
  }
  const hostColumns = hostColumnsOf(model, width);
  return entries.slice(controls.top, controls.top + height).map((entry, i) => {
    if (entry.entry === 'group') return groupLine(entry.group, model);
    // The heading of a component stays on top while its rows scroll by.
    const group = i === 0 ? groupOf(model.groups, entry.row) : undefined;
    if (group !== undefined) return groupLine(group, model);
    const row = model.rows[entry.row];
    if (row === undefined) return [];
    return rowLine(row, entry.row === controls.cursor, hostColumns, width, now);
  });
}

function groupOf(groups: readonly RowGroup[], row: number): RowGroup | undefined {
  return groups.find(({ from, to }) => row >= from && row < to);
}

function groupLine({ component, from, to }: RowGroup, model: RunModel): Line {
  const amounts: Record<RowStatus, number> = { waiting: 0, working: 0, done: 0, failed: 0, skipped: 0 };
  for (let at = from; at < to; at++) {
    const row = model.rows[at];
    if (row !== undefined) amounts[row.status]++;
  }
  const parts = (['done', 'working', 'waiting', 'failed', 'skipped'] as const)
    .filter((status) => amounts[status] > 0)
    .flatMap((status): Span[] => [
      span('  '),
      span(STATUS[status].icon, STATUS[status].tone),
      span(` ${amounts[status]}`, 'faint'),
    ]);
  return [span(` ${component}`, 'strong'), span(`  ${count(to - from, 'instance')}`, 'faint'), ...parts];
}

function rowLine(row: InstanceRow, selected: boolean, hostColumns: number, width: number, now: number): Line {
  const { icon, tone } = STATUS[row.status];
  const rest = width - 5 - hostColumns - 2 - ACTION_COLUMNS - ELAPSED_COLUMNS - 3;
  return [
    span(selected ? ' ❯ ' : '   ', 'accent'),
    span(`${icon} `, tone),
    span(fit(truncateMiddle(row.host, hostColumns), hostColumns), selected ? 'selected' : 'plain'),
    span('  '),
    span(fit(actionWord(row), ACTION_COLUMNS), row.status === 'failed' ? 'bad' : 'plain'),
    span(fitRight(elapsedWord(row, now), ELAPSED_COLUMNS), 'faint'),
    span('   '),
    ...doingSpans(row, rest),
  ];
}

function actionWord(row: InstanceRow): string {
  switch (row.status) {
    case 'waiting':
      return row.action;
    case 'working':
      return DOING[row.action];
    case 'done':
      return DONE[row.action];
    case 'failed':
    case 'skipped':
      return row.status;
    default:
      return unreachable(row.status);
  }
}

/** Whole seconds while it runs: tenths would make the screen restless. */
function elapsedWord(row: InstanceRow, now: number): string {
  if (row.elapsedMs !== null) return wordDuration(row.elapsedMs);
  if (row.startedAt === null || row.status !== 'working') return '';
  return wordClock(now - row.startedAt);
}

function doingSpans(row: InstanceRow, width: number): readonly Span[] {
  if (width < 8) return [];
  if (row.status === 'done') return [];
  if (row.status === 'failed') {
    const place = row.failure?.resource ?? '';
    return [span(place === '' ? row.doing : `${place}: ${row.doing}`, 'bad')];
  }
  const last = row.status === 'working' ? row.tail.at(-1) : undefined;
  if (last === undefined || width - widthOf(row.doing) < 16) return [span(row.doing, toneOfDoing(row))];
  return [span(row.doing === '' ? '' : `${row.doing}  `), span(last.trimStart(), 'faint')];
}

function toneOfDoing(row: InstanceRow): Tone {
  return row.status === 'working' ? 'plain' : 'faint';
}

const widestHosts = new WeakMap<RunModel['groups'], number>();

/** One width for all rows, so that columns stand still while one scrolls. Hosts never change during a run. */
function hostColumnsOf({ rows, groups }: RunModel, width: number): number {
  const widest = widestHosts.get(groups) ?? rows.reduce((most, row) => Math.max(most, row.host.length), 8);
  widestHosts.set(groups, widest);
  return Math.min(widest, Math.max(12, Math.floor(width * 0.32)));
}
