import { Graph } from '@dagrejs/graphlib';
import { HostError } from '../host/connection.ts';
import { recordField } from '../host/record-codec.ts';
import type { ScriptStep } from '../host/script.ts';
import type { SessionScript } from '../host/session.ts';
import { sh } from '../host/sh.ts';
import type { PowerComponent, PowerPlan, PowerWork } from '../plan/power-plan.ts';
import { powerFunctions, servicePowerBody, type PowerAction } from '../resources/service-power.ts';
import { encodeInstance } from '../state/codec.ts';
import type { InstanceState } from '../state/model.ts';
import { runBatch, runInBatches, skip, type Tally } from './batch.ts';
import { conductRun, type RunDependencies, type RunResult } from './conduct.ts';
import { ChangeFailed, describeFailure, NotReached, RunStopped } from './failure.ts';
import { exclusively, type HostTurn } from './host-work.ts';
import type { Remedies, Run } from './run-context.ts';
import { runScriptOn } from './run-script.ts';
import { maskProgress } from './secret-mask.ts';
import { createSemaphore } from './semaphore.ts';
import type { Task } from './task.ts';
import { walk, type NodeOutcome } from './walk.ts';

const REMEDIES: Remedies = {
  failed: 'Run the command again once the cause is gone: what is done already is passed over.',
  abandoned: 'Run the command again: what is done by then is passed over.',
  unhealthy: 'Look at its log on the host.',
};

/**
 * Starts, stops or restarts instances in the order of their plan, as parallel as that allows: a start and a stop takes all
 * instances of a component at once, a restart goes in the batches of its `update` rules. What depends on a component
 * waits for its checks. A component that fails skips those that come after it; a host that cannot be reached does not
 * hold up a stop. Rejects only for faults of our own (a journal that cannot be written).
 */
export async function runPower(plan: PowerPlan, dependencies: RunDependencies): Promise<RunResult> {
  const { action } = plan;
  const all = plan.components.flatMap(({ work }) => work);
  const planned = all.map(({ address, component, host }) => ({ instance: address, component, host, action }));
  const masked = maskProgress(dependencies.secrets ?? [], []);
  return conductRun(planned, dependencies, masked, async (emit, tally) => {
    const run: Run = {
      id: dependencies.run,
      journal: dependencies.journal,
      slots: createSemaphore(dependencies.parallelism),
      host: hostTurns(all, dependencies.sessionOf),
      emit,
      clock: dependencies.clock,
      stopping: dependencies.stopping,
      abort: dependencies.abort,
      logPathOf: dependencies.logPathOf,
      remedies: REMEDIES,
    };
    const components = new Map(plan.components.map((component) => [component.name, component]));
    await walk(graphOf(plan), (name, unmet) => {
      const component = components.get(name);
      if (component === undefined) throw new Error(`no such component: ${name}`);
      return visit(component, unmet, action, run, tally);
    });
  });
}

function graphOf({ components }: PowerPlan): Graph {
  const graph = new Graph();
  for (const { name } of components) graph.setNode(name);
  for (const { name, after } of components) for (const other of after) graph.setEdge(other, name);
  return graph;
}

function hostTurns(
  work: readonly PowerWork[],
  sessionOf: RunDependencies['sessionOf'],
): (address: string) => HostTurn {
  const turns = new Map<string, HostTurn>();
  for (const { host } of work) {
    const known = turns.get(host);
    if (known !== undefined) known.remaining++;
    else turns.set(host, { session: sessionOf(host), remaining: 1, queue: Promise.resolve() });
  }
  return (address) => {
    const turn = turns.get(address);
    if (turn === undefined) throw new Error(`the run does not touch host ${address}`);
    return turn;
  };
}

async function visit(
  { work, update, size }: PowerComponent,
  unmet: readonly string[],
  action: PowerAction,
  run: Run,
  tally: Tally,
): Promise<NodeOutcome> {
  if (unmet.length > 0) {
    const names = unmet.join(', ');
    const because =
      action === 'stop'
        ? `${names} may need it and ${unmet.length === 1 ? 'was' : 'were'} not stopped`
        : `it needs ${names}, which did not succeed`;
    skip(work, because, run, tally);
    return 'skipped';
  }
  const tasks = work.map((item) => powerTask(item, action, run));
  if (action === 'restart')
    return (await runInBatches(tasks, update, size, run, tally)) ? 'succeeded' : 'failed';
  const results = await runBatch(tasks, 0, run, tally);
  // What runs on a machine that is off, or out of reach, is no reason to leave all it needs running.
  const isDone = results.every(
    (result) => result === 'succeeded' || (action === 'stop' && result === 'not-reached'),
  );
  return isDone ? 'succeeded' : 'failed';
}

function powerTask(work: PowerWork, action: PowerAction, run: Run): Task {
  const { address, component, host, prior } = work;
  return {
    address,
    component,
    host,
    checks: action === 'stop' ? [] : prior.checks,
    execute: (onStarted) => executePower(work, action, run, onStarted),
    after: () => null,
  };
}

/**
 * Nothing is written down before the host was reached. From then on state says what is wanted, whatever becomes of it: the
 * next apply finds what is missing.
 */
async function executePower(
  work: PowerWork,
  action: PowerAction,
  run: Run,
  onStarted: () => void,
): Promise<void> {
  const host = run.host(work.host);
  await exclusively(host, () =>
    run.slots.run(async () => {
      if (run.stopping.aborted) throw new RunStopped();
      onStarted();
      run.emit({ type: 'instance-started', instance: work.address });
      host.remaining--;
      await host.session.connection().catch((error: unknown) => {
        const failure = describeFailure(error, work.address, run);
        const isAway = error instanceof HostError && error.transient;
        throw isAway ? new NotReached(failure) : new ChangeFailed(failure);
      });
      const instance = poweredState(work.prior, action, run.id);
      await run.journal.append({ type: 'intent', change: action, instance });
      try {
        await runScriptOn(
          host,
          work.address,
          { script: powerScript(work, action, instance), blobs: [] },
          run,
        );
      } catch (error) {
        throw new ChangeFailed(describeFailure(error, work.address, run));
      } finally {
        await run.journal.append({ type: 'outcome', instance });
      }
    }),
  );
}

/** What state says of an instance from then on: what is installed stays as it was known. */
function poweredState(prior: InstanceState, action: PowerAction, run: string): InstanceState {
  const { stopped, ...rest } = prior;
  const isStopped = action === 'stop' || (action === 'restart' && stopped === true);
  return { ...rest, ...(isStopped ? { stopped: true } : {}), run };
}

/** The host's record first learns what is wanted, then the services follow one after another. */
function powerScript(work: PowerWork, action: PowerAction, instance: InstanceState): SessionScript {
  const line = `record_instance ${sh(recordField(work.address), recordField(encodeInstance(instance)))}`;
  const steps: ScriptStep[] = work.services.map(({ resource, service }) => ({
    id: resource,
    body: servicePowerBody(service, action),
  }));
  return {
    instance: work.address,
    functions: powerFunctions(new Set(work.services.map(({ service }) => service.driver))),
    steps: [{ id: 'record', body: line }, ...steps],
    secrets: new Map(),
  };
}
