/** Values of the last four digits that belong to one millisecond. */
const PER_MILLISECOND = 65;

/** A run's id sorts by time, to the millisecond, which is in its last part: `20261120T101530-4f2a`. */
export function newRunId(nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').slice(0, 15);
  const last = Math.floor(nowMs % 1000) * PER_MILLISECOND + Math.floor(Math.random() * PER_MILLISECOND);
  return `${time}-${last.toString(16).padStart(4, '0')}`;
}
