import { wordStopping } from '../terminal/activity-words.ts';
import { count, wordClock } from '../terminal/amounts.ts';
import { failureLines } from '../terminal/run-report.ts';
import { truncate, truncateLine, widthOf } from '../terminal/width.ts';
import { paintLine, span, type Line, type Span } from '../terminal/style.ts';
import { filled, spread, type ScreenSize } from './frame.ts';
import { logScreen } from './log-screen.ts';
import type { RunControls, RunRoom } from './run-controls.ts';
import type { InstanceRow, RunModel } from './run-model.ts';
import { STATUS, tableLines } from './run-table.ts';

const HEADER_LINES = 4;
const FOOTER_LINES = 1;

/** The whole screen of a live run, one string per line. Pure; `now` is milliseconds since 1970. */
export function runScreen(
  model: RunModel,
  controls: RunControls,
  size: ScreenSize,
  now: number,
  color: boolean,
): readonly string[] {
  const width = size.columns;
  const lines = screenLines(model, controls, size, now);
  return lines.slice(0, size.rows).map((line) => paintLine(truncateLine(line, width), color));
}

function screenLines(model: RunModel, controls: RunControls, size: ScreenSize, now: number): readonly Line[] {
  const room = runRoom(model, controls, size);
  const row = controls.cursor === null ? undefined : model.rows[controls.cursor];
  if (controls.screen === 'log' && row !== undefined)
    return logScreen(row, controls.logBack, room.log, size, now);
  const header = headerLines(model, size.columns, now);
  if (controls.screen === 'help') {
    return [
      ...header,
      ...filled(HELP, size.rows - HEADER_LINES - FOOTER_LINES),
      hint('any key goes back', size),
    ];
  }
  return [
    ...header,
    ...filled(tableLines(model, controls, room.table, size.columns, now), room.table),
    ...failurePanel(model, controls, size),
    footer(model, controls, size),
  ];
}

/** Lines that the table and the log have for themselves. */
export function runRoom(model: RunModel, controls: RunControls, size: ScreenSize): RunRoom {
  const panel = failurePanel(model, controls, size).length;
  return {
    table: Math.max(1, size.rows - HEADER_LINES - FOOTER_LINES - panel),
    log: Math.max(1, size.rows - 4),
  };
}

function headerLines(model: RunModel, width: number, now: number): readonly Line[] {
  const elapsed = model.finished?.elapsedMs ?? (model.startedAt === null ? 0 : now - model.startedAt);
  const { counts } = model;
  const over = counts.done + counts.failed + counts.skipped;
  const total = model.rows.length;
  const share = total === 0 ? 0 : over / total;
  const figures = ` ${over} of ${total}, ${Math.floor(share * 100)} %`;
  const title: Line = [span(' slipway', 'strong'), span(`  run ${model.run}`, 'faint')];
  const state = stateSpan(model);
  return [
    spread([...title, span('  '), state], [span(`${wordClock(elapsed)} `)], width),
    [span(' '), ...bar(model, Math.max(4, width - 2 - widthOf(figures))), span(figures)],
    [span(' '), ...countSpans(model)],
    [],
  ];
}

function stateSpan({ finished, stopping }: RunModel): Span {
  if (finished !== null) {
    if (finished.outcome === 'succeeded') return span('complete', 'good');
    return finished.outcome === 'failed' ? span('failed', 'bad') : span('stopped', 'warn');
  }
  if (stopping === 'now') return span('stopping now', 'bad');
  return stopping === 'graceful' ? span('stopping', 'warn') : span('');
}

/** Done, failed and skipped from the left, each in its colour; without colour the characters differ. */
function bar({ counts, rows }: RunModel, width: number): readonly Span[] {
  const total = Math.max(1, rows.length);
  const upTo = (amount: number): number => Math.floor((amount / total) * width);
  const failed = Math.max(upTo(counts.done + counts.failed), counts.failed > 0 ? 1 : 0);
  // However many instances there are, a failure is seen.
  const done = Math.min(upTo(counts.done), counts.failed > 0 ? failed - 1 : failed);
  const skipped = Math.max(failed, upTo(counts.done + counts.failed + counts.skipped));
  return [
    span('━'.repeat(done), 'good'),
    span('╳'.repeat(failed - done), 'bad'),
    span('╌'.repeat(skipped - failed), 'warn'),
    span('─'.repeat(width - skipped), 'faint'),
  ];
}

