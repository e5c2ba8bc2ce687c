import type { KeptRun, RunDetails } from '../../app/operate/runs.ts';
import type { RunInstance } from '../../app/run-logs.ts';
import { count, wordDuration } from '../../terminal/amounts.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { truncate, widthOf, wrap } from '../../terminal/width.ts';
import { wordTime } from './logs-text.ts';

export interface RunsTextOptions {
  readonly color: boolean;
  readonly width: number;
}

const OUTCOMES: Readonly<Record<KeptRun['outcome'], readonly [string, Tone]>> = {
  succeeded: ['succeeded', 'good'],
  failed: ['failed', 'bad'],
  interrupted: ['interrupted', 'warn'],
  broken: ['broken off', 'bad'],
  running: ['running', 'accent'],
};

/** Runs as a table, in the order given; ends with a newline. */
export function renderRuns(runs: readonly KeptRun[], { color, width }: RunsTextOptions): string {
  if (runs.length === 0) return 'There were no runs here yet.\n';
  const titles = ['RUN', 'OPERATION', 'STARTED', 'TOOK', 'OUTCOME', 'DONE', 'BY'];
  const year = runs[0]?.startedAt?.slice(0, 4) ?? '';
  const rows = runs.map((run) => [
    run.run,
    run.operation ?? '-',
    startedOf(run, year),
    tookOf(run) ?? '-',
    OUTCOMES[run.outcome][0],
    run.counts === null ? '-' : wordCounts(run.counts),
    run.owner ?? '-',
  ]);
  const widths = titles.map((title, n) =>
    Math.max(title.length, ...rows.map((row) => widthOf(row[n] ?? ''))),
  );
  const line = (cells: readonly string[]): readonly string[] =>
    cells.map((cell, n) => (n === cells.length - 1 ? cell : cell.padEnd(widths[n] ?? 0)));
  const body = rows.map((row, n) => {
    const cells = [...line(row)];
    const [, tone] = OUTCOMES[runs[n]?.outcome ?? 'broken'];
    const before = cells.slice(0, 4).join('  ');
    const after = cells.slice(5).join('  ');
    const room = Math.max(8, width - before.length - (cells[4]?.length ?? 0) - 4);
    return `${before}  ${paint(cells[4] ?? '', tone, color)}  ${truncate(sanitize(after), room)}`.trimEnd();
  });
  return `${[paint(truncate(line(titles).join('  ').trimEnd(), width), 'strong', color), ...body].join('\n')}\n`;
}

/** To the minute; without the year where that is the newest run's. */
function startedOf({ startedAt }: KeptRun, year: string): string {
  if (startedAt === null) return '-';
  const time = wordTime(Date.parse(startedAt)).slice(0, 16);
  return time.startsWith(year) ? time.slice(5) : time;
}

/** `12`, `10/12` */
function wordCounts({ succeeded, failed, skipped }: NonNullable<KeptRun['counts']>): string {
  const all = succeeded + failed + skipped;
  return all === succeeded ? String(all) : `${succeeded}/${all}`;
}

function tookOf({ startedAt, finishedAt }: KeptRun): string | null {
  if (startedAt === null || finishedAt === null) return null;
  return wordDuration(Date.parse(finishedAt) - Date.parse(startedAt));
}

const MARKS: Readonly<Record<RunInstance['outcome'], readonly [string, Tone]>> = {
  succeeded: ['✓', 'good'],
  failed: ['✗', 'bad'],
  skipped: ['-', 'warn'],
  untouched: ['?', 'warn'],
};

const ACTIONS: Readonly<Record<RunInstance['action'], readonly [done: string, doing: string]>> = {
  install: ['installed', 'install'],
  update: ['updated', 'update'],
  remove: ['removed', 'removal'],
  start: ['started', 'start'],
  stop: ['stopped', 'stop'],
  restart: ['restarted', 'restart'],
};

/** One run with its instances; `shown`: its directory as the user sees it. Ends with a newline. */
export function renderRun(run: RunDetails, shown: string, { color, width }: RunsTextOptions): string {
  const [word, tone] = OUTCOMES[run.outcome];
  const started = run.startedAt === null ? 'at an unknown time' : wordTime(Date.parse(run.startedAt));
  const took = tookOf(run);
  const lines = [
    `${paint(`Run ${run.run}`, 'strong', color)}  ${run.operation ?? 'operation not known'}, ${paint(word, tone, color)}`,
    `${started}${took === null ? '' : `, ${took}`}${run.owner === null ? '' : `, by ${sanitize(run.owner)}`}`,
  ];
  if (run.outcome === 'broken') {
    const what =
      'It left no summary: it was killed, or failed before its end. What it left in the middle the next apply mends.';
    lines.push(...wrap(what, width).map((text) => paint(text, 'warn', color)));
  }
  if (run.instances.length > 0)
    lines.push('', ...run.instances.flatMap((instance) => instanceLines(instance, run, color, width)));
  const hint = run.instances.find(({ outcome }) => outcome === 'failed') ?? run.instances[0];
  lines.push('', `Logs in ${shown}: ${count(run.instances.length, 'instance')}, and the controller's.`);
  lines.push(`  slipway runs ${run.run} --log=${hint?.instance ?? 'local'}`);
  return `${lines.join('\n')}\n`;
}

function instanceLines(
  { instance, action, outcome, elapsedMs, why }: RunInstance,
  run: RunDetails,
  color: boolean,
  width: number,
): readonly string[] {
  const widest = Math.max(...run.instances.map((each) => each.instance.length));
  const [mark, tone] = MARKS[outcome];
  const [done, doing] = ACTIONS[action] ?? [action, action];
  const words: Readonly<Record<RunInstance['outcome'], string>> = {
    succeeded: done,
    failed: `${doing} failed`,
    skipped: `${doing} skipped`,
    untouched: `${doing} not known to have ended`,
  };
  const time = elapsedMs === null ? '' : ` in ${wordDuration(elapsedMs)}`;
  const first = `  ${paint(mark, tone, color)} ${instance.padEnd(widest)}  ${words[outcome]}${time}`;
  return [first, ...(why === null ? [] : wrap(sanitize(why), width - 6).map((text) => `      ${text}`))];
}
