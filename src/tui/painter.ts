import type { ScreenSize } from './frame.ts';

const ESC = '\u001b';
/** Alternate screen, cursor hidden. */
const ENTER = `${ESC}[?1049h${ESC}[?25l${ESC}[2J`;
const LEAVE = `${ESC}[?25h${ESC}[?1049l`;
/** Synchronized output: terminals that know it show a frame at once, others ignore it. */
const BEGIN = `${ESC}[?2026h`;
const END = `${ESC}[?2026l`;

/** Paints frames on the alternate screen; only lines that changed are sent. */
export interface Painter {
  paint(frame: readonly string[]): void;
  /** The next frame is painted whole: the terminal was resized. */
  forget(): void;
  leave(): void;
}

export function createPainter(stdout: NodeJS.WriteStream): Painter {
  let painted: readonly string[] | null = null;
  let open = true;
  stdout.write(ENTER);
  const leave = (): void => {
    if (!open) return;
    open = false;
    process.off('exit', leave);
    stdout.write(LEAVE);
  };
  // Even when we fall over, the terminal is not left in the other screen.
  process.once('exit', leave);
  return {
    paint(frame) {
      if (!open) return;
      const lines = frame.slice(0, sizeOf(stdout).rows);
      const before = painted ?? [];
      let out = painted === null ? `${ESC}[2J` : '';
      for (let at = 0; at < Math.max(lines.length, before.length); at++) {
        if (painted !== null && lines[at] === before[at]) continue;
        out += `${ESC}[${at + 1};1H${lines[at] ?? ''}${ESC}[0m${ESC}[K`;
      }
      painted = lines;
      if (out !== '') stdout.write(BEGIN + out + END);
    },
    forget() {
      painted = null;
    },
    leave,
  };
}

export function sizeOf(stdout: NodeJS.WriteStream): ScreenSize {
  return { columns: Math.max(20, stdout.columns || 80), rows: Math.max(6, stdout.rows || 24) };
}
