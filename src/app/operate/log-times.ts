const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
const CLOCK = '(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?';

/** `2026-01-02T03:04:05.678Z`, `2026/01/02 03:04:05 +0200` */
const ISO = new RegExp(`(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[T ]${CLOCK} ?(Z|[+-]\\d\\d:?\\d\\d(?!\\d))?`);
/** Of web servers: `02/Jan/2026:03:04:05 +0000`; of redis: `02 Jan 2026 03:04:05.678` */
const DAY_FIRST = new RegExp(`(\\d{1,2})[/ ]${MONTH}[/ ](\\d{4})[: ]${CLOCK}(?: ([+-]\\d{4}))?`);
/** Of syslog: `Jan  2 03:04:05` */
const SYSLOG = new RegExp(`\\b${MONTH} +(\\d{1,2}) ${CLOCK}`);
/** Of glog: `I0102 03:04:05.678901` */
const GLOG = new RegExp(`^[IWEF](\\d\\d)(\\d\\d) ${CLOCK}`);
/** Seconds or milliseconds since 1970, at the beginning or as `"ts":` of JSON. */
const EPOCH = /(?:^\[?|"(?:ts|time|timestamp)" ?: ?"?)(\d{10})(?:(\d{3})\b|(\.\d+)?)/;
/** A time stands near the beginning of its line. */
const HEAD_CHARACTERS = 200;

/**
 * When a line was written, by the first time that stands near its beginning, in milliseconds since 1970; null: none that is known.
 * One without a zone is read in that of the host (minutes ahead of UTC), one without a year as the latest that is not to come.
 */
export function timeOfLine(line: string, zoneMinutes: number, nowMs: number): number | null {
  const head = line.slice(0, HEAD_CHARACTERS);
  const iso = ISO.exec(head);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso;
    return at([year, month, day, hour, minute, second], fraction, zone, zoneMinutes);
  }
  const dayFirst = DAY_FIRST.exec(head);
  if (dayFirst !== null) {
    const [, day, month, year, hour, minute, second, fraction, zone] = dayFirst;
    return at([year, monthNumber(month), day, hour, minute, second], fraction, zone, zoneMinutes);
  }
  const syslog = SYSLOG.exec(head);
  if (syslog !== null) {
    const [, month, day, hour, minute, second, fraction] = syslog;
    return withoutYear([monthNumber(month), day, hour, minute, second], fraction, zoneMinutes, nowMs);
  }
  const glog = GLOG.exec(head);
  if (glog !== null) {
    const [, month, day, hour, minute, second, fraction] = glog;
    return withoutYear([month, day, hour, minute, second], fraction, zoneMinutes, nowMs);
  }
  const epoch = EPOCH.exec(head);
  if (epoch === null) return null;
  const [, seconds, millis, fraction] = epoch;
  return Number(seconds) * 1000 + (millis === undefined ? Number(fraction ?? 0) * 1000 : Number(millis));
}

type Part = string | number | undefined;

function at(
  parts: readonly Part[],
  fraction: string | undefined,
  zone: string | undefined,
  zoneMinutes: number,
): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const ahead = zone === undefined ? zoneMinutes : minutesOf(zone);
  const millis = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) + millis - ahead * 60_000;
}

const DAY_MS = 24 * 3600 * 1000;

function withoutYear(
  parts: readonly Part[],
  fraction: string | undefined,
  zoneMinutes: number,
  nowMs: number,
): number {
  const year = new Date(nowMs).getUTCFullYear();
  const thisYear = at([year, ...parts], fraction, undefined, zoneMinutes);
  return thisYear <= nowMs + DAY_MS ? thisYear : at([year - 1, ...parts], fraction, undefined, zoneMinutes);
}

function minutesOf(zone: string): number {
  if (zone === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf(name ?? '') + 1;
}
