import type { PlanView } from '../plan/view.ts';
import { count } from '../terminal/amounts.ts';
import { planSummaryLine } from '../terminal/plan-summary.ts';
import { paintLine, span, type Line, type Span } from '../terminal/style.ts';
import { truncate, truncateLine, widthOf, wrap } from '../terminal/width.ts';
import { filled, spread, type ScreenSize } from './frame.ts';
import { isCursor, linesOf, type ReviewControls, type ReviewGround } from './review-controls.ts';
import type { ReviewLine } from './review-lines.ts';

const HEADER_LINES = 2;
/** Rule, summary, keys. */
const FOOTER_LINES = 3;

/** Lines of the plan that a screen shows. */
export function reviewHeight(view: PlanView, controls: ReviewControls, size: ScreenSize): number {
  return Math.max(1, size.rows - HEADER_LINES - FOOTER_LINES - impactLines(view, controls, size).length);
}

/** The whole screen of a plan's review, one string per line. */
export function reviewScreen(
  view: PlanView,
  controls: ReviewControls,
  ground: ReviewGround,
  size: ScreenSize,
  color: boolean,
): readonly string[] {
  const lines = linesOf(controls, ground);
  const inSight = lines.slice(controls.top, controls.top + ground.height);
  const body =
    controls.asks === 'help'
      ? HELP
      : inSight.map((line, i) => markedLine(line, isCursor(controls, lines, controls.top + i)));
  const width = size.columns;
  return [
    ...headerLines(view, controls, lines.length, ground.height, width),
    ...filled(body, ground.height),
    [span('─'.repeat(width), 'faint')],
    [span(' '), ...planSummaryLine(view)],
    ...impactLines(view, controls, size),
    footer(controls, width),
  ].map((line: Line) => paintLine(truncateLine(line, width), color));
}

function headerLines(
  view: PlanView,
  controls: ReviewControls,
  length: number,
  height: number,
  width: number,
): readonly Line[] {
  const what = view.mode === 'destroy' ? 'plan to destroy' : 'plan';
  const cluster = view.cluster === null ? '' : `  ${view.cluster}`;
  const version = view.specVersion === null ? '' : ` ${view.specVersion}`;
  const seen = Math.min(length, controls.top + height);
  const place = length <= height ? 'all in sight' : `${Math.floor((100 * seen) / Math.max(1, length))} %`;
  return [
    spread(
      [span(' slipway', 'strong'), span(`  ${what}`), span(`${cluster}${version}`, 'faint')],
      [span(`${place} `, 'faint')],
      width,
    ),
    [],
  ];
}

function markedLine({ open, line }: ReviewLine, cursor: boolean): Line {
  const mark = open === null ? ' ' : open ? '▾' : '▸';
  return [span(cursor ? ' ❯' : '  ', 'accent'), span(`${mark} `, 'faint'), ...line];
}

/** What a yes takes away or interrupts, by name: it stands beside the question. */
function impactLines(view: PlanView, controls: ReviewControls, size: ScreenSize): readonly Line[] {
  const changes = view.hosts.flatMap((host) => host.changes);
  const removed = changes.filter((change) => change.action === 'remove').map((change) => change.address);
  const restarted = changes.flatMap((change) =>
    change.restarts
      .filter((restart) => restart.how === 'restart')
      .map((restart) => `${restart.service} of ${change.address}`),
  );
  // Asked for approval, more of them are named.
  const most = controls.asks === 'approval' ? Math.max(2, Math.floor(size.rows / 6)) : 1;
  return [
    ...named('removes', removed, 'remove', most, size.columns),
    ...named('restarts', restarted, 'warn', most, size.columns),
  ];
}

function named(
  verb: string,
  names: readonly string[],
  tone: Span['tone'],
  most: number,
  width: number,
): readonly Line[] {
  if (names.length === 0) return [];
  const label = ` ${verb.padEnd(9)}`;
  const room = width - widthOf(label) - 1;
  // Names that would not fit anyway need not be wrapped.
  const lines = wrap(names.slice(0, most * 40).join(', '), room);
  const shown = lines.slice(0, most);
  const isAll = lines.length <= most && names.length <= most * 40;
  return shown.map((text, i): Line => {
    const last = i === shown.length - 1 && !isAll;
    const more = ` … ${count(names.length, 'in all').replace(/s$/, '')}`;
    const kept = last ? `${truncate(text, room - widthOf(more)).replace(/[,…]+$/, '')}${more}` : text;
    return [span(i === 0 ? label : ' '.repeat(widthOf(label)), tone), span(kept)];
  });
}

function footer(controls: ReviewControls, width: number): Line {
  switch (controls.asks) {
    case 'approval':
      return [
        span(' Apply this plan? ', 'strong'),
        span(' y ', 'selected'),
        span(' yes, apply   n  no, back to the plan'),
      ];
    case 'search':
      return [span(' /', 'accent'), span(controls.search), span(' ', 'selected')];
    case 'help':
      return [span(' any key goes back', 'faint')];
    case 'nothing': {
      const keys = '  q cancel   ↑↓ move   ←→ fold   / search   ? help';
      if (controls.message !== '')
        return [span(` ${truncate(`${controls.message}   n next   N previous`, width - 2)}`, 'accent')];
      return [span(' a apply', 'strong'), span(truncate(keys, width - 9), 'faint')];
    }
  }
}

const HELP: readonly Line[] = (
  [
    ['↑ ↓  k j', 'a line up or down'],
    ['PgUp PgDn', 'a page up or down (space: down)'],
    ['g  G', 'first, last'],
    ['→  ←', 'open, close; ← again goes to what it belongs to'],
    ['enter', 'open or close'],
    ['e  c', 'open everything, close everything'],
    ['/', 'search, in what is closed too; n next, N previous'],
    ['a', 'apply, after a question'],
    ['q  esc', 'cancel: nothing is changed'],
  ] as const
).map(([key, what]): Line => [span(`   ${key.padEnd(12)}`, 'accent'), span(what)]);
