import type { Duplex } from 'node:stream';

/**
 * What is written to the socket in one turn of the event loop leaves in one system call. ssh2 writes packet by packet, which
 * costs a tenth of an upload's time.
 */
export function batchWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
