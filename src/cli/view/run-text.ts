import type { RunEvent } from '../../apply/events.ts';

export interface RunTextOptions {
  readonly color: boolean;
  /** Columns; lines of the run are not wrapped, its summary is. Default 80. */
  readonly width?: number;
  /** Tells of every resource and passes on what scripts print. */
  readonly verbose?: boolean;
}

/** A run in plain lines, for places that are no terminal; `out` gets each line without its end. Ends with a summary. */
export function createRunTextView(
  _out: (line: string) => void,
  _options: RunTextOptions,
): (event: RunEvent) => void {
  throw new Error('not there yet');
}
