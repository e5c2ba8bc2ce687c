/** A bounded number of permits, given out in the order of asking. */
export interface Slots {
  /** Resolves with the function that gives the permit back. Rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<() => void>;
  /** The bound was too high: it becomes what is in use but for the caller's own. False: the caller's is the only one. */
  shrink(): boolean;
}

export function slots(limit: number): Slots {
  let bound = limit;
  let inUse = 0;
  const waiting: (() => void)[] = [];
  const take = (): (() => void) => {
    inUse++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      inUse--;
      if (inUse < bound) waiting.shift()?.();
    };
  };
  return {
    acquire(signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (inUse < bound && waiting.length === 0) return Promise.resolve(take());
      return new Promise((resolve, reject) => {
        const proceed = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve(take());
        };
        const abort = (): void => {
          waiting.splice(waiting.indexOf(proceed), 1);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', abort, { once: true });
        waiting.push(proceed);
      });
    },
    shrink() {
      bound = Math.max(1, Math.min(bound, inUse - 1));
      return inUse > 1;
    },
  };
}
