import { count, wordAge, wordClock } from '../terminal/amounts.ts';
import { conditionLook, conditionRank } from '../terminal/conditions.ts';
import { paintLine, span, type Line, type Span } from '../terminal/style.ts';
import { lineWidth, truncate, truncateLine, wrap } from '../terminal/width.ts';
import type { ClusterReport, InstanceReport } from '../app/operate/cluster-report.ts';
import type { ClusterControls, ClusterRoom } from './cluster-controls.ts';
import { selectedOf } from './cluster-controls.ts';
import { factLines, instanceScreen, instanceRoom } from './cluster-instance.ts';
import type { ClusterModel } from './cluster-model.ts';
import { clusterEntries } from './cluster-rows.ts';
import { clusterTable, countLooks } from './cluster-table.ts';
import { filled, spread, type ScreenSize } from './frame.ts';

/** Title, counts, heading of the table. */
const HEADER_LINES = 3;
const FOOTER_LINES = 1;
/** Rule and two lines: always there, so that the table does not jump while one goes through it. */
const DETAIL_LINES = 3;
/** Screens with fewer lines have none to spare for it. */
const DETAIL_ROWS = 14;
/** A look that takes longer is told. */
const LONG_LOOK_MS = 2500;

/** The whole screen of a watched cluster, one string per line. Pure; `now` is milliseconds since 1970. */
export function clusterScreen(
  model: ClusterModel,
  controls: ClusterControls,
  size: ScreenSize,
  now: number,
  color: boolean,
): readonly string[] {
  return screenLines(model, controls, size, now)
    .slice(0, size.rows)
    .map((line) => paintLine(truncateLine(line, size.columns), color));
}

function screenLines(
  model: ClusterModel,
  controls: ClusterControls,
  size: ScreenSize,
  now: number,
): readonly Line[] {
  const room = clusterRoom(model, controls, size, now);
  const title = titleLine(model, size.columns, now);
  switch (controls.screen) {
    case 'help':
      return [title, [], ...filled(HELP, size.rows - 3), hint('any key goes back', size)];
    case 'instance': {
      const address = selectedOf(controls, model);
      const instance = model.report?.instances.find((each) => each.address === address);
      if (instance !== undefined)
        return [title, ...instanceScreen(model, instance, controls, room, size, now)];
      const gone = `${address ?? 'This instance'} is no longer in the state of the cluster.`;
      return [title, [], ...filled([[span(` ${gone}`, 'warn')]], size.rows - 3), hint('q back', size)];
    }
    case 'table': {
      const { heading, lines } = clusterTable(model, controls, room.table, size.columns);
      return [
        title,
        countsLine(model, controls, size.columns),
        heading,
        ...filled(lines, room.table),
        ...detailPanel(model, controls, size),
        footer(controls, size),
      ];
    }
  }
}

/** Lines that the parts of the screen have for themselves. */
export function clusterRoom(
  model: ClusterModel,
  controls: ClusterControls,
  size: ScreenSize,
  now: number,
): ClusterRoom {
  const panel = detailPanel(model, controls, size).length;
  const table = Math.max(1, size.rows - HEADER_LINES - FOOTER_LINES - panel);
  if (controls.screen !== 'instance') return { table, log: 1, facts: 1, factLines: 0 };
  const address = selectedOf(controls, model);
  const instance = model.report?.instances.find((each) => each.address === address);
  const facts = instance === undefined ? [] : factLines(model, instance, size.columns, now);
  return { table, ...instanceRoom(controls.part, facts.length, size), factLines: facts.length };
}

/** What is watched, and how old it is: that it is old must not be missed. */
function titleLine({ report, lookingSince, problem }: ClusterModel, width: number, now: number): Line {
  const title = [
    span(' slipway', 'strong'),
    span('  status'),
    span(typeof report?.cluster === 'string' ? `  ${report.cluster}` : '', 'faint'),
  ];
  const looking = lookingSince === null ? 0 : now - lookingSince;
  const old = report === null ? null : now - report.time;
  const state: Line = (() => {
    if (problem !== null) {
      const since = old === null ? '' : `; this is ${wordAge(old)} old`;
      return [span(`cannot look${since}`, 'bad')];
    }
    if (old === null) return [span(`looking for ${wordClock(looking)}`)];
    if (looking > LONG_LOOK_MS)
      return [span(`looking for ${wordClock(looking)}; this is ${wordAge(old)} old`, 'warn')];
    return [span(`${wordTime(now - old)}, ${wordAge(old)} ago`, 'faint')];
  })();
  return spread(title, [...state, span(' ')], width);
}

/** Of the local day. */
function wordTime(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}

