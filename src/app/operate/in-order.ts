import { createSemaphore } from '../../apply/semaphore.ts';

/** What one producer may be ahead by; then it waits for its turn. */
const AHEAD_BYTES = 256 * 1024;

/**
 * Runs producers side by side, so many at a time in their order, and passes on what they give as if they ran one after the other.
 * What a producer gives is waited for, so that none runs far ahead; the first that rejects ends it all.
 */
export async function inOrder<T>(
  producers: readonly ((give: (item: T) => Promise<void>) => Promise<void>)[],
  { parallelism, sizeOf }: { readonly parallelism: number; readonly sizeOf: (item: T) => number },
  out: (item: T) => void | Promise<void>,
): Promise<void> {
  const semaphore = createSemaphore(parallelism);
  let turn: Promise<void> = Promise.resolve();
  const all = producers.map((produce) => {
    const before = turn;
    let isTurn = false;
    let held: T[] = [];
    let bytes = 0;
    const begins = before.then(() => void (isTurn = true));
    begins.catch(() => undefined);
    const release = async (): Promise<void> => {
      const items = held;
      held = [];
      bytes = 0;
      for (const item of items) await out(item);
    };
    const running = semaphore.run(() =>
      produce(async (item) => {
        held.push(item);
        bytes += sizeOf(item);
        if (!isTurn && bytes > AHEAD_BYTES) await begins;
        if (isTurn) await release();
      }),
    );
    turn = Promise.all([begins, running]).then(release);
    turn.catch(() => undefined);
    return turn;
  });
  await Promise.all(all);
}
