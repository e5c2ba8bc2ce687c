import type { PlannedWork, RunEvent } from '../../apply/events.ts';
import { DOING, DONE, wordActivity, wordStopping } from '../../terminal/activity-words.ts';
import { count, wordDuration } from '../../terminal/amounts.ts';
import { createRunReport, failureLines, runSummary } from '../../terminal/run-report.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paintLine, span, type Line, type Tone } from '../../terminal/style.ts';
import { unreachable } from '../../diagnostics/unreachable.ts';

export interface RunTextOptions {
  readonly color: boolean;
  /** Columns; lines of the run are not wrapped, its summary is. Default 80. */
  readonly width?: number;
  /** Tells of every resource and passes on what scripts print. */
  readonly verbose?: boolean;
}

/** A run in plain lines, for places that are no terminal; `out` gets each line without its end. Ends with a summary. */
export function createRunTextView(
  out: (line: string) => void,
  options: RunTextOptions,
): (event: RunEvent) => void {
  const { color, width = 80, verbose = false } = options;
  const actions = new Map<string, PlannedWork['action']>();
  const lastActivity = new Map<string, string>();
  const summary = createRunReport();
  let startedAt: number | null = null;

  const say = (time: number, ...line: Line): void => {
    startedAt ??= time;
    out(paintLine([span(`${stamp(time - startedAt)} `, 'faint'), ...line], color));
  };
  const tell = (event: RunEvent & { readonly instance: string }, text: string, tone: Tone = 'plain'): void =>
    say(event.time, span(`${event.instance}: `), span(text, tone));

  return (event) => {
    summary.onEvent(event);
    switch (event.type) {
      case 'run-started':
        for (const { instance, action } of event.instances) actions.set(instance, action);
        return say(event.time, span(`run ${event.run}: ${count(event.instances.length, 'change')}`));
      case 'instance-waiting':
        return verbose ? tell(event, `waits for ${event.for}`, 'faint') : undefined;
      case 'instance-started':
        return tell(event, DOING[actions.get(event.instance) ?? 'update']);
      case 'instance-activity': {
        // Percentages and countdowns would be a line each: an activity is told once, until another one comes.
        const known = lastActivity.get(event.instance);
        lastActivity.set(event.instance, event.activity);
        const news = event.activity === 'retrying' || (known !== event.activity && isTold(event.activity));
        return news || verbose
          ? tell(event, sanitize(wordActivity(event.activity, event.detail)))
          : undefined;
      }
      case 'resource-started':
        return verbose ? tell(event, event.resource, 'faint') : undefined;
      case 'resource-finished':
        return;
      case 'output':
        return verbose ? tell(event, `| ${sanitize(event.line)}`, 'faint') : undefined;
      case 'instance-succeeded': {
        const what = DONE[actions.get(event.instance) ?? 'update'];
        return tell(event, `${what} in ${wordDuration(event.elapsedMs)}`, 'good');
      }
      case 'instance-failed': {
        const { failure } = event;
        const place = failure.resource === null ? '' : ` at ${failure.resource}`;
        tell(event, `FAILED${place}: ${sanitize(failure.message)}`, 'bad');
        const [, ...details] = failureLines(event.instance, event.elapsedMs, failure, 1000);
        // The message stands on the line above already.
        for (const line of details.slice(1)) out(paintLine([span('           '), ...line], color));
        return;
      }
      case 'instance-skipped':
        return tell(event, `skipped: ${event.because}`, 'warn');
      case 'stopping':
        return say(event.time, span(wordStopping(event.mode), 'warn'));
      case 'warning':
        return say(event.time, span(`warning: ${event.message}`, 'warn'));
      case 'run-finished': {
        const report = summary.report();
        if (report === null) return;
        out('');
        for (const line of runSummary(report, width)) out(paintLine(line, color));
        return;
      }
      default:
        return unreachable(event);
    }
  };
}

function isTold(activity: string): boolean {
  return activity === 'draining' || activity === 'watching';
}

/** `[  1.2s]`, aligned up to 999 s. */
function stamp(elapsedMs: number): string {
  return `[${(elapsedMs / 1000).toFixed(1).padStart(5)}s]`;
}