function countSpans({ counts }: RunModel): readonly Span[] {
  const shown = (['done', 'working', 'waiting', 'failed', 'skipped'] as const).filter(
    (status) => counts[status] > 0 || status === 'done' || status === 'working' || status === 'waiting',
  );
  return shown.flatMap((status, i) => [
    span(i === 0 ? '' : '   '),
    span(`${STATUS[status].icon} `, counts[status] > 0 ? STATUS[status].tone : 'faint'),
    span(`${counts[status]} ${status}`, counts[status] > 0 ? 'plain' : 'faint'),
  ]);
}

/** The failure that matters: the selected one, or the first, which is the cause more often than the last. */
function failurePanel(model: RunModel, controls: RunControls, size: ScreenSize): readonly Line[] {
  const selected = controls.cursor === null ? undefined : model.rows[controls.cursor];
  const shown = failedRow(selected) ?? failedRow(model.rows[model.failures[0] ?? -1]);
  if (shown === undefined) return [];
  const most = Math.max(4, Math.floor(size.rows / 3));
  const others = model.failures.length - 1;
  const title = others === 0 ? ' 1 failure ' : ` ${model.failures.length} failures, f shows them all `;
  const rule = [
    span('──', 'faint'),
    span(title, 'bad'),
    span('─'.repeat(Math.max(0, size.columns - 2 - widthOf(title))), 'faint'),
  ];
  const all = failureLines(shown.instance, shown.elapsedMs ?? 0, shown.failure, size.columns - 2, 50);
  // Where room is short the last lines of output give way, the oldest first; cause, remedy and log path stay.
  const spare = Math.max(0, all.length - (most - 1));
  const output = all.flatMap((line, i) => (isOutput(line) ? [i] : []));
  const dropped = new Set(output.slice(0, spare));
  return [rule, ...all.filter((_, i) => !dropped.has(i)).map((line): Line => [span(' '), ...line])].slice(
    0,
    Math.max(most, 5),
  );
}

function failedRow(
  row: InstanceRow | undefined,
): (InstanceRow & { readonly failure: NonNullable<InstanceRow['failure']> }) | undefined {
  return row === undefined || row.failure === null ? undefined : { ...row, failure: row.failure };
}

function isOutput(line: Line): boolean {
  return line[0]?.text.startsWith('    | ') === true;
}

function footer(model: RunModel, controls: RunControls, size: ScreenSize): Line {
  if (model.stopping !== null && model.finished === null)
    return [span(` ${truncate(wordStopping(model.stopping), size.columns - 2)}`, 'warn')];
  const keys = controls.failuresOnly
    ? 'f all   ↑↓ move   enter log   ? help   ctrl-c stop'
    : '↑↓ move   enter log   f failures   ? help   ctrl-c stop';
  const warnings = model.warnings.length;
  return hint(warnings === 0 ? keys : `${keys}   ${count(warnings, 'warning')} at the end`, size);
}

function hint(text: string, { columns }: ScreenSize): Line {
  return [span(` ${truncate(text, columns - 2)}`, 'faint')];
}

const HELP: readonly Line[] = (
  [
    ['↑ ↓  k j', 'select an instance'],
    ['PgUp PgDn', 'a page up or down (space: down)'],
    ['g  G', 'first, last'],
    ['enter', "follow the selected instance's output; q goes back"],
    ['f', 'only failures, and back'],
    ['esc', 'let go of the selection: the table follows the work again'],
    ['ctrl-c', 'finish what is in flight, start nothing new; twice: stop now'],
  ] as const
).map(([key, what]): Line => [span(`   ${key.padEnd(12)}`, 'accent'), span(what)]);
