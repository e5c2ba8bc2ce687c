import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** How long somebody may give no sign of being there. */
export interface Patience {
  /** After so long without reading anything of what waits for it, or without answering a ping, a connection is given up. */
  readonly silenceMs: number;
  /** So often a WebSocket for which nothing waits is asked; those in between give up what says nothing for a minute. */
  readonly pingMs: number;
}

export const PATIENCE: Patience = { silenceMs: 5 * 60_000, pingMs: 30_000 };

/** Breaks an answer off that nobody reads. One that is slow in coming, or in being read, goes on. */
export function giveUpUnread(response: ServerResponse, { silenceMs }: Patience): void {
  // Node begins to count anew with each piece that is written or read.
  response.setTimeout(silenceMs, () => {
    const { socket } = response;
    if (socket !== null && socket.writableLength > 0) socket.destroy();
  });
}

/** Ends a WebSocket whose other end gives no sign any more: no pong, no message, and nothing is read of what waits. */
export function giveUpSilent(socket: WebSocket, stream: Socket, { silenceMs, pingMs }: Patience): void {
  let signAt = performance.now();
  let taken = 0;
  const sign = (): void => void (signAt = performance.now());
  const timer = setInterval(() => {
    const waiting = stream.writableLength;
    const takenNow = stream.bytesWritten - waiting;
    if (waiting > 0 && takenNow > taken) sign();
    taken = takenNow;
    if (performance.now() - signAt > silenceMs) socket.terminate();
    else if (waiting === 0) socket.ping();
  }, pingMs);
  socket.on('pong', sign);
  socket.on('message', sign);
  socket.once('close', () => clearInterval(timer));
}
