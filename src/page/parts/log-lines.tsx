import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ansiSpans, type AnsiSpan } from './ansi.ts';
import { columnsOf, createLineRows, type LineRows } from './line-rows.ts';
import { fullTime } from './time-ago.tsx';
import '../style/log-lines.css';

export interface LogLine {
  readonly text: string;
  /** Milliseconds since 1970; shown in the local zone. */
  readonly time?: number | undefined;
  /** Where it comes from, where there are several: `nats@10.0.0.1`. */
  readonly prefix?: string | undefined;
  /** Colour of the prefix, a number from 0; by default the prefix itself decides. */
  readonly hue?: number | undefined;
  /** `notice`: not of the log, but something to know about it; `error`: the same, and bad. */
  readonly kind?: 'line' | 'notice' | 'error' | undefined;
}

export interface LogLinesProps {
  readonly lines: readonly LogLine[];
  /** Number of the first line, where older ones were let go of: it grows with them. */
  readonly first?: number;
  /** Whether the end stays in view. */
  readonly follow: boolean;
  /** Scrolling up ends it; back at the end it goes on. */
  readonly onFollowChange: (follow: boolean) => void;
  /** `Log of nats@10.0.0.1` */
  readonly label: string;
  readonly wrap?: boolean;
  /** What is marked in the lines. */
  readonly mark?: string | null;
  /** Where there are no lines. */
  readonly empty?: string;
}

/** Rows drawn beyond both edges. */
const BEYOND = 20;
const HUES = 8;

interface Cell {
  readonly width: number;
  readonly height: number;
}

/** Lines of a log, of which only those in view are in the document: 100,000 are no burden. */
export function LogLines(props: LogLinesProps): JSX.Element {
  const { lines, first = 0, follow, onFollowChange, label, wrap = false, mark = null, empty } = props;
  const frame = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const [cell, setCell] = useState<Cell>({ width: 7.2, height: 18 });
  const [size, setSize] = useState({ width: 800, height: 400 });
  const [scrollTop, setScrollTop] = useState(0);
  const rows = useRef<LineRows>(createLineRows());
  const longest = useRef(0);
  const laidOutFor = useRef('');
  const prefixColumns = useRef(0);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const box = probe.current?.getBoundingClientRect();
      if (box !== undefined && box.width > 0)
        setCell((before) => sameOr(before, { width: box.width / PROBE.length, height: box.height }));
      setSize((before) => sameOr(before, { width: element.clientWidth, height: element.clientHeight }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const isNarrow = size.width < 560;
  const columns = wrap ? Math.max(20, Math.floor((size.width - PADDING) / cell.width)) : null;
  const widest = isNarrow ? 0 : Math.max(prefixColumns.current, widestPrefix(lines));
  const layout = `${columns} ${widest} ${isNarrow}`;
  if (laidOutFor.current !== layout) {
    laidOutFor.current = layout;
    prefixColumns.current = widest;
    rows.current.clear();
    longest.current = 0;
  }
  const before = rows.current.first;
  const wasTop = before < first && first < rows.current.end ? rows.current.top(first) : 0;
  rows.current.update(first, lines.length, (index) => {
    const line = lines[index] as LogLine;
    const length = lineColumns(line, widest);
    longest.current = Math.max(longest.current, length);
    return columns === null ? 1 : Math.max(1, Math.ceil(length / columns));
  });

  // Lines that went off the front must not move what is being read.
  const shift = useRef(0);
  shift.current += wasTop;

  const top = Math.max(0, scrollTop - wasTop * cell.height);
  const from = Math.max(first, rows.current.at(top / cell.height - BEYOND));
  const to = Math.min(first + lines.length, rows.current.at((top + size.height) / cell.height + BEYOND) + 1);
  const shown = lines.slice(from - first, to - first);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    if (follow) element.scrollTop = element.scrollHeight;
    else if (shift.current > 0) element.scrollTop -= shift.current * cell.height;
    shift.current = 0;
    seen.current = element.scrollTop;
    setScrollTop(element.scrollTop);
  }, [lines, first, follow, columns, cell.height, size.height]);

  const seen = useRef(0);
  const pending = useRef(0);
  useEffect(() => () => cancelAnimationFrame(pending.current), []);
  const onScroll = useCallback((): void => {
    const element = frame.current;
    if (element === null) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < cell.height;
    const isUp = element.scrollTop < seen.current - 1;
    seen.current = element.scrollTop;
    if (isAtEnd && !follow && !isUp) onFollowChange(true);
    else if (!isAtEnd && follow && isUp) onFollowChange(false);
    cancelAnimationFrame(pending.current);
    pending.current = requestAnimationFrame(() => setScrollTop(element.scrollTop));
  }, [follow, onFollowChange, cell.height]);

  const total = rows.current.total() * cell.height;
  const width = columns === null ? `calc(${longest.current}ch + ${PADDING}px)` : '100%';
  return (
    <div class="log-frame">
      <div
        class={`log-lines${wrap ? ' log-wrap' : ''}`}
        ref={frame}
        role="region"
        aria-label={label}
        tabIndex={0}
        onScroll={onScroll}
      >
        <span class="log-probe" ref={probe} aria-hidden="true">
          {PROBE}
        </span>
        {lines.length === 0 && empty !== undefined && <p class="log-empty">{empty}</p>}
        <div class="log-space" style={{ height: `${total}px`, minWidth: width }}>
          <div
            class="log-window"
            style={{ transform: `translateY(${rows.current.top(from) * cell.height}px)` }}
          >
            {shown.map((line, i) => (
              <Line key={from + i} line={line} widest={widest} mark={mark} />
            ))}
          </div>
        </div>
      </div>
      {!follow && lines.length > 0 && (
        <button type="button" class="button log-jump" onClick={() => onFollowChange(true)}>
          Jump to end
        </button>
      )}
    </div>
  );
}

