/** `0.4 s`, `12 s`, `3m 05s`, `2h 07m` */
export function wordDuration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** A duration that still grows: whole seconds. */
export function wordClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : wordDuration(seconds * 1000);
}

function pad(amount: number): string {
  return String(amount).padStart(2, '0');
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 bytes`, `3.2 GiB` */
export function wordBytes(bytes: number): string {
  if (bytes < 1024) return count(bytes, 'byte');
  let amount = bytes / 1024;
  let unit = 0;
  for (; amount >= 1023.95 && unit < UNITS.length - 1; unit++) amount /= 1024;
  return `${amount < 9.95 ? amount.toFixed(1) : String(Math.round(amount))} ${UNITS[unit] ?? ''}`;
}

/** `1 host`, `3 hosts` */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** How long ago, in one unit and at most four columns: `12s`, `3m`, `7h`, `2d`, `14w`, `3y`. */
export function wordAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)}h`;
  if (seconds < 100 * 86_400) return `${Math.floor(seconds / 86_400)}d`;
  if (seconds < 2 * 365 * 86_400) return `${Math.floor(seconds / (7 * 86_400))}w`;
  return `${Math.floor(seconds / (365 * 86_400))}y`;
}

/** `12%`, `3.4%`; '' for null. */
export function wordPercent(amount: number | null): string {
  if (amount === null) return '';
  return amount > 0 && amount < 9.95 ? `${amount.toFixed(1)}%` : `${Math.round(amount)}%`;
}
