/** Which lines are shown; it stands in the address of the page, so that a reload or a link shows the same. */
export interface LogChoice {
  /** Components, instances, `@HOST`; none: nothing is chosen yet. */
  readonly selectors: readonly string[];
  /** Only logs called so. */
  readonly log: string | null;
  /** Last lines of each file. */
  readonly lines: number;
  /** `15m`, a moment as `2026-11-21T04:15`, or null: however old. */
  readonly since: string | null;
  /** An extended regular expression, or ''. */
  readonly grep: string;
  /** Whether new lines come. */
  readonly isLive: boolean;
}

export const LINE_COUNTS = [100, 1_000, 10_000, 100_000];
const LINES = 1_000;
/** Of so many last lines those that match are shown, where new ones are waited for. */
const SEARCHED_LINES = 10_000;

export const SINCE_PRESETS: readonly (readonly [string, string])[] = [
  ['5m', 'last 5 minutes'],
  ['15m', 'last 15 minutes'],
  ['1h', 'last hour'],
  ['6h', 'last 6 hours'],
  ['1d', 'last day'],
  ['7d', 'last 7 days'],
];

export function choiceOf(query: URLSearchParams): LogChoice {
  const lines = Number(query.get('lines'));
  return {
    selectors: [...new Set([...query.getAll('select'), ...query.getAll('instance')])].filter(
      (selector) => selector !== '',
    ),
    log: query.get('log') || null,
    lines: LINE_COUNTS.includes(lines) ? lines : LINES,
    since: query.get('since') || null,
    grep: query.get('grep') ?? '',
    isLive: query.get('follow') !== 'false',
  };
}

/** `/logs?instance=nats%4010.0.0.1&log=server`; what is as by default does not stand there. */
export function addressOf({ selectors, log, lines, since, grep, isLive }: LogChoice): string {
  const query = new URLSearchParams(selectors.map((selector) => ['instance', selector]));
  if (log !== null) query.set('log', log);
  if (lines !== LINES) query.set('lines', String(lines));
  if (since !== null) query.set('since', since);
  if (grep !== '') query.set('grep', grep);
  if (!isLive) query.set('follow', 'false');
  return query.size === 0 ? '/logs' : `/logs?${query.toString()}`;
}

/** What the server is asked, at this moment. */
export function queryOf(
  { selectors, log, lines, since, grep, isLive }: LogChoice,
  nowMs: number,
): Readonly<Record<string, string | number | boolean | readonly string[] | null>> {
  const sinceMs = since === null ? null : sinceMsOf(since, nowMs);
  return {
    select: selectors,
    log,
    sinceMs,
    // With a time, that alone says how many; a search that waits for more says how far it looks back.
    lines: sinceMs !== null ? null : grep !== '' && isLive ? Math.max(lines, SEARCHED_LINES) : lines,
    grep: grep === '' ? null : grep,
    follow: isLive,
  };
}

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds since 1970; null: it is no time. */
export function sinceMsOf(since: string, nowMs: number): number | null {
  const span = /^(\d+)([smhd])$/.exec(since);
  if (span !== null) return nowMs - Number(span[1]) * UNITS_MS[span[2] as keyof typeof UNITS_MS];
  // A moment without a zone is one of the browser's.
  const moment = Date.parse(since);
  return Number.isNaN(moment) || moment < 0 ? null : moment;
}

/** A text without any sign that means something in an expression: it can be marked in the lines that hold it. */
export function literalOf(grep: string): string | null {
  return grep === '' || /[\\^$.*+?()[\]{}|]/.test(grep) ? null : grep;
}

/** With a selector added or taken away. A component takes the place of its instances. */
export function toggled(
  choice: LogChoice,
  selector: string,
  components: readonly { readonly name: string; readonly instances: readonly string[] }[],
): LogChoice {
  const { selectors } = choice;
  if (selectors.includes(selector))
    return { ...choice, selectors: selectors.filter((one) => one !== selector), log: null };
  const whole = components.find(({ name, instances }) => name === selector || instances.includes(selector));
  if (whole?.name === selector) {
    const others = selectors.filter((one) => !whole.instances.includes(one));
    return { ...choice, selectors: [...others, selector], log: null };
  }
  if (whole !== undefined && selectors.includes(whole.name)) {
    // Of a whole component one is taken out.
    const others = whole.instances.filter((one) => one !== selector);
    return { ...choice, selectors: [...selectors.filter((one) => one !== whole.name), ...others], log: null };
  }
  return { ...choice, selectors: [...selectors, selector], log: null };
}
