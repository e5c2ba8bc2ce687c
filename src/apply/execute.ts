import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '../diagnostics/unreachable.ts';
import { awaitHealthy } from '../host/check.ts';
import { HostError } from '../host/connection.ts';
import { renameInstance } from '../host/record.ts';
import type { ScriptEvent, ScriptOutcome } from '../host/script.ts';
import type { KindContext } from '../resources/resource.ts';
import { instanceState } from '../plan/instance-state.ts';
import type { InstanceState, InstanceStatus } from '../state/model.ts';
import type { Failure } from './events.ts';
import { currentFates, exclusively, recordAfter, type HostWork } from './host-work.ts';
import { recordNotes, withNotes, type RecordNotes } from './record-notes.ts';
import { instanceScript, type ActiveChange, type InstanceWork } from './instance-script.ts';
import type { RunContext } from './run-context.ts';

/** A change that did not come off; what others see of it is `failure`. */
export class ChangeFailed extends Error {
  override readonly name = 'ChangeFailed';
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** Nothing new is started any more. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/** A script that vanished (reboot, killed) is started again so often; its steps pass over what is done. */
const VANISHED_RETRIES = 2;

/**
 * Carries out one change on its host: intent, script, outcome. Waits its turn on the host and for one of the run's
 * slots. Does not check the instance. Throws `ChangeFailed` or `RunStopped`.
 */
export async function executeChange(
  change: ActiveChange,
  run: RunContext,
  onStarted: () => void,
): Promise<void> {
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
        const failure = describeFailure(error, change, run);
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
export function stateOf(change: ActiveChange, run: RunContext, status: InstanceStatus): InstanceState {
  if (change.action === 'remove') {
    return { ...change.prior, status: status === 'installed' ? 'removing' : status, run: run.id };
  }
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
  if (work === null) return;
  for (let attempt = 0; ; attempt++) {
    const outcome = await host.session.run(work.script, {
      blobs: work.blobs,
      release: host.remaining === 0,
      onEvent: (event) => relay(event, change.address, run),
      onUpload: (sent, total) =>
        run.emit({
          type: 'instance-activity',
          instance: change.address,
          activity: 'uploading',
          detail: total === 0 ? '' : `${Math.floor((100 * sent) / total)} %`,
        }),
      signal: run.abort,
    });
    if (outcome.outcome === 'succeeded') return;
    if (outcome.outcome !== 'vanished' || attempt >= VANISHED_RETRIES) throw new ScriptFailed(outcome);
    run.emit({
      type: 'instance-activity',
      instance: change.address,
      activity: 'retrying',
      detail: 'its script vanished (was the host rebooted?)',
    });
  }
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
  return recordNotes(run.plan, change.component, run.deployment);
}

class ScriptFailed extends Error {
  constructor(readonly outcome: Exclude<ScriptOutcome, { outcome: 'succeeded' }>) {
    super(outcome.outcome);
  }
}

function relay(event: ScriptEvent, instance: string, run: RunContext): void {
  switch (event.type) {
    case 'step-started':
      run.emit({ type: 'resource-started', instance, resource: event.step });
      return;
    case 'step-finished':
      run.emit({ type: 'resource-finished', instance, resource: event.step });
      return;
    case 'output':
      run.emit({ type: 'output', instance, resource: event.step, line: event.line });
      return;
    default:
      unreachable(event);
  }
}

function describeFailure(error: unknown, change: ActiveChange, run: RunContext): Failure {
  const logPath = run.logPathOf(change.address);
  if (error instanceof ScriptFailed) return { ...wordOutcome(error.outcome), logPath };
  if (error instanceof HostError) {
    return { resource: null, message: error.message, remedy: error.remedy, lastLines: [], logPath };
  }
  if (run.abort.aborted) {
    const message = 'given up on request; what was started on the host goes on to its end';
    return {
      resource: null,
      message,
      remedy: 'The next apply verifies it and completes what is missing.',
      lastLines: [],
      logPath,
    };
  }
  if (error instanceof Error)
    return { resource: null, message: error.message, remedy: '', lastLines: [], logPath };
  return { resource: null, message: String(error), remedy: '', lastLines: [], logPath };
}

function wordOutcome(outcome: ScriptFailed['outcome']): Omit<Failure, 'logPath'> {
  const remedy = 'The next apply verifies it again and completes what is missing.';
  switch (outcome.outcome) {
    case 'failed':
      return {
        resource: outcome.step,
        message: outcome.message === '' ? `ended with code ${outcome.code}` : outcome.message,
        remedy,
        lastLines: outcome.lastLines,
      };
    case 'vanished':
      return {
        resource: outcome.step,
        message: 'its script was killed before it ended',
        remedy,
        lastLines: outcome.lastLines,
      };
    case 'fenced':
      return {
        resource: null,
        message: `the host's lock was taken over by ${outcome.holder}`,
        remedy: 'Plan again when the other run is done.',
        lastLines: [],
      };
    default:
      return unreachable(outcome);
  }
}

/** Waits until every check of an instance is healthy. Throws `ChangeFailed` with the reason of the first that is not. */
export async function awaitInstanceHealthy(change: ActiveChange, run: RunContext): Promise<void> {
  if (change.action === 'remove') return;
  const { checks } = change.desired.declaration;
  const session = run.host(change.host).session;
  for (const check of checks) {
    run.emit({
      type: 'instance-activity',
      instance: change.address,
      activity: 'checking',
      detail: check.name,
    });
    const result = await awaitHealthy(() => session.connection(), check.target, {
      intervalMs: check.intervalMs,
      timeoutMs: check.timeoutMs,
      signal: run.abort,
    }).catch((error: unknown) => ({
      healthy: false as const,
      why: error instanceof Error ? error.message : String(error),
    }));
    if (result.healthy) continue;
    throw new ChangeFailed({
      resource: `check.${check.name}`,
      message: `not healthy after ${Math.round(check.timeoutMs / 1000)} s: ${result.why}`,
      remedy: 'Look at its log on the host; the next apply checks it again.',
      lastLines: [],
      logPath: run.logPathOf(change.address),
    });
  }
}

/** Keeps looking for so long: an instance that falls ill in that time has failed. */
export async function watchInstance(change: ActiveChange, watchMs: number, run: RunContext): Promise<void> {
  const until = run.clock() + watchMs;
  while (run.clock() < until && !run.stopping.aborted) {
    const left = Math.ceil((until - run.clock()) / 1000);
    run.emit({
      type: 'instance-activity',
      instance: change.address,
      activity: 'watching',
      detail: `${left} s left`,
    });
    await sleep(Math.min(1000, until - run.clock()), undefined, { signal: run.abort }).catch(() => undefined);
    await awaitInstanceHealthy(change, run);
  }
}
