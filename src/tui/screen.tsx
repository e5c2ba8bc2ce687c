import { Box, render, Text, useInput } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ScreenSize } from './frame.ts';
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
const ENTER = '\u001b[?1049h\u001b[H';
const LEAVE = '\u001b[?1049l';

/** Takes over the whole terminal, beside what stands in its history, and draws pictures there. */
export function openScreen(picture: Picture, { stdin, stdout }: ScreenOptions): Screen {
  const frames = createFrames(picture, stdout);
  const leave = (): void => void stdout.write(LEAVE);
  stdout.write(ENTER);
  // Even when we fall over, the terminal is not left in the other screen.
  process.once('exit', leave);
  const ink = render(
    <Frames
      frames={frames}
      onPress={(press) => {
        picture.press(press, sizeOf(stdout));
        frames.changed();
      }}
    />,
    {
      stdin,
      stdout,
      exitOnCtrlC: false,
      maxFps: FRAMES_PER_SECOND,
      incrementalRendering: true,
    },
  );
  stdout.on('resize', frames.changed);
  return {
    redraw: frames.changed,
    async close() {
      stdout.off('resize', frames.changed);
      frames.stop();
      ink.unmount();
      await ink.waitUntilExit();
      process.off('exit', leave);
      leave();
    },
  };
}

/** One line stays free: a frame as high as the terminal would make Ink clear it each time, which flickers. */
export function sizeOf(stdout: NodeJS.WriteStream): ScreenSize {
  return { columns: Math.max(20, stdout.columns || 80), rows: Math.max(6, (stdout.rows || 24) - 1) };
}

interface Frames {
  readonly subscribe: (listener: () => void) => () => void;
  readonly current: () => string;
  /** Makes a new frame soon; many changes make one. */
  readonly changed: () => void;
  readonly stop: () => void;
}

function createFrames(picture: Picture, stdout: NodeJS.WriteStream): Frames {
  const listeners = new Set<() => void>();
  let frame = picture.frame(sizeOf(stdout)).join('\n');
  let timer: NodeJS.Timeout | null = null;
  let drawnAt = -Infinity;
  const draw = (): void => {
    timer = null;
    drawnAt = performance.now();
    frame = picture.frame(sizeOf(stdout)).join('\n');
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => frame,
    changed() {
      const waitMs = Math.max(0, drawnAt + 1000 / FRAMES_PER_SECOND - performance.now());
      timer ??= setTimeout(draw, waitMs);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function Frames({
  frames,
  onPress,
}: {
  readonly frames: Frames;
  readonly onPress: (press: Press) => void;
}): React.JSX.Element {
  const frame = useSyncExternalStore(frames.subscribe, frames.current);
  useInput((input, key) => {
    for (const press of pressesOf(input, key)) onPress(press);
  });
  return (
    <Box>
      <Text wrap="truncate-end">{frame}</Text>
    </Box>
  );
}