const PROBE = '0'.repeat(100);
/** Of the frame, left and right together, as its style has it. */
const PADDING = 24;

function Line({
  line,
  widest,
  mark,
}: {
  readonly line: LogLine;
  readonly widest: number;
  readonly mark: string | null;
}): JSX.Element {
  const { text, time, prefix, hue, kind = 'line' } = line;
  return (
    <div class={`log-line log-${kind}`}>
      {time !== undefined && (
        <>
          <time dateTime={new Date(time).toISOString()} title={fullTime(time)}>
            {localTime(time)}
          </time>{' '}
        </>
      )}
      {prefix !== undefined && (
        <>
          <span class={`log-prefix hue-${(hue ?? hueOf(prefix)) % HUES}`}>{prefix.padEnd(widest)}</span>{' '}
        </>
      )}
      {kind !== 'line' && <span class="log-sign">{kind === 'error' ? '! ' : '· '}</span>}
      {spansOf(text).map(({ text: part, look, timeMs }, i) =>
        timeMs !== undefined ? (
          <time key={i} dateTime={new Date(timeMs).toISOString()} title={fullTime(timeMs)}>
            {part}
          </time>
        ) : look === '' ? (
          marked(part, mark)
        ) : (
          <span key={i} class={look}>
            {marked(part, mark)}
          </span>
        ),
      )}
    </div>
  );
}

/** The time that a line itself begins with, if it names its zone: what it is here stands in its title. */
const OWN_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)(?= )/;

function spansOf(text: string): readonly (AnsiSpan & { readonly timeMs?: number })[] {
  const [first, ...others] = ansiSpans(text);
  const own = first?.look === '' ? OWN_TIME.exec(first.text)?.[0] : undefined;
  const timeMs = own === undefined ? NaN : Date.parse(own.replace(',', '.'));
  if (first === undefined || own === undefined || Number.isNaN(timeMs))
    return first === undefined ? [] : [first, ...others];
  return [{ text: own, look: '', timeMs }, { text: first.text.slice(own.length), look: '' }, ...others];
}

function marked(text: string, mark: string | null): JSX.Element | string {
  if (mark === null || mark === '' || !text.includes(mark)) return text;
  const parts = text.split(mark);
  return (
    <>
      {parts.map((part, i) => (
        <>
          {i > 0 && <mark>{mark}</mark>}
          {part}
        </>
      ))}
    </>
  );
}

function lineColumns({ text, time, prefix, kind = 'line' }: LogLine, widest: number): number {
  let columns = 0;
  for (const span of ansiSpans(text)) columns += columnsOf(span.text);
  if (time !== undefined) columns += TIME_COLUMNS + 1;
  if (prefix !== undefined) columns += Math.max(columnsOf(prefix), widest) + 1;
  return kind === 'line' ? columns : columns + 2;
}

function widestPrefix(lines: readonly LogLine[]): number {
  // All of a source's lines bear the same: those at both ends tell enough.
  let widest = 0;
  for (const line of [...lines.slice(0, 50), ...lines.slice(-200)])
    widest = Math.max(widest, line.prefix?.length ?? 0);
  return Math.min(widest, 40);
}

const TIME_COLUMNS = '12-31 12:34:56.789'.length;

function localTime(ms: number): string {
  const time = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [time.getMonth() + 1, time.getDate()].map(two).join('-');
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two);
  return `${day} ${parts.join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function hueOf(prefix: string): number {
  let sum = 0;
  for (let i = 0; i < prefix.length; i++) sum = (sum * 31 + prefix.charCodeAt(i)) >>> 0;
  return sum % HUES;
}

function sameOr<T extends object>(before: T, now: T): T {
  const isSame = Object.entries(now).every(([name, value]) => before[name as keyof T] === value);
  return isSame ? before : now;
}
