import type { HostObservation } from '../host/observation.ts';
import type { Journal } from '../state/store.ts';
import { instanceState } from '../plan/instance-state.ts';
import type { Plan, PlannedHost } from '../plan/plan.ts';
import type { RunTotals } from './record-notes.ts';
import { buildRunGraph, type RunNode } from '../plan/run-graph.ts';
import { skip, type Tally } from './batch.ts';
import { conductRun, type RunDependencies, type RunResult } from './conduct.ts';
import type { PlannedWork } from './events.ts';
import type { HostWork } from './host-work.ts';
import type { ActiveChange } from './instance-script.ts';
import { placeComponent, removeInstances } from './rollout.ts';
import type { Remedies, RunContext } from './run-context.ts';
import { maskProgress } from './secret-mask.ts';
import { createSemaphore } from './semaphore.ts';
import { soleBlobs } from './sole-blobs.ts';
import { walk, type NodeOutcome } from './walk.ts';

/** What the run of a plan needs from outside. */
export interface ApplyDependencies extends RunDependencies {
  readonly observations: ReadonlyMap<string, HostObservation>;
  readonly hmac: (text: string) => string;
  /** Counts of the cluster once this run came off; kept on the hosts. Default: the first deployment. */
  readonly totals?: RunTotals;
}

const REMEDIES: Remedies = {
  failed: 'The next apply verifies it again and completes what is missing.',
  abandoned: 'The next apply verifies it and completes what is missing.',
  unhealthy: 'Look at its log on the host; the next apply checks it again.',
};

/**
 * Executes a plan: in dependency order, as parallel as the graph allows. A failed instance skips what depends on it;
 * everything independent goes on. Rejects only for faults of our own (a journal that cannot be written).
 */
export async function apply(plan: Plan, dependencies: ApplyDependencies): Promise<RunResult> {
  const active = plan.changes.filter((change): change is ActiveChange => change.action !== 'none');
  const { journal, secrets = [] } = dependencies;
  const masked = maskProgress(secrets, active);
  return conductRun(active.map(plannedWork), dependencies, masked, async (emit, tally) => {
    const run: RunContext = {
      id: dependencies.run,
      plan,
      totals: dependencies.totals ?? { deployments: 1 },
      journal,
      slots: createSemaphore(dependencies.parallelism),
      host: hostWorks(active, dependencies),
      emit,
      clock: dependencies.clock,
      stopping: dependencies.stopping,
      abort: dependencies.abort,
      hmac: dependencies.hmac,
      logPathOf: dependencies.logPathOf,
      remedies: REMEDIES,
    };
    const { graph, nodes, gaps } = buildRunGraph(plan);
    for (const gap of gaps) emit({ type: 'warning', message: gap });
    await journalBookkeeping(plan, journal, dependencies.hmac);
    await walk(graph, (name, unmet) => visit(nodeNamed(nodes, name), unmet, run, tally));
    await journal.append({ type: 'outputs', outputs: plan.outputs });
  });
}

async function visit(
  node: RunNode,
  unmet: readonly string[],
  run: RunContext,
  tally: Tally,
): Promise<NodeOutcome> {
  if (unmet.length > 0) {
    const reason = unmet.map((need) => need.replace(/^(place|remove|release) /, '')).join(', ');
    skip(node.changes, `it needs ${reason}, which did not succeed`, run, tally);
    return 'skipped';
  }
  if (node.changes.length === 0) return 'succeeded';
  switch (node.does) {
    case 'place': {
      const rules = run.plan.components.get(node.component)?.update;
      if (rules === undefined) throw new Error(`the plan does not know component ${node.component}`);
      return placeComponent(node.changes, rules, run, tally);
    }
    case 'remove':
    case 'release':
      return removeInstances(node.changes, run, tally);
  }
}

function nodeNamed(nodes: ReadonlyMap<string, RunNode>, name: string): RunNode {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`no such node: ${name}`);
  return node;
}

function hostWorks(
  active: readonly ActiveChange[],
  { sessionOf, observations }: ApplyDependencies,
): (address: string) => HostWork {
  const hosts = new Map<string, HostWork>();
  const sole = soleBlobs(active);
  for (const { host } of active) {
    const known = hosts.get(host);
    if (known !== undefined) known.remaining++;
    else {
      const observation = observations.get(host) ?? null;
      hosts.set(host, {
        session: sessionOf(host),
        observation,
        soleBlobs: sole.get(host) ?? new Set(),
        remaining: 1,
        queue: Promise.resolve(),
      });
    }
  }
  return (address) => {
    const host = hosts.get(address);
    if (host === undefined) throw new Error(`the run does not touch host ${address}`);
    return host;
  };
}

function plannedWork(change: ActiveChange): PlannedWork {
  const { address, component, host, action } = change;
  return { instance: address, component, host, action };
}

/** Hosts and components are known to state before their first instance is; so a killed run can be cleaned up. */
async function journalBookkeeping(
  plan: Plan,
  journal: Journal,
  hmac: (text: string) => string,
): Promise<void> {
  const entries: Promise<void>[] = [];
  for (const host of plan.hosts.values()) {
    entries.push(journal.append({ type: 'host', address: host.address, host: host.state }));
  }
  for (const component of plan.components.values()) {
    if (component.after === null) continue;
    entries.push(journal.append({ type: 'component', name: component.name, component: component.after }));
  }
  for (const change of plan.changes) {
    if (change.action !== 'none' || !change.bookkeeping) continue;
    const { init, layout } = planned(plan, change.host);
    const context = { lineage: plan.lineage, instance: change.address, init, layout, hmac };
    const { run, specVersion } = change.prior;
    const instance = instanceState(change.desired, { status: 'installed', run, specVersion, context });
    entries.push(journal.append({ type: 'outcome', instance }));
  }
  await Promise.all(entries);
}

function planned(plan: Plan, host: string): PlannedHost {
  const found = plan.hosts.get(host);
  if (found === undefined) throw new Error(`the plan does not know host ${host}`);
  return found;
}
