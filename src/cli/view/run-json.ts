import type { RunEvent } from '../../apply/events.ts';

/** A run as JSON lines: one `RunEvent` each. */
export function createRunJsonView(out: (line: string) => void): (event: RunEvent) => void {
  return (event) => out(JSON.stringify(event));
}
