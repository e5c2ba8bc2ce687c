/** Longest line that is passed on; what is beyond is cut off. */
export const MAX_LINE_BYTES = 64 * 1024;
const CUT = Buffer.from(' [cut]');
const NEWLINE = 10;

/** Bytes in, lines out: without their newlines, a partial one held back, only the beginning of one that is too long. */
export interface LineSplitter {
  feed(bytes: Buffer): readonly Buffer[];
  /** What is held of a line that has no end yet, and forgets it; null: nothing. */
  flush(): Buffer | null;
}

export function createLineSplitter(maxBytes = MAX_LINE_BYTES): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tooLong = false;

  const take = (): Buffer => {
    const line = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
    const whole = tooLong ? Buffer.concat([line, CUT]) : line;
    held = [];
    heldBytes = 0;
    tooLong = false;
    return whole;
  };
  const hold = (bytes: Buffer): void => {
    const room = maxBytes - CUT.length - heldBytes;
    if (bytes.length > room) tooLong = true;
    if (room <= 0 || bytes.length === 0) return;
    // A copy: what it is part of may be large.
    const piece = Buffer.from(bytes.subarray(0, room));
    held.push(piece);
    heldBytes += piece.length;
  };

  return {
    feed(bytes) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
        hold(bytes.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      if (from < bytes.length) hold(bytes.subarray(from));
      return lines;
    },
    flush: () => (heldBytes === 0 ? null : take()),
  };
}
