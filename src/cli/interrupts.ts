import { setMaxListeners } from 'node:events';
import { isatty } from 'node:tty';
import type { Interrupts } from './command.ts';

/** stdin, stdout, stderr. A terminal that was closed is none any more. */
const STREAMS = [0, 1, 2];

/**
 * Ctrl-C (and SIGTERM) by its count: the first stops gently, the second at once, the third ends the process. A terminal that
 * is closed stops gently, however often it says so; so does SIGHUP from elsewhere, where nothing can be reloaded.
 */
export function createInterrupts(): Interrupts {
  const stopping = new AbortController();
  const abort = new AbortController();
  // Every host and instance of a run listens.
  setMaxListeners(0, stopping.signal, abort.signal);
  const interrupt = (): void => {
    if (!stopping.signal.aborted) stopping.abort();
    else if (!abort.signal.aborted) abort.abort();
    else process.exit(130);
  };
  const terminals = STREAMS.filter((stream) => isatty(stream));
  let reload = (): void => stopping.abort();
  const hangUp = (): void => {
    const isClosed = terminals.some((stream) => !isatty(stream));
    if (isClosed) stopping.abort();
    else reload();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', hangUp);
  return {
    stopping: stopping.signal,
    abort: abort.signal,
    interrupt,
    onReload: (given) => (reload = given),
    dispose() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      process.off('SIGHUP', hangUp);
    },
  };
}
