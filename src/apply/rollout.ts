import type { UpdateRules } from '../spec/model.ts';
import { allSucceeded, runBatch, runInBatches, skip, type Tally } from './batch.ts';
import { changeTask } from './execute.ts';
import type { ActiveChange } from './instance-script.ts';
import type { RunContext } from './run-context.ts';
import type { NodeOutcome } from './walk.ts';

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
  if (!allSucceeded(await runBatch(installs.map(taskOf(run)), 0, run, tally))) {
    skip(updates, 'new instances of its component failed', run, tally);
    return 'failed';
  }
  const size = componentSize(changes, run);
  return (await runInBatches(updates.map(taskOf(run)), rules, size, run, tally)) ? 'succeeded' : 'failed';
}

/** Takes off all instances at once. */
export async function removeInstances(
  changes: readonly ActiveChange[],
  run: RunContext,
  tally: Tally,
): Promise<NodeOutcome> {
  return allSucceeded(await runBatch(changes.map(taskOf(run)), 0, run, tally)) ? 'succeeded' : 'failed';
}

const taskOf = (run: RunContext) => (change: ActiveChange) => changeTask(change, run);

/** The share of `max_in_flight` counts the whole component, not only what changes. */
function componentSize(changes: readonly ActiveChange[], run: RunContext): number {
  const component = changes[0]?.component;
  return run.plan.changes.filter((change) => change.component === component && change.action !== 'remove')
    .length;
}
