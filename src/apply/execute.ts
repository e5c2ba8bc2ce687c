import { unreachable } from '../diagnostics/unreachable.ts';
import { renameInstance } from '../host/record.ts';
import type { KindContext } from '../resources/resource.ts';
import { instanceState } from '../plan/instance-state.ts';
import type { InstanceState, InstanceStatus } from '../state/model.ts';
import { ChangeFailed, describeFailure, RunStopped } from './failure.ts';
import { currentFates, exclusively, recordAfter, type HostWork } from './host-work.ts';
import { recordNotes, withNotes, type RecordNotes } from './record-notes.ts';
import { instanceScript, type ActiveChange, type InstanceWork } from './instance-script.ts';
import type { RunContext } from './run-context.ts';
import { runScriptOn } from './run-script.ts';
import type { Task } from './task.ts';

/** A change as a task of its run. What stays stopped is not checked. */
export function changeTask(change: ActiveChange, run: RunContext): Task {
  const { address, component, host } = change;
  const isUp = change.action !== 'remove' && change.desired.stopped !== true;
  return {
    address,
    component,
    host,
    checks: isUp ? change.desired.declaration.checks : [],
    execute: (onStarted) => executeChange(change, run, onStarted),
    after: (checks) =>
      change.action === 'remove' ? null : stateOf(change, run, checks === 'healthy' ? 'installed' : 'failed'),
  };
}

/**
 * Carries out one change on its host: intent, script, outcome. Waits its turn on the host and for one of the run's
 * slots. Does not check the instance. Throws `ChangeFailed` or `RunStopped`.
 */
async function executeChange(change: ActiveChange, run: RunContext, onStarted: () => void): Promise<void> {
  const host = run.host(change.host);
  await exclusively(host, () =>
    run.slots.run(async () => {
      if (run.stopping.aborted) throw new RunStopped();
      onStarted();
      run.emit({ type: 'instance-started', instance: change.address });
      const context = contextOf(change, run);
      if (change.action === 'update' && change.movedFrom !== null) {
        await run.journal.append({
          type: 'renamed',
          from: change.movedFrom,
          instance: stateOf(change, run, 'incomplete'),
        });
      }
      await run.journal.append({
        type: 'intent',
        change: change.action,
        instance: stateOf(change, run, 'incomplete'),
      });
      if (change.action === 'update' && change.movedFrom !== null && host.observation !== null) {
        // Its script begins with the rename.
        const record = renameInstance(
          host.observation.record,
          run.plan.lineage,
          change.movedFrom,
          change.address,
        );
        host.observation = { ...host.observation, record };
      }
      try {
        await runOnHost(change, host, context, run);
      } catch (error) {
        const failure = describeFailure(error, change.address, run);
        await run.journal.append({ type: 'outcome', instance: stateOf(change, run, 'failed') });
        throw new ChangeFailed(failure);
      }
      if (host.observation !== null) {
        const record = recordAfter(host.observation.record, change, context);
        const noted = withNotes(record, change.component, notesOf(change, run), {
          lineage: context.lineage,
          run: run.id,
        });
        host.observation = { ...host.observation, record: change.action === 'remove' ? record : noted };
      }
      if (change.action === 'remove') await run.journal.append({ type: 'removed', address: change.address });
    }),
  );
}

function contextOf(change: ActiveChange, run: RunContext): KindContext {
  const planned = run.plan.hosts.get(change.host);
  if (planned === undefined) throw new Error(`the plan does not know host ${change.host}`);
  const { init, layout } = planned;
  return {
    lineage: run.plan.lineage,
    instance: change.address,
    init,
    layout,
    triggersDigest: '',
    soleBlobs: run.host(change.host).soleBlobs,
    hmac: run.hmac,
  };
}

/** What state says of the instance of a change, in the given status. */
function stateOf(change: ActiveChange, run: RunContext, status: InstanceStatus): InstanceState {
  if (change.action === 'remove') return { ...change.prior, status: 'removing', run: run.id };
  const after = instanceState(change.desired, {
    status,
    run: run.id,
    specVersion: run.plan.specVersion,
    context: contextOf(change, run),
  });
  if (change.action !== 'update' || status === 'installed') return after;
  // Until it is done, what it had before must stay known too: a later removal has to find it.
  const keys = new Set(after.resources.map((resource) => resource.key));
  return {
    ...after,
    resources: [...change.prior.resources.filter((r) => !keys.has(r.key)), ...after.resources],
  };
}

async function runOnHost(
  change: ActiveChange,
  host: HostWork,
  context: KindContext,
  run: RunContext,
): Promise<void> {
  host.remaining--;
  const work = workOf(change, host, context, run);
  if (work !== null) await runScriptOn(host, change.address, work, run);
}

function workOf(
  change: ActiveChange,
  host: HostWork,
  context: KindContext,
  run: RunContext,
): InstanceWork | null {
  const record = host.observation?.record ?? null;
  switch (change.action) {
    case 'remove': {
      const removals = currentFates(change.removals, host.observation, context);
      return instanceScript({ ...change, removals }, null, record, context);
    }
    case 'update': {
      const removals = currentFates(change.removals, host.observation, context);
      const after = stateOf(change, run, 'installed');
      return instanceScript({ ...change, removals }, after, record, context, notesOf(change, run));
    }
    case 'install':
      return instanceScript(change, stateOf(change, run, 'installed'), record, context, notesOf(change, run));
    default:
      return unreachable(change);
  }
}

function notesOf(change: ActiveChange, run: RunContext): RecordNotes {
  return recordNotes(run.plan, change.component, run.totals);
}
