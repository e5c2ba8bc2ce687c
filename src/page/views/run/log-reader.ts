/** A line of a run's log. */
export interface LogLine {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time?: number;
}

const KEPT_LINES = 20_000;

export interface LogReader {
  /** `isCut`: the first line is not whole. */
  begin(isCut: boolean): void;
  /** Whether there are new lines. `isLast`: a line without its end is one, too. */
  take(bytes: Uint8Array, isLast: boolean): boolean;
  log(): { readonly lines: readonly LogLine[]; readonly first: number };
}

/** Puts lines together from pieces that may be cut anywhere, and keeps the last of them. */
export function createLogReader(kept = KEPT_LINES): LogReader {
  let decoder = new TextDecoder();
  let rest = '';
  let dropsFirst = false;
  let lines: readonly LogLine[] = [];
  let first = 0;
  return {
    begin(isCut) {
      decoder = new TextDecoder();
      rest = '';
      dropsFirst = isCut;
      lines = [];
      first = 0;
    },
    take(bytes, isLast) {
      rest += decoder.decode(bytes, { stream: !isLast });
      const texts = rest.split('\n');
      rest = isLast ? '' : (texts.pop() ?? '');
      if (isLast && texts.at(-1) === '') texts.pop();
      if (dropsFirst && texts.length > 0) {
        texts.shift();
        dropsFirst = false;
      }
      if (texts.length === 0) return false;
      const all = [...lines, ...texts.map(lineOf)];
      const gone = Math.max(0, all.length - kept);
      lines = gone === 0 ? all : all.slice(gone);
      first += gone;
      return true;
    },
    log: () => ({ lines, first }),
  };
}

/** `2026-11-21T04:15:00.123Z nats@10.0.0.1: started` */
function lineOf(text: string): LogLine {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) /.exec(text);
  const time = Date.parse(match?.[1] ?? '');
  return Number.isNaN(time) ? { text } : { text: text.slice((match?.[0] ?? '').length), time };
}
