import { wordClock, wordDuration } from '../terminal/amounts.ts';
import { DOING, DONE } from '../terminal/activity-words.ts';
import { failureLines } from '../terminal/run-report.ts';
import { truncate } from '../terminal/width.ts';
import { span, type Line } from '../terminal/style.ts';
import type { InstanceRow } from './run-model.ts';
import { spread, type ScreenSize } from './frame.ts';
import { STATUS } from './run-table.ts';

/** One instance and the end of its output. `back` lines from the end, 0 follows it. */
export function logScreen(
  row: InstanceRow,
  back: number,
  height: number,
  size: ScreenSize,
  now: number,
): readonly Line[] {
  const width = size.columns;
  const { icon, tone } = STATUS[row.status];
  const elapsed =
    row.elapsedMs === null
      ? wordClock(row.startedAt === null ? 0 : now - row.startedAt)
      : wordDuration(row.elapsedMs);
  const what =
    row.status === 'working' ? DOING[row.action] : row.status === 'done' ? DONE[row.action] : row.status;
  const failure =
    row.failure === null ? [] : failureLines(row.instance, row.elapsedMs ?? 0, row.failure, width - 2, 0);
  const end = row.tail.length - back;
  const room = Math.max(1, height - failure.length);
  const output = row.tail.slice(Math.max(0, end - room), end);
  const body: Line[] =
    row.tail.length === 0
      ? [[span('   No output so far.', 'faint')]]
      : output.map((text): Line => [span(` ${text}`)]);
  while (body.length < room) body.push([]);
  const following = back === 0 ? (row.status === 'working' ? 'following' : 'end') : `${back} lines below`;
  return [
    spread(
      [span(` ${icon} `, tone), span(row.instance, 'strong'), span(`  ${what}  `), span(row.doing, 'faint')],
      [span(`${elapsed} `)],
      width,
    ),
    [span('─'.repeat(width), 'faint')],
    ...body,
    ...failure.map((line): Line => [span(' '), ...line]),
    [],
    [
      span(
        ` ${truncate(`q back   ↑↓ PgUp PgDn scroll   g first   G follow   ${following}`, width - 2)}`,
        'faint',
      ),
    ],
  ];
}
