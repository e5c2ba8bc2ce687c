import { isIP } from 'node:net';
import { frameName } from './frame-name.ts';
import { LIMIT_ROWS, sysctlPath } from './requirement-program.ts';

/**
 * Lines of `NAME WORD...`, the words those of `getent`: addresses among them. null: the host has no `getent`, or the name is
 * not in its answer.
 */
export function parseResolved(text: string | null, name: string): readonly string[] | null {
  if (text === null) return null;
  const key = frameName(name);
  const line = text.split('\n').find((one) => one === key || one.startsWith(`${key} `));
  if (line === undefined) return null;
  return [...new Set(line.split(' ').filter((word) => isIP(word) !== 0))];
}

/** Lines of `PATH:VALUE`; null: no line has the setting. */
export function parseSysctl(text: string, name: string): string | null {
  const start = `${sysctlPath(name)}:`;
  const line = text.split('\n').find((one) => one.startsWith(start));
  return line === undefined ? null : line.slice(start.length).trim();
}

/** Hard limits by their names in limits.conf; `Infinity`: unlimited. `units`: what systemd says its units get, where it does. */
export function parseLimits(processes: string, units: string | null): ReadonlyMap<string, number> {
  const rows = new Map<string, string>();
  for (const line of processes.split('\n')) {
    const match = /^Max (.+?)\s{2,}\S+\s+(\S+)/.exec(line);
    if (match !== null) rows.set(match[1] ?? '', match[2] ?? '');
  }
  const defaults = new Map<string, string>();
  for (const line of (units ?? '').split('\n')) {
    const match = /^DefaultLimit([A-Z]+)=(\S+)$/.exec(line);
    if (match !== null) defaults.set((match[1] ?? '').toLowerCase(), match[2] ?? '');
  }
  const limits = new Map<string, number>();
  for (const [name, row] of Object.entries(LIMIT_ROWS)) {
    const value = defaults.get(name) ?? rows.get(row);
    if (value === undefined) continue;
    const number = value === 'unlimited' || value === 'infinity' ? Infinity : Number(value);
    if (!Number.isNaN(number)) limits.set(name, number);
  }
  return limits;
}
