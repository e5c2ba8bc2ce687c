import type { UpdateRules } from '../spec/model.ts';
import { ChangeFailed, NotReached, RunStopped } from './failure.ts';
import { awaitTaskHealthy, watchTask } from './health.ts';
import type { Run } from './run-context.ts';
import type { Task } from './task.ts';

/** Counts what became of instances; one per run. */
export interface Tally {
  succeeded: number;
  failed: number;
  skipped: number;
}

/** What became of one task of a batch. */
export type TaskResult = 'succeeded' | 'failed' | 'not-reached' | 'stopped';

export function allSucceeded(results: readonly TaskResult[]): boolean {
  return results.every((result) => result === 'succeeded');
}

/** Passes over what was planned, and says why. */
export function skip(
  work: readonly { readonly address: string; readonly host: string }[],
  because: string,
  run: Run,
  tally: Tally,
): void {
  for (const { address, host } of work) {
    tally.skipped++;
    run.host(host).remaining--;
    run.emit({ type: 'instance-skipped', instance: address, because });
  }
}

/** Canaries first, then batches of `max_in_flight`, a share of which counts the `size` of the component; at least one at a time. */
export function inBatches<T>(
  items: readonly T[],
  rules: UpdateRules,
  size: number,
): readonly (readonly T[])[] {
  const { unit, amount } = rules.maxInFlight;
  const width = Math.max(1, unit === 'instances' ? amount : Math.floor((size * amount) / 100));
  const batches: T[][] = [];
  let next = Math.min(rules.canaries, items.length);
  if (next > 0) batches.push(items.slice(0, next));
  for (; next < items.length; next += width) batches.push(items.slice(next, next + width));
  return batches;
}

/** Does batch after batch, each watched before the next; one that fails stops the later ones. */
export async function runInBatches(
  tasks: readonly Task[],
  rules: UpdateRules,
  size: number,
  run: Run,
  tally: Tally,
): Promise<boolean> {
  const batches = inBatches(tasks, rules, size);
  for (const [number, batch] of batches.entries()) {
    const isLast = number === batches.length - 1;
    if (allSucceeded(await runBatch(batch, isLast ? 0 : rules.watchSeconds * 1000, run, tally))) continue;
    skip(batches.slice(number + 1).flat(), 'an earlier batch of its component failed', run, tally);
    return false;
  }
  return true;
}

/**
 * Does all, checks all. An instance is looked at as soon as its work is done, but it has failed only when it is still not
 * healthy in the time its checks allow after the last of the batch was done: peers may need each other.
 */
export async function runBatch(
  batch: readonly Task[],
  watchMs: number,
  run: Run,
  tally: Tally,
): Promise<readonly TaskResult[]> {
  let placing = batch.length;
  let announce: () => void = () => undefined;
  const allPlaced = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const onPlaced = (): void => {
    if (--placing === 0) announce();
  };
  const bringUp = async (task: Task): Promise<TaskResult> => {
    const instance = task.address;
    let startedAt = run.clock();
    let isPlaced = false;
    try {
      try {
        await task.execute(() => {
          startedAt = run.clock();
        });
        isPlaced = true;
      } finally {
        onPlaced();
      }
      await awaitHealthyTogether(task, run, () => placing === 0, allPlaced);
      if (watchMs > 0) await watchTask(task, watchMs, run);
      await tellOutcome(task, 'healthy', run);
      tally.succeeded++;
      run.emit({ type: 'instance-succeeded', instance, elapsedMs: run.clock() - startedAt });
      return 'succeeded';
    } catch (error) {
      if (error instanceof RunStopped) {
        tally.skipped++;
        run.emit({ type: 'instance-skipped', instance, because: 'the run was stopped' });
        return 'stopped';
      }
      if (!(error instanceof ChangeFailed)) throw error;
      if (isPlaced) await tellOutcome(task, 'failed', run);
      tally.failed++;
      const elapsedMs = run.clock() - startedAt;
      run.emit({ type: 'instance-failed', instance, elapsedMs, failure: error.failure });
      return error instanceof NotReached ? 'not-reached' : 'failed';
    }
  };
  return Promise.all(batch.map(bringUp));
}

async function tellOutcome(task: Task, checks: 'healthy' | 'failed', run: Run): Promise<void> {
  const instance = task.after(checks);
  if (instance !== null) await run.journal.append({ type: 'outcome', instance });
}

/** What is not healthy before its peers are placed gets its full time again once they are. */
async function awaitHealthyTogether(
  task: Task,
  run: Run,
  isWhole: () => boolean,
  whole: Promise<void>,
): Promise<void> {
  const wasWhole = isWhole();
  try {
    await awaitTaskHealthy(task, run);
  } catch (error) {
    if (wasWhole || !(error instanceof ChangeFailed)) throw error;
    await whole;
    await awaitTaskHealthy(task, run);
  }
}
