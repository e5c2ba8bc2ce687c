import type { FileDiff, VariableDiff, VersionDiff } from '../../app/history-diff.ts';
import { isSpecFile, type HistoryVersion, type VersionFile } from '../../app/history-read.ts';
import type { FileRestoration, Restoration } from '../../app/operate/restore-files.ts';
import type { Json } from '../../state/model.ts';
import { count, wordBytes } from '../../terminal/amounts.ts';
import { visible } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { fit, truncate, widthOf } from '../../terminal/width.ts';

export interface HistoryTextOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

interface Counts {
  readonly install: number;
  readonly update: number;
  readonly remove: number;
}

export function countChanges({ changes }: HistoryVersion): Counts {
  const of = (action: string): number => changes.filter((change) => change.action === action).length;
  return { install: of('install'), update: of('update'), remove: of('remove') };
}

/** A line per version, the newest last, and how many deployments succeeded; ends with a newline. */
export function renderHistory(
  versions: readonly HistoryVersion[],
  deployments: number,
  { color, width }: HistoryTextOptions,
): string {
  if (versions.length === 0) return 'The history is empty: every apply that succeeds adds a version.\n';
  const rows = versions.map((version) => ({
    number: String(version.version),
    when: localTime(version.time).slice(0, 16),
    who: visible(version.author),
    spec: visible(version.specVersion ?? '-'),
    counts: countChanges(version),
    what: visible(whatOf(version)),
  }));
  const wide = (title: string, texts: readonly string[], most = Infinity): number =>
    Math.min(most, Math.max(title.length, ...texts.map(widthOf)));
  const numberWidth = wide(
    '#',
    rows.map((row) => row.number),
  );
  const whoWidth = wide(
    'WHO',
    rows.map((row) => row.who),
    24,
  );
  const specWidth = wide(
    'SPEC',
    rows.map((row) => row.spec),
    16,
  );
  const countsWidth = wide(
    'CHANGES',
    rows.map((row) => wordCounts(row.counts)),
  );
  const head = [
    '#'.padStart(numberWidth),
    'WHEN'.padEnd(16),
    'WHO'.padEnd(whoWidth),
    'SPEC'.padEnd(specWidth),
    'CHANGES'.padEnd(countsWidth),
    'WHAT',
  ].join('  ');
  const rest = Math.max(8, width - (numberWidth + 16 + whoWidth + specWidth + countsWidth + 10));
  const lines = rows.map((row) => {
    const counts = wordCounts(row.counts);
    const cells = [
      paint(row.number.padStart(numberWidth), 'strong', color),
      row.when,
      fit(row.who, whoWidth),
      fit(row.spec, specWidth),
      `${paintCounts(row.counts, color)}${' '.repeat(countsWidth - counts.length)}`,
      truncate(row.what, rest),
    ];
    return cells.join('  ').trimEnd();
  });
  const total = `${count(deployments, 'successful deployment')} in all.`;
  return `${[paint(head.trimEnd(), 'faint', color), ...lines, '', total].join('\n')}\n`;
}

/** `apply`, `apply of nats`, `rollback to 3` */
function whatOf({ operation, targets = [], excludes = [] }: HistoryVersion): string {
  const only = targets.length > 0 ? ` of ${targets.join(', ')}` : '';
  const without = excludes.length > 0 ? ` without ${excludes.join(', ')}` : '';
  return `${operation}${only}${without}`;
}

function wordCounts({ install, update, remove }: Counts): string {
  return `+${install} ~${update} -${remove}`;
}

function paintCounts({ install, update, remove }: Counts, color: boolean): string {
  const tone = (amount: number, other: Tone): Tone => (amount === 0 ? 'faint' : other);
  return [
    paint(`+${install}`, tone(install, 'add'), color),
    paint(`~${update}`, tone(update, 'change'), color),
    paint(`-${remove}`, tone(remove, 'remove'), color),
  ].join(' ');
}

const MARKS: Readonly<Record<string, { readonly mark: string; readonly tone: Tone }>> = {
  install: { mark: '+', tone: 'add' },
  update: { mark: '~', tone: 'change' },
  remove: { mark: '-', tone: 'remove' },
};

