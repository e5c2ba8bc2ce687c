import type { UpdateRules } from '../spec/model.ts';
import type { NodeOutcome } from './walk.ts';
import {
  ChangeFailed,
  RunStopped,
  awaitInstanceHealthy,
  executeChange,
  stateOf,
  watchInstance,
} from './execute.ts';
import type { ActiveChange } from './instance-script.ts';
import type { RunContext } from './run-context.ts';

/** Counts what became of instances; one per run. */
export interface Tally {
  succeeded: number;
  failed: number;
  skipped: number;
}

/**
 * Places a component: all new instances at once, then checked as a whole (quorum systems start together), then the
 * existing ones in batches. A batch that fails stops the later ones.
 */
export async function placeComponent(
  changes: readonly ActiveChange[],
  rules: UpdateRules,
  run: RunContext,
  tally: Tally,
): Promise<NodeOutcome> {
  const installs = changes.filter((change) => change.action === 'install');
  const updates = changes.filter((change) => change.action === 'update');
  if (!(await runBatch(installs, 0, run, tally))) {
    skip(updates, 'new instances of its component failed', run, tally);
    return 'failed';
  }
  const batches = inBatches(updates, rules, componentSize(changes, run));
  for (const [number, batch] of batches.entries()) {
    const isLast = number === batches.length - 1;
    if (await runBatch(batch, isLast ? 0 : rules.watchSeconds * 1000, run, tally)) continue;
    const rest = batches.slice(number + 1).flat();
    skip(rest, 'an earlier batch of its component failed', run, tally);
    return 'failed';
  }
  return 'succeeded';
}

/** Takes off all instances at once. */
export async function removeInstances(
  changes: readonly ActiveChange[],
  run: RunContext,
  tally: Tally,
): Promise<NodeOutcome> {
  return (await runBatch(changes, 0, run, tally)) ? 'succeeded' : 'failed';
}

export function skip(changes: readonly ActiveChange[], because: string, run: RunContext, tally: Tally): void {
  for (const change of changes) {
    tally.skipped++;
    const host = run.host(change.host);
    host.remaining--;
    run.emit({ type: 'instance-skipped', instance: change.address, because });
  }
}

/** The share of `max_in_flight` counts the whole component, not only what changes. */
function componentSize(changes: readonly ActiveChange[], run: RunContext): number {
  const component = changes[0]?.component;
  return run.plan.changes.filter((change) => change.component === component && change.action !== 'remove')
    .length;
}

/** Canaries first, then batches of `max_in_flight`; at least one at a time. */
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

/**
 * Places all, checks all. An instance is looked at as soon as it is placed, but it has failed only when it is still not
 * healthy in the time its checks allow after the last of the batch was placed: peers may need each other. True when every
 * one succeeded.
 */
async function runBatch(
  batch: readonly ActiveChange[],
  watchMs: number,
  run: RunContext,
  tally: Tally,
): Promise<boolean> {
  let placing = batch.length;
  let announce: () => void = () => undefined;
  const allPlaced = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const onPlaced = (): void => {
    if (--placing === 0) announce();
  };
  const bringUp = async (change: ActiveChange): Promise<boolean> => {
    let startedAt = run.clock();
    let isPlaced = false;
    try {
      try {
        await executeChange(change, run, () => {
          startedAt = run.clock();
        });
        isPlaced = true;
      } finally {
        onPlaced();
      }
      await awaitHealthyTogether(change, run, () => placing === 0, allPlaced);
      if (watchMs > 0) await watchInstance(change, watchMs, run);
      if (change.action !== 'remove') {
        await run.journal.append({ type: 'outcome', instance: stateOf(change, run, 'installed') });
      }
      tally.succeeded++;
      run.emit({ type: 'instance-succeeded', instance: change.address, elapsedMs: run.clock() - startedAt });
      return true;
    } catch (error) {
      if (error instanceof RunStopped) {
        tally.skipped++;
        run.emit({ type: 'instance-skipped', instance: change.address, because: 'the run was stopped' });
        return false;
      }
      if (!(error instanceof ChangeFailed)) throw error;
      if (isPlaced) await run.journal.append({ type: 'outcome', instance: stateOf(change, run, 'failed') });
      tally.failed++;
      const elapsedMs = run.clock() - startedAt;
      run.emit({ type: 'instance-failed', instance: change.address, elapsedMs, failure: error.failure });
      return false;
    }
  };
  return (await Promise.all(batch.map(bringUp))).every((succeeded) => succeeded);
}

/** What is not healthy before its peers are placed gets its full time again once they are. */
async function awaitHealthyTogether(
  change: ActiveChange,
  run: RunContext,
  isWhole: () => boolean,
  whole: Promise<void>,
): Promise<void> {
  const wasWhole = isWhole();
  try {
    await awaitInstanceHealthy(change, run);
  } catch (error) {
    if (wasWhole || !(error instanceof ChangeFailed)) throw error;
    await whole;
    await awaitInstanceHealthy(change, run);
  }
}
