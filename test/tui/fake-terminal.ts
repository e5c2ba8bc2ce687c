import { PassThrough } from 'node:stream';

/** A terminal in memory: what is written goes to `onWrite`, keys come by `type`. */
export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly type: (keys: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Everything written so far. */
  readonly text: () => string;
  /** The lines of the alternate screen as they stand, without colours. */
  readonly screen: () => readonly string[];
}

export function fakeTerminal(columns: number, rows: number, onWrite?: (text: string) => void): FakeTerminal {
  const keyboard = new PassThrough();
  const stdin = Object.assign(keyboard, {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  let all = '';
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns, rows });
  stdout.write = ((text: string) => {
    all += text;
    onWrite?.(text);
    return true;
  }) as typeof stdout.write;
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    type: (keys) => void keyboard.write(keys),
    resize(newColumns, newRows) {
      Object.assign(stdout, { columns: newColumns, rows: newRows });
      stdout.emit('resize');
    },
    text: () => all,
    screen: () => linesOf(all),
  };
}

const ESC = '\u001b';

/** Knows what the painter writes: a line's place, its text, and clearing. */
function linesOf(written: string): readonly string[] {
  const lines: string[] = [];
  let current = 0;
  for (const piece of written.split(`${ESC}[2J`).at(-1)?.split(ESC) ?? []) {
    const place = /^\[(\d+);1H/.exec(piece);
    if (place !== null) lines[Number(place[1]) - 1] = '';
    const text = piece.replace(/^\[[0-9;?]*[A-Za-z]/, '');
    if (lines.length > 0 && !/^\[\?/.test(piece)) {
      const at = place === null ? current : Number(place[1]) - 1;
      lines[at] = (lines[at] ?? '') + text;
      current = at;
    }
  }
  return lines;
}

/** Waits until the condition holds; fails with what stands on the screen. */
export async function until(terminal: FakeTerminal, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never came:\n${terminal.screen().join('\n')}`);
}