/** One version with its changes, variables, files, and the texts that are to be shown; ends with a newline. */
export function renderVersion(
  version: HistoryVersion,
  texts: ReadonlyMap<string, string | null>,
  { color, width }: HistoryTextOptions,
): string {
  const { cluster, specVersion, author, time, run, deployment, changes } = version;
  const spec = specVersion === null ? '' : `, spec ${visible(specVersion)}`;
  const title = `Version ${version.version}${cluster === null ? '' : ` of ${visible(cluster)}`}${spec}`;
  const { install, update, remove } = countChanges(version);
  const lines = [
    paint(title, 'strong', color),
    `  ${visible(whatOf(version))} by ${visible(author)} at ${localTime(time)}, run ${visible(run)}`,
    ...(typeof deployment === 'number' ? [`  successful deployment number ${deployment}`] : []),
    '',
    `Changes: ${install} installed, ${update} updated, ${remove} removed`,
    ...changes.map(({ address, action }) => {
      const { mark, tone } = MARKS[action] ?? { mark: '*', tone: 'plain' };
      return `  ${paint(mark, tone, color)} ${visible(address)}`;
    }),
  ];
  const variables = Object.entries(version.variables);
  if (variables.length > 0) {
    lines.push('', 'Variables:', ...variables.map(([name, value]) => `  ${name} = ${wordValue(value)}`));
  }
  lines.push('', 'Files:', ...fileTable(version.files));
  for (const file of version.files) {
    const text = texts.get(file.path);
    if (text === undefined) continue;
    lines.push('', paint(ruled(visible(file.path), Math.min(width, 80)), 'accent', color));
    lines.push(
      ...(text === null
        ? ['(not text, or not kept)']
        : text
            .replace(/\n$/, '')
            .split('\n')
            .map((l) => visible(l, Infinity))),
    );
  }
  return `${lines.join('\n')}\n`;
}

function ruled(title: string, width: number): string {
  return `── ${title} ${'─'.repeat(Math.max(2, width - widthOf(title) - 4))}`;
}

function fileTable(files: readonly VersionFile[]): readonly string[] {
  const sorted = [...files].sort((a, b) => Number(isSpecFile(b)) - Number(isSpecFile(a)));
  const width = Math.max(0, ...sorted.map((file) => widthOf(visible(file.path))));
  return sorted.map(({ path, bytes, redacted }) => {
    const size = bytes === undefined ? '' : wordBytes(bytes);
    const hidden = redacted === undefined ? '' : `, literals of ${redacted.join(', ')} taken out`;
    return `  ${fit(visible(path), width)}  ${size}${hidden}`.trimEnd();
  });
}

/** Differences as a unified diff, coloured; ends with a newline. */
export function renderDiff({ from, to, files, variables }: VersionDiff, color: boolean): string {
  if (files.length === 0 && variables.length === 0) return `No differences between ${from} and ${to}.\n`;
  const lines: string[] = [];
  for (const file of files) lines.push(...fileDiff(file, color));
  if (variables.length > 0) {
    lines.push(paint('Variables:', 'strong', color), ...variables.flatMap((one) => variableDiff(one, color)));
  }
  return `${lines.join('\n')}\n`;
}

function fileDiff({ path, change, diff }: FileDiff, color: boolean): readonly string[] {
  if (diff === null)
    return [paint(`${change}: ${visible(path)} (not text, or not kept)`, 'strong', color), ''];
  const lines = diff.replace(/\n$/, '').split('\n');
  return [...lines.map((line) => paint(visible(line, Infinity), toneOf(line), color)), ''];
}

function variableDiff({ name, before, after }: VariableDiff, color: boolean): readonly string[] {
  return [
    ...(before === undefined ? [] : [paint(`- ${name} = ${wordValue(before)}`, 'remove', color)]),
    ...(after === undefined ? [] : [paint(`+ ${name} = ${wordValue(after)}`, 'add', color)]),
  ];
}

function toneOf(line: string): Tone {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return 'strong';
  if (line.startsWith('@@')) return 'accent';
  if (line.startsWith('+')) return 'add';
  return line.startsWith('-') ? 'remove' : 'plain';
}

/** What `--write` does to the working directory. */
export function renderRestoration({ files, outside }: Restoration, color: boolean): string {
  const marks: Readonly<Record<FileRestoration['change'], readonly [string, Tone]>> = {
    add: ['+', 'add'],
    change: ['~', 'change'],
    remove: ['-', 'remove'],
  };
  const lines = files.map(({ path, change }) => {
    const [mark, tone] = marks[change];
    return `  ${paint(mark, tone, color)} ${visible(path)}`;
  });
  const elsewhere = outside.map((path) => `  ${visible(path)} lies elsewhere and is not written`);
  if (lines.length + elsewhere.length === 0)
    return 'The files of the working directory are those of that version.\n';
  return `${['Files of the working directory, once it came off:', ...lines, ...elsewhere].join('\n')}\n`;
}

function wordValue(value: Json): string {
  return value === '(sensitive)' ? value : visible(JSON.stringify(value), Infinity);
}

/** `2026-11-20 10:15:30`, by the clock on this wall. */
function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return visible(iso);
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
