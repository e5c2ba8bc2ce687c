import { setMaxListeners } from 'node:events';
import type { Interrupts } from './command.ts';

/**
 * Ctrl-C (and SIGTERM) by its count: the first stops gently, the second at once, the third ends the process. A terminal that
 * is closed stops gently, however often it says so.
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
  const hangUp = (): void => stopping.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', hangUp);
  return {
    stopping: stopping.signal,
    abort: abort.signal,
    interrupt,
    dispose() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      process.off('SIGHUP', hangUp);
    },
  };
}
