import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { DiagnosticsError, runError, throwOnErrors } from '../../diagnostics/diagnostic.ts';
import { planDigest } from '../../plan/view.ts';
import type { VariableArgument } from '../../spec/variables.ts';
import type { Ports } from '../ports.ts';
import { newRunId } from '../run-id.ts';
import { deferred, feedRun, type RunFeed } from './live-run.ts';
import { operationOf, preparePlanOrder, preparePowerOrder, type PreparedOrder } from './prepare-order.ts';
import {
  DeskBusy,
  type DeskPlan,
  type LiveRun,
  type PlanOrder,
  type RunDesk,
  type RunOrder,
} from './run-desk.ts';

/** Plans and runs that are remembered. */
const REMEMBERED = 20;
const NO_COUNTS = { succeeded: 0, failed: 0, skipped: 0 };

/** The desk of a working directory. `variables` are those the process was started with. */
export function openRunDesk(
  directory: string,
  variables: readonly VariableArgument[],
  ports: Ports,
): RunDesk {
  const plans = new Map<string, DeskPlan>();
  const runs = new Map<string, LiveRun>();
  let current: LiveRun | null = null;
  let latest: LiveRun | null = null;
  let ending = false;
  let asked = deferred<void>();
  /** Plans and runs of this process wait for each other; another process's lock is told at once. */
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const refuse = (): void => {
    if (ending) throw new DeskBusy(null, '');
    if (current !== null) throw new DeskBusy(current.id, current.operation);
  };
  const kept = (digest: string): DeskPlan => {
    const plan = plans.get(digest);
    if (plan !== undefined) return plan;
    const detail = `It was never made here, or ${REMEMBERED} later ones were. Make a plan anew.`;
    throw new DiagnosticsError([runError('There is no such plan', detail)]);
  };

  /** Everything from the preparation to the end of one run; never rejects. `begun` settles when it has begun, or will not. */
  async function carryOut(
    prepare: () => Promise<PreparedOrder>,
    feed: RunFeed,
    begun: { readonly resolve: () => void; readonly reject: (reason: unknown) => void },
  ): Promise<void> {
    const { id } = feed.run;
    let prepared: PreparedOrder | null = null;
    try {
      prepared = await prepare();
      const { outcome, counts } = await prepared.run({
        onEvent(event) {
          feed.emit(event);
          if (event.type === 'run-started') begun.resolve();
        },
        onLogs: feed.logsAre,
      });
      await prepared.close();
      current = null;
      feed.end({ run: id, outcome, counts, problem: null });
      begun.resolve();
    } catch (problem) {
      const outcome = feed.run.phase() === 'preparing' ? 'refused' : 'failed';
      await prepared?.close().catch(() => undefined);
      current = null;
      feed.end({ run: id, outcome, counts: NO_COUNTS, problem });
      begun.reject(problem);
    }
  }

  return {
    current: () => current,
    latest: () => latest,
    find: (id) => runs.get(id) ?? null,
    planned: (digest) => plans.get(digest) ?? null,

    async plan(order, signal) {
      refuse();
      return inTurn(async () => {
        refuse();
        const stopping = signal ?? new AbortController().signal;
        // Every host listens.
        setMaxListeners(0, stopping);
        const run = newRunId(ports.clock());
        const setting = { directory, variables, ports, run, stopping, abort: stopping };
        const prepared = await preparePlanOrder(order, 'plan', null, setting);
        await prepared.close();
        const { view, diagnostics } = prepared;
        const plan: DeskPlan = { digest: digestOf(order, view), order, view, diagnostics };
        remember(plans, plan.digest, plan);
        return plan;
      });
    },

    async begin(order: RunOrder) {
      refuse();
      const shown = order.does === 'planned' ? kept(order.plan) : null;
      if (shown !== null) throwOnErrors(shown.diagnostics);
      const does = order.does === 'planned' ? (shown?.order.does ?? 'apply') : order.does;
      const planOrder = shown?.order ?? (isPlanOrder(order) ? order : null);
      const operation = planOrder === null ? does : operationOf(planOrder);
      const [stopping, abort] = [new AbortController(), new AbortController()];
      // Every host and instance of a run listens.
      setMaxListeners(0, stopping.signal, abort.signal);
      const id = newRunId(ports.clock());
      const feed = feedRun(
        {
          id,
          does,
          operation,
          startedAt: ports.clock(),
          cancel(mode) {
            stopping.abort();
            if (mode === 'now') abort.abort();
          },
        },
        ports.clock,
      );
      const setting = {
        directory,
        variables,
        ports,
        run: id,
        stopping: stopping.signal,
        abort: abort.signal,
      };
      const prepare = (): Promise<PreparedOrder> => {
        if (planOrder !== null) {
          const approved = shown === null ? null : { view: shown.view, digest: planDigest(shown.view) };
          return preparePlanOrder(planOrder, operation, approved, setting);
        }
        if (order.does !== 'start' && order.does !== 'stop' && order.does !== 'restart')
          throw new Error(`order ${order.does} was not read`);
        return preparePowerOrder(order.does, order.selectors, setting);
      };
      current = latest = feed.run;
      remember(runs, id, feed.run);
      const news = asked;
      asked = deferred();
      news.resolve();
      const begun = deferred<void>();
      void inTurn(() => carryOut(prepare, feed, begun));
      await begun.promise;
      return feed.run;
    },

    async stop(mode) {
      ending = true;
      current?.cancel(mode);
      await current?.done;
      await turn;
    },

    async *runs(signal) {
      let last: LiveRun | null = null;
      const aborted = deferred<void>();
      const abort = (): void => aborted.resolve();
      signal?.addEventListener('abort', abort);
      try {
        while (signal?.aborted !== true) {
          const news = asked.promise;
          const known = [...runs.values()];
          const next: LiveRun | null | undefined = last === null ? latest : known[known.indexOf(last) + 1];
          if (next === null || next === undefined) await Promise.race([news, aborted.promise]);
          else yield (last = next);
        }
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
  };
}

function isPlanOrder(order: RunOrder): order is PlanOrder {
  return order.does === 'apply' || order.does === 'destroy';
}

function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  const [oldest] = all.keys();
  if (all.size > REMEMBERED && oldest !== undefined) all.delete(oldest);
}

/** Of all that a plan is approved with: what it does, from which state and spec, and what was asked for. */
function digestOf(order: PlanOrder, view: DeskPlan['view']): string {
  const { does, targets = [], excludes = [], replace = [], version = null } = order;
  const asked = [does, targets, excludes, replace, version, view.serial, view.specDigest, planDigest(view)];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}
