import type { Failure, PlannedWork, RunCounts, RunEvent, RunOutcome } from '../apply/events.ts';
import { DONE } from './activity-words.ts';
import { count, wordDuration } from './amounts.ts';
import { sanitize } from './sanitize.ts';
import { span, type Line } from './style.ts';
import { wrap } from './width.ts';

/** What remains of a run when its live view is gone. */
export interface RunReport {
  readonly run: string;
  readonly outcome: RunOutcome;
  readonly elapsedMs: number;
  readonly counts: RunCounts;
  /** Those that came off, by what was done. */
  readonly done: Readonly<Record<PlannedWork['action'], number>>;
  readonly failures: readonly {
    readonly instance: string;
    readonly elapsedMs: number;
    readonly failure: Failure;
  }[];
  readonly skipped: readonly { readonly instance: string; readonly because: string }[];
  readonly warnings: readonly string[];
}

/** Collects a run's report from its events; `report` is null until the run has finished. */
export function createRunReport(): { onEvent(event: RunEvent): void; report(): RunReport | null } {
  const actions = new Map<string, PlannedWork['action']>();
  const done = { install: 0, update: 0, remove: 0, start: 0, stop: 0, restart: 0 };
  const failures: RunReport['failures'][number][] = [];
  const skipped: RunReport['skipped'][number][] = [];
  const warnings: string[] = [];
  let report: RunReport | null = null;
  return {
    onEvent(event) {
      switch (event.type) {
        case 'run-started':
          for (const { instance, action } of event.instances) actions.set(instance, action);
          return;
        case 'instance-succeeded':
          done[actions.get(event.instance) ?? 'update']++;
          return;
        case 'instance-failed':
          failures.push(event);
          return;
        case 'instance-skipped':
          skipped.push(event);
          return;
        case 'warning':
          warnings.push(event.message);
          return;
        case 'run-finished': {
          const { run, outcome, elapsedMs, counts } = event;
          report = { run, outcome, elapsedMs, counts, done, failures, skipped, warnings };
          return;
        }
        default:
      }
    },
    report: () => report,
  };
}

/** Failures told in full; of more than these only the names. */
const FULL_FAILURES = 5;
const LISTED = 20;

/** The end of a run: every failure with its cause, what was skipped, the totals. Ends with the line that says it all. */
export function runSummary(report: RunReport, width: number): readonly Line[] {
  const lines: Line[] = [];
  const { failures, skipped } = report;
  for (const { instance, elapsedMs, failure } of failures.slice(0, FULL_FAILURES)) {
    lines.push(...failureLines(instance, elapsedMs, failure, width), []);
  }
  const others = failures.slice(FULL_FAILURES);
  if (others.length > 0) {
    lines.push([span(`${count(others.length, 'more failure')}:`, 'bad')]);
    for (const { instance, failure } of others.slice(0, LISTED))
      lines.push([
        span(`  ${instance}: ${sanitize(failure.message)}`),
        span(` (${failure.logPath})`, 'faint'),
      ]);
    if (others.length > LISTED) lines.push([span(`  … and ${others.length - LISTED} more`)]);
    lines.push([]);
  }
  if (skipped.length > 0) lines.push(...skippedLines(skipped, width), []);
  for (const warning of report.warnings) {
    lines.push(...wrap(`Warning: ${warning}`, width).map((text): Line => [span(text, 'warn')]));
  }
  if (report.warnings.length > 0) lines.push([]);
  lines.push(totalsLine(report));
  return lines;
}

/** One failure, as the summary and the live view show it: cause, failing resource, last lines, log path, remedy. */
export function failureLines(
  instance: string,
  elapsedMs: number,
  failure: Failure,
  width: number,
  lastLines = 10,
): readonly Line[] {
  const place = failure.resource === null ? '' : ` at ${failure.resource}`;
  const indent = '    ';
  const inner = width - indent.length;
  return [
    [
      span('✖ ', 'bad'),
      span(instance, 'strong'),
      span(` failed${place}`, 'bad'),
      span(` after ${wordDuration(elapsedMs)}`, 'faint'),
    ],
    ...wrap(sanitize(failure.message), inner).map((text): Line => [span(indent), span(text)]),
    ...failure.lastLines
      .slice(-lastLines)
      .map((text): Line => [span(`${indent}| ${sanitize(text)}`, 'faint')]),
    ...(failure.remedy === ''
      ? []
      : wrap(sanitize(failure.remedy), inner).map((text): Line => [span(indent), span(text, 'accent')])),
    [span(`${indent}log: ${failure.logPath}`, 'faint')],
  ];
}

function skippedLines(skipped: RunReport['skipped'], width: number): readonly Line[] {
  const byReason = new Map<string, string[]>();
  for (const { instance, because } of skipped) {
    const known = byReason.get(because);
    if (known === undefined) byReason.set(because, [instance]);
    else known.push(instance);
  }
  return [...byReason].flatMap(([because, instances]): Line[] => {
    const named = instances.slice(0, LISTED).join(', ');
    const more = instances.length > LISTED ? ` and ${instances.length - LISTED} more` : '';
    return [
      ...wrap(`Skipped, because ${because}:`, width).map((text): Line => [span(text, 'warn')]),
      ...wrap(named + more, width - 4).map((text): Line => [span(`    ${text}`)]),
    ];
  });
}

const ACTIONS = ['install', 'update', 'remove', 'start', 'stop', 'restart'] as const;

function totalsLine({ outcome, elapsedMs, counts, done }: RunReport): Line {
  const title = {
    succeeded: span('Run complete: ', 'good'),
    failed: span('Run failed: ', 'bad'),
    interrupted: span('Run stopped: ', 'warn'),
  }[outcome];
  const parts = [
    ...ACTIONS.filter((action) => done[action] > 0).map((action) => `${done[action]} ${DONE[action]}`),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ];
  const what = parts.length === 0 ? 'nothing was done' : parts.join(', ');
  return [title, span(`${what} in ${wordDuration(elapsedMs)}.`)];
}
