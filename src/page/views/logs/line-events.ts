import type { ServerEvent } from '../../api/event-stream.ts';
import type { LogLine } from '../../parts/log-lines.tsx';
import type { LineEvent, NoticeEvent } from './log-types.ts';

/** Lines to be added; `anew`: all that came before comes again. */
export type LinePart = readonly LogLine[] | 'anew';

/** What a line bears, so that one knows whose it is: nothing, its log, or its instance (with the log, where there are several). */
export type Naming = 'none' | 'log' | 'instance';

/** Lines of events, each with a colour by where it comes from. */
export function lineReader(naming: Naming): (events: readonly ServerEvent[]) => readonly LinePart[] {
  /** Numbers of instances or logs, and names of the logs that came of each instance. */
  const hues = new Map<string, number>();
  const logs = new Map<string, Set<string>>();
  return (events) => {
    const parts: LinePart[] = [];
    let lines: LogLine[] = [];
    for (const { type, data } of events) {
      if (type === 'line') {
        const { instance, log, timeMs, text } = data as LineEvent;
        const time = timeMs ?? undefined;
        const line = { text: time === undefined ? text : withoutTime(text), time };
        if (naming === 'none') {
          lines.push(line);
          continue;
        }
        const of = logs.get(instance) ?? new Set<string>();
        logs.set(instance, of.add(log));
        const whose = naming === 'log' ? log : instance;
        if (!hues.has(whose)) hues.set(whose, hues.size);
        const prefix = naming === 'instance' && of.size > 1 ? `${instance} ${log}` : whose;
        lines.push({ ...line, prefix, hue: hues.get(whose) });
      } else if (type === 'notice') {
        const { host, text, failed } = data as NoticeEvent;
        lines.push({ text: `${host}: ${text}`, kind: failed ? 'error' : 'notice' });
      } else if (type === 'anew') {
        parts.push('anew');
        lines = [{ text: 'The connection was away for too long: the lines were read anew.', kind: 'notice' }];
      }
    }
    if (lines.length > 0) parts.push(lines);
    return parts;
  };
}

/** A journal's line begins with its time in UTC, which is shown by itself. */
function withoutTime(text: string): string {
  return text.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '');
}