function countsLine(model: ClusterModel, controls: ClusterControls, width: number): Line {
  const { report, problem } = model;
  if (problem !== null) return [span(` ${problem}`, 'bad')];
  if (report === null) return [];
  const hosts = count(new Set(report.instances.map(({ host }) => host)).size, 'host');
  const shown = clusterEntries(model, controls).rows.length;
  const all = report.instances.length;
  const amount = shown === all ? count(all, 'instance') : `${shown} of ${count(all, 'instance')}`;
  const places = `${amount} on ${hosts}, by ${SORT_WORDS[controls.sort]} `;
  const order = `by ${SORT_WORDS[controls.sort]} `;
  const ways: readonly (readonly [Line, string])[] = [
    [countSpans(report, '   ', true), places],
    [countSpans(report, '   ', true), order],
    [countSpans(report, '  ', true), ''],
    [countSpans(report, '   ', false), order],
    [countSpans(report, '  ', false), ''],
  ];
  const fits = ways.find(([counts, right]) => lineWidth(counts) + right.length + 1 <= width);
  const [counts, right] = fits ?? [countSpans(report, ' ', false), ''];
  return spread(counts, [span(right, 'faint')], width + (right === '' ? 1 : 0));
}

const SORT_WORDS: Readonly<Record<ClusterControls['sort'], string>> = {
  component: 'component',
  condition: 'condition',
  cpu: 'CPU',
  memory: 'memory',
};

function countSpans({ instances }: ClusterReport, gap: string, words: boolean): Line {
  return countLooks(instances).flatMap(({ look, amount }, i): Span[] => [
    span(i === 0 ? ' ' : gap),
    span(`${look.icon} `, look.tone),
    span(words ? `${amount} ${look.word}` : String(amount)),
  ]);
}

/** Why the selected instance does not simply run, in full: its row often has no room for it. */
function detailPanel(model: ClusterModel, controls: ClusterControls, size: ScreenSize): readonly Line[] {
  if (size.rows < DETAIL_ROWS || model.report?.instances.every(({ detail }) => detail === null) !== false)
    return [];
  const shown = toldInstance(model, controls);
  const rule: Line = [span('─'.repeat(size.columns), 'faint')];
  if (shown === undefined) return filled([rule], DETAIL_LINES);
  const { icon, tone } = conditionLook(shown);
  const text = wrap(`${shown.address}: ${shown.detail ?? ''}`, size.columns - 4);
  const lines = text.map((each, i): Line => [span(i === 0 ? ` ${icon} ` : '   ', tone), span(each)]);
  return filled([rule, ...lines], DETAIL_LINES);
}

/** The selected instance when there is something to tell of it, else the worst of those that are shown. */
function toldInstance(model: ClusterModel, controls: ClusterControls): InstanceReport | undefined {
  const { rows } = clusterEntries(model, controls);
  const address = selectedOf(controls, model);
  const selected = rows.find((instance) => instance.address === address);
  if (selected !== undefined && selected.detail !== null) return selected;
  let worst: InstanceReport | undefined;
  for (const instance of rows) {
    if (instance.detail === null) continue;
    if (worst === undefined || conditionRank(instance) < conditionRank(worst)) worst = instance;
  }
  return worst;
}

function footer(controls: ClusterControls, size: ScreenSize): Line {
  if (controls.typing)
    return [
      span(' /', 'accent'),
      span(controls.filter),
      span(' ', 'selected'),
      span('  enter keeps it, esc drops it', 'faint'),
    ];
  const narrowed: Line = [
    ...(controls.filter === '' ? [] : [span(` /${controls.filter} `, 'accent')]),
    ...(controls.troubleOnly ? [span(' not running ', 'accent')] : []),
  ];
  const keys =
    narrowed.length > 0
      ? 'esc all  ↑↓ move  enter open  s sort  q quit'
      : 'q quit  ↑↓ move  enter open  s sort  / filter  f not running  r now  ? help';
  return [...narrowed, ...hint(keys, size)];
}

function hint(text: string, { columns }: ScreenSize): Line {
  return [span(` ${truncate(text, columns - 2)}`, 'faint')];
}

const HELP: readonly Line[] = (
  [
    ['↑ ↓  k j', 'select an instance'],
    ['PgUp PgDn', 'a page up or down (space: down)'],
    ['g  G', 'first, last (Home, End)'],
    ['enter', 'look at the selected instance closely; esc goes back'],
    ['s', 'sort by component, condition (worst first), CPU, memory'],
    ['/', 'show only what matches all words typed: nats 10.10.102 failed'],
    ['f', 'show only what does not simply run'],
    ['esc', 'show all again'],
    ['r', 'look again now'],
    ['q  ctrl-c', 'quit'],
    ['', ''],
    ['CPU%', 'of one processor: 200 is two processors busy'],
    ['MEM%', "of its host's memory"],
    ['DISK%', 'of the file system on its host that holds the instances'],
    ['RST', 'how often the host started its services again'],
  ] as const
).map(([key, what]): Line => [span(`   ${key.padEnd(12)}`, 'accent'), span(what)]);
