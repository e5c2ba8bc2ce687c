import { render, Text, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ScreenSize } from './frame.ts';
import { createPainter, sizeOf } from './painter.ts';
import { pressesOf, type Press } from './presses.ts';

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly color: boolean;
}

/** What is drawn: a source of frames that takes keys. */
export interface Picture {
  frame(size: ScreenSize): readonly string[];
  press(press: Press, size: ScreenSize): void;
}

export interface Screen {
  /** The picture has changed: it is drawn within a tenth of a second. */
  redraw(): void;
  /** Gives back the screen that was there before. */
  close(): Promise<void>;
}

export const FRAMES_PER_SECOND = 10;

/** Takes over the whole terminal, beside what stands in its history, and draws pictures there. */
export function openScreen(picture: Picture, { stdin, stdout }: ScreenOptions): Screen {
  const painter = createPainter(stdout);
  const frames = createFrames(() => picture.frame(sizeOf(stdout)));
  const press = (key: Press): void => {
    picture.press(key, sizeOf(stdout));
    frames.changed();
  };
  // Ink erases and writes every line of every frame, and takes 40 ms to lay out one of 200x50 coloured characters. So it
  // lays out no more than the number of a frame, `debug` has it hand that over at once, and the frame itself is painted.
  const ink = render(<FrameView frames={frames} onPress={press} />, {
    stdin,
    stdout: paintingStream(stdout, () => painter.paint(frames.lines())),
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const resized = (): void => {
    painter.forget();
    frames.changed();
  };
  stdout.on('resize', resized);
  return {
    redraw: frames.changed,
    async close() {
      stdout.off('resize', resized);
      frames.stop();
      painter.leave();
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}

/** The part of a terminal that Ink uses; each write to it paints. */
function paintingStream(stdout: NodeJS.WriteStream, paint: () => void): NodeJS.WriteStream {
  const stream = {
    get columns() {
      return sizeOf(stdout).columns;
    },
    get rows() {
      return sizeOf(stdout).rows;
    },
    isTTY: true,
    write(text: string, ...rest: readonly unknown[]) {
      // At its end Ink writes nothing, to hear when all before it is out.
      if (text !== '') paint();
      const written = rest.find((item) => typeof item === 'function');
      if (written !== undefined) queueMicrotask(written as () => void);
      return true;
    },
    on: () => stream,
    off: () => stream,
  };
  return stream as unknown as NodeJS.WriteStream;
}

interface Frames {
  readonly subscribe: (listener: () => void) => () => void;
  /** Number of the frame. */
  readonly current: () => number;
  readonly lines: () => readonly string[];
  /** Makes a new frame soon; many changes make one. */
  readonly changed: () => void;
  readonly stop: () => void;
}

function createFrames(draw: () => readonly string[]): Frames {
  const listeners = new Set<() => void>();
  let lines = draw();
  let number = 1;
  let timer: NodeJS.Timeout | null = null;
  let drawnAt = -Infinity;
  const drawNow = (): void => {
    timer = null;
    drawnAt = performance.now();
    lines = draw();
    number++;
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => number,
    lines: () => lines,
    changed() {
      const waitMs = Math.max(0, drawnAt + 1000 / FRAMES_PER_SECOND - performance.now());
      timer ??= setTimeout(drawNow, waitMs);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

function FrameView({
  frames,
  onPress,
}: {
  readonly frames: Frames;
  readonly onPress: (press: Press) => void;
}): React.JSX.Element {
  const number = useSyncExternalStore(frames.subscribe, frames.current);
  useInput((input, key) => {
    for (const press of pressesOf(input, key)) onPress(press);
  });
  return <Text>{number}</Text>;
}
