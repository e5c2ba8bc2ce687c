/** Final frame, text, not masked (RFC 6455, 5.2). */
const TEXT_FRAME = 0x81;

/** Each line as a text message of a WebSocket, as a server sends them, one after another. */
export function textFrames(lines: readonly string[]): Buffer {
  const sizes = lines.map((line) => Buffer.byteLength(line));
  const frames = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + headSize(size) + size, 0));
  let at = 0;
  for (const [i, line] of lines.entries()) {
    const size = sizes[i] ?? 0;
    frames[at] = TEXT_FRAME;
    if (size < 126) frames[at + 1] = size;
    else if (size < 65_536) {
      frames[at + 1] = 126;
      frames.writeUInt16BE(size, at + 2);
    } else {
      frames[at + 1] = 127;
      frames.writeBigUInt64BE(BigInt(size), at + 2);
    }
    at += headSize(size);
    at += frames.write(line, at);
  }
  return frames;
}

function headSize(size: number): number {
  return size < 126 ? 2 : size < 65_536 ? 4 : 10;
}
