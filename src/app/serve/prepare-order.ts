import path from 'node:path';
import type { RunOutcome } from '../../apply/events.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import type { PlanView } from '../../plan/view.ts';
import type { PowerAction } from '../../resources/service-power.ts';
import type { VariableArgument } from '../../spec/variables.ts';
import { prepareChange, type ChangeRequest } from '../change-cluster.ts';
import { openRollback, type Rollback } from '../operate/rollback.ts';
import { preparePower } from '../operate/power.ts';
import type { PlanFile } from '../plan-file.ts';
import type { Ports } from '../ports.ts';
import { loadProject } from '../project.ts';
import type { RecordedRunRequest } from '../recorded-run.ts';
import type { AwaitedOrder, PlanOrder, RunEnd } from './run-desk.ts';

/** What orders are prepared with. */
export interface OrderSetting {
  readonly directory: string;
  readonly variables: readonly VariableArgument[];
  readonly ports: Ports;
  readonly run: string;
  readonly stopping: AbortSignal;
  readonly abort: AbortSignal;
}

type Watching = Pick<RecordedRunRequest, 'onEvent' | 'onLogs'>;

/** An order that is ready to be carried out, under the state's lock; `close` must be called whatever happens. */
export interface PreparedOrder {
  readonly run: (watching: Watching) => Promise<Pick<RunEnd, 'outcome' | 'counts'>>;
  readonly close: () => Promise<void>;
}

export interface PreparedPlanOrder extends PreparedOrder {
  readonly view: PlanView;
  readonly diagnostics: readonly Diagnostic[];
}

/** Hosts that are started, stopped or restarted at the same time. */
const POWER_PARALLELISM = 64;

/** One try that is over before a client's ten seconds are. */
const AWAITED = { connectAttempts: 1, connectTimeoutMs: 7_000 };

/** As the run's summary and the history name it. */
export function operationOf({ does, version }: PlanOrder): string {
  return version === undefined ? does : `rollback to ${version}`;
}

/** Loads the spec, takes the state's lock, plans. Throws `DiagnosticsError`, `StateError`. */
export async function preparePlanOrder(
  order: AwaitedOrder,
  operation: string,
  shown: Pick<PlanFile, 'view' | 'digest'> | null,
  { directory, variables, ports, run, stopping, abort }: OrderSetting,
): Promise<PreparedPlanOrder> {
  let older: Rollback | null = null;
  try {
    if (order.version !== undefined) older = await openRollback(directory, order.version, variables, ports);
    const loaded = await loadProject(directory, variables, ports, null, order.does, older?.source);
    const project = { ...loaded, warnings: [...loaded.warnings, ...(older?.warnings ?? [])] };
    const store = older?.store ?? ports.store(path.resolve(directory, project.workspace.state.path));
    const { targets = [], excludes = [], replace = [] } = order;
    const request: ChangeRequest = {
      mode: order.does,
      targets,
      excludes,
      replace,
      refresh: true,
      parallelism: null,
      run,
      operation,
      lockTimeoutMs: 0,
      stopping,
      ...(order.isAwaited === true ? AWAITED : {}),
      ...(shown === null ? {} : { shown, newLineage: shown.view.lineage }),
    };
    const prepared = await prepareChange(project, store, request, ports);
    return {
      view: prepared.view,
      diagnostics: prepared.diagnostics,
      run: (watching) => prepared.run({ ...watching, stopping, abort }),
      async close() {
        await prepared.close();
        await older?.dispose();
      },
    };
  } catch (error) {
    await older?.dispose();
    throw error;
  }
}

/** Takes the state's lock and finds what is to be started, stopped or restarted. Throws `DiagnosticsError`, `StateError`. */
export async function preparePowerOrder(
  action: PowerAction,
  selectors: readonly string[],
  { directory, variables, ports, run, stopping, abort }: OrderSetting,
): Promise<PreparedOrder> {
  const request = { run, variables, action, selectors, lockTimeoutMs: 0, stopping, signal: abort };
  const prepared = await preparePower(directory, request, ports);
  const { components, skipped } = prepared.plan;
  if (components.length === 0 && skipped.length === 0) {
    await prepared.close();
    const detail =
      selectors.length === 0 ? 'Nothing is placed.' : `No instance matches ${selectors.join(', ')}.`;
    throw new DiagnosticsError([runError('Nothing is selected', detail)]);
  }
  const nothing = { outcome: 'succeeded' as RunOutcome, counts: { succeeded: 0, failed: 0, skipped: 0 } };
  return {
    run: async (watching) =>
      components.length === 0
        ? nothing
        : prepared.run({ ...watching, run, operation: action, stopping, abort }, POWER_PARALLELISM),
    close: prepared.close,
  };
}
