import type { RunEvent } from '../apply/events.ts';
import { createRunReport, runSummary } from '../terminal/run-report.ts';
import { paintLine } from '../terminal/style.ts';
import { reduceRun } from './reducer.ts';
import { FIRST_CONTROLS, followWork, pressRun, type RunControls } from './run-controls.ts';
import { EMPTY_RUN, type RunModel } from './run-model.ts';
import { runRoom, runScreen } from './run-screen.ts';
import { sizeOf } from './painter.ts';
import { openScreen, type Picture, type ScreenOptions } from './screen.tsx';

export interface RunViewOptions extends ScreenOptions {
  /** Ctrl-C was pressed: the keyboard is read raw, so no signal comes. */
  readonly onInterrupt: () => void;
}

export interface RunView {
  onEvent(event: RunEvent): void;
  /** Gives the screen back and leaves the run's summary on it. */
  finish(): Promise<void>;
}

/** Events that wait for the next frame; more are folded at once, so that a flood of output takes no memory. */
const MOST_PENDING = 5000;
const TICK_MS = 1000;

/** Shows a run live on the whole screen. */
export function startRunView({ stdin, stdout, color, onInterrupt }: RunViewOptions): RunView {
  const picture = createRunPicture({ color, onInterrupt, clock: Date.now });
  const summary = createRunReport();
  const screen = openScreen(picture, { stdin, stdout, color });
  // Elapsed times go on even when nothing else happens.
  const tick = setInterval(screen.redraw, TICK_MS);
  return {
    onEvent(event) {
      summary.onEvent(event);
      picture.take(event);
      screen.redraw();
    },
    async finish() {
      clearInterval(tick);
      await screen.close();
      const report = summary.report();
      if (report === null) return;
      const lines = runSummary(report, sizeOf(stdout).columns);
      stdout.write(lines.map((line) => `${paintLine(line, color)}\n`).join(''));
    },
  };
}

/** The live run without its terminal: events and keys in, frames out. */
export function createRunPicture(options: {
  readonly color: boolean;
  readonly onInterrupt: () => void;
  readonly clock: () => number;
}): Picture & { take(event: RunEvent): void } {
  const pending: RunEvent[] = [];
  let model: RunModel = EMPTY_RUN;
  let controls: RunControls = FIRST_CONTROLS;
  const fold = (): void => {
    model = reduceRun(model, pending);
    pending.length = 0;
  };
  return {
    take(event) {
      pending.push(event);
      if (pending.length >= MOST_PENDING) fold();
    },
    frame(size) {
      fold();
      controls = followWork(controls, model, runRoom(model, controls, size));
      return runScreen(model, controls, size, options.clock(), options.color);
    },
    press(press, size) {
      if (press === 'ctrl-c') return options.onInterrupt();
      controls = pressRun(controls, press, model, runRoom(model, controls, size));
    },
  };
}
