import type { RunEvent } from '../apply/events.ts';

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly color: boolean;
}

export interface RunViewOptions extends ScreenOptions {
  /** Ctrl-C was pressed: the keyboard is read raw, so no signal comes. */
  readonly onInterrupt: () => void;
}

export interface RunView {
  onEvent(event: RunEvent): void;
  /** Gives the screen back and leaves the run's summary on it. */
  finish(): Promise<void>;
}

/** Shows a run live on the whole screen. */
export function startRunView(_options: RunViewOptions): RunView {
  throw new Error('not there yet');
}
