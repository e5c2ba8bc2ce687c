import { describe, expect, it } from 'vitest';
import { timeOfLine } from '../../../src/app/operate/log-times.ts';

const NOW = Date.parse('2026-01-10T00:00:00Z');
/** A host two hours ahead of UTC. */
const timeOf = (line: string): string | null => {
  const ms = timeOfLine(line, 120, NOW);
  return ms === null ? null : new Date(ms).toISOString();
};

describe('the time of a line', () => {
  it.each([
    ['2026-01-02T03:04:05.678Z hello', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05+0100 hello', '2026-01-02T02:04:05.000Z'],
    ['2026-01-02 03:04:05,678 INFO hello', '2026-01-02T01:04:05.678Z'],
    ['[1234] 2026/01/02 03:04:05.000123 [INF] nats', '2026-01-02T01:04:05.000Z'],
    ['10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /"', '2026-01-02T03:04:05.000Z'],
    ['1234:M 02 Jan 2026 03:04:05.678 * Ready', '2026-01-02T01:04:05.678Z'],
    ['Jan  2 03:04:05 host nats[1]: hello', '2026-01-02T01:04:05.000Z'],
    ['Dec 31 03:04:05 host nats[1]: hello', '2025-12-31T01:04:05.000Z'],
    ['I0102 03:04:05.678901       1 main.go:1] hello', '2026-01-02T01:04:05.678Z'],
    ['{"level":"info","ts":1767323045.678,"msg":"hello"}', '2026-01-02T03:04:05.678Z'],
    ['{"time":"2026-01-02T03:04:05.678Z"}', '2026-01-02T03:04:05.678Z'],
    ['1767323045678 hello', '2026-01-02T03:04:05.678Z'],
    ['no time at all, order 1234567', null],
    ['    at main (index.js:1:2)', null],
  ])('%s', (line, expected) => {
    expect(timeOf(line)).toBe(expected);
  });
});
