import type { JournalEntry } from '../../host/log-journal.ts';
import type { LogSource } from './log-sources.ts';

/** One line of a log; at most 64 KiB, without its newline. */
export interface LogLine {
  readonly source: LogSource;
  /** Path on the host; null: of a journal. */
  readonly file: string | null;
  /** When it was written, where the journal says so. */
  readonly timeMs: number | null;
  readonly bytes: Buffer;
}

export type LogEvent =
  | ({ readonly type: 'line' } & LogLine)
  /** Not of a log: what the reader must know of it. `failed`: something asked for is not shown. */
  | { readonly type: 'notice'; readonly host: string; readonly failed: boolean; readonly text: string };

/** Gets events in their order; what it gives back is waited for before the next one comes. */
export type OnLogEvent = (event: LogEvent) => void | Promise<void>;

/** What a journal's entry reads like: `2026-01-02T03:04:05.678Z nats[123]: message`, for each line of the message. */
export function journalLines(source: LogSource, entry: JournalEntry): readonly LogLine[] {
  const { timeMs, identifier, pid, message } = entry;
  const who = `${identifier === '' ? 'unknown' : identifier}${pid === '' ? '' : `[${pid}]`}`;
  const head = Buffer.from(`${new Date(timeMs).toISOString()} ${who}: `);
  const texts = message.toString().replace(/\n+$/, '').split('\n');
  return texts.map((text) => ({
    source,
    file: null,
    timeMs,
    bytes: Buffer.concat([head, Buffer.from(text)]),
  }));
}
