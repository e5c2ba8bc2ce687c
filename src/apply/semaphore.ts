/** Lets so many at a time through, first come first served. */
export interface Semaphore {
  /** Runs `work` once there is room; room is given back whatever becomes of it. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSemaphore(limit: number): Semaphore {
  let free = limit;
  const waiting: (() => void)[] = [];
  let head = 0;
  return {
    async run(work) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting[head];
        if (next === undefined) {
          free++;
          waiting.length = 0;
          head = 0;
        } else {
          head++;
          next();
        }
      }
    },
  };
}
