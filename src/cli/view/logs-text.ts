import type { LogEvent, LogLine } from '../../app/operate/log-event.ts';
import type { LogListing } from '../../app/operate/list-logs.ts';
import type { LogSource } from '../../app/operate/log-sources.ts';
import { wordAge, wordBytes } from '../../terminal/amounts.ts';
import { sanitize, visible } from '../../terminal/sanitize.ts';
import { paint, paintSource } from '../../terminal/style.ts';
import { truncateMiddle } from '../../terminal/width.ts';

export interface LogTextOptions {
  readonly color: boolean;
  /** A terminal shows it: what could do harm there is taken out. Elsewhere lines stay as they are. */
  readonly isTerminal: boolean;
}

/** What stands before a line of a log. */
export type Prefix = (line: LogLine) => string;

/** `nats@10.10.102.11 server | `, aligned, each source in its colour; nothing where there is only one. */
export function sourcePrefix(sources: readonly LogSource[], color: boolean): Prefix {
  if (sources.length < 2) return () => '';
  const numbers = new Map(sources.map((source, n) => [source, n]));
  const width = Math.max(...sources.map((source) => titleOf(source).length));
  return ({ source }) =>
    `${paintSource(`${titleOf(source).padEnd(width)} |`, numbers.get(source) ?? 0, color)} `;
}

function titleOf({ instance, name }: LogSource): string {
  return `${instance} ${name}`;
}

/** A line as it is written, with its newline. */
export function lineBytes(prefix: string, bytes: Buffer, { isTerminal }: LogTextOptions): Buffer | string {
  if (isTerminal) return `${prefix}${sanitize(bytes.toString(), 64 * 1024)}\n`;
  return Buffer.concat([Buffer.from(prefix), bytes, Buffer.from('\n')]);
}

/** A line as JSON, for machines: `{instance, log, file, time, line}`; no `file` or `time` where there is none. */
export function lineJson({ source, file, timeMs, bytes }: LogLine): string {
  return JSON.stringify({
    instance: source.instance,
    log: source.name,
    ...(file === null ? {} : { file }),
    ...(timeMs === null ? {} : { time: new Date(timeMs).toISOString() }),
    line: bytes.toString(),
  });
}

/** Gives the heading that stands before a line, where its file is not the one of the line before; '' where it is. */
export function createHeadings(sources: readonly LogSource[], color: boolean): (line: LogLine) => string {
  let last = '';
  const isNeeded =
    sources.length > 1 ||
    sources.some(({ origin }) => origin.from === 'files' && /[*?[]/.test(origin.pattern));
  return ({ source, file }) => {
    const place = file ?? (source.origin.from === 'journal' ? `journal of ${source.origin.unit}` : '');
    const heading = `${titleOf(source)}  ${place}`;
    if (!isNeeded || heading === last) return '';
    const gap = last === '' ? '' : '\n';
    last = heading;
    return `${gap}${paint(titleOf(source), 'strong', color)}  ${paint(visible(place), 'faint', color)}\n`;
  };
}

/** What happened on a host, which is named once. */
export function aboutHost(host: string, text: string): string {
  const safe = sanitize(text);
  return safe.startsWith(`${host} `) ? safe : `${host}: ${safe}`;
}

export function noticeText(event: Extract<LogEvent, { type: 'notice' }>, color: boolean): string {
  const text = aboutHost(event.host, event.text);
  return event.failed
    ? `${paint('Error:', 'bad', color)} ${text}\n`
    : `${paint(`-- ${text}`, 'warn', color)}\n`;
}

/** The logs of instances as a table, with the sizes of their files; ends with a newline. */
export function renderLogList(
  listings: readonly LogListing[],
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const rows = listings.flatMap(rowsOf);
  if (rows.length === 0) return 'There are no logs.\n';
  const widest = (cell: keyof Row, title: string): number =>
    Math.max(title.length, ...rows.map((row) => row[cell].length));
  const widths = {
    instance: widest('instance', 'INSTANCE'),
    log: widest('log', 'LOG'),
    size: widest('size', 'SIZE'),
    last: widest('last', 'AGE'),
  };
  const room = Math.max(16, width - widths.instance - widths.log - widths.size - widths.last - 8);
  const line = (row: Row): string =>
    `${row.instance.padEnd(widths.instance)}  ${row.log.padEnd(widths.log)}  ${row.size.padStart(widths.size)}  ${row.last.padStart(widths.last)}  `;
  const title: Row = {
    instance: 'INSTANCE',
    log: 'LOG',
    size: 'SIZE',
    last: 'AGE',
    where: 'WHERE',
    isProblem: 'no',
  };
  const body = rows.map((row) => {
    const tone = row.isProblem === 'yes' ? 'bad' : 'faint';
    return `${line(row)}${paint(truncateMiddle(row.where, room), tone, color)}`.trimEnd();
  });
  return `${[paint(`${line(title)}${title.where}`, 'strong', color), ...body].join('\n')}\n`;
}

interface Row {
  readonly instance: string;
  readonly log: string;
  readonly size: string;
  readonly last: string;
  readonly where: string;
  readonly isProblem: 'yes' | 'no';
}

function rowsOf({ instance, log, askedMs, content }: LogListing): readonly Row[] {
  const row = { instance, log, size: '-', last: '-', isProblem: 'no' } as const;
  switch (content.from) {
    case 'files':
      if (content.files.length === 0) return [{ ...row, where: `${visible(content.pattern)} (no file yet)` }];
      return content.files.map((file) => ({
        ...row,
        size: wordBytes(file.sizeBytes),
        last: wordAge(askedMs - file.modifiedMs),
        where: visible(file.path),
      }));
    case 'journal':
      return [
        {
          ...row,
          last: content.lastMs === null ? '-' : wordAge(askedMs - content.lastMs),
          where: `journal of ${visible(content.unit)}`,
        },
      ];
    case 'nowhere':
      return [{ ...row, where: 'not known', isProblem: 'yes' }];
  }
}

/** `2026-01-02 03:04:05`, in the controller's time zone. */
export function wordTime(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
