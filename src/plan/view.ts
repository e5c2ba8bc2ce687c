import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ResourceRemoval } from '../resources/resource.ts';
import type { ResourceKindName } from '../spec/model.ts';
import type { Plan, PlanSummary } from './plan.ts';
import { instanceView, staysStopped } from './view-instance.ts';
import { applyOrder } from './view-order.ts';

export { planDigest } from './view-digest.ts';

/**
 * A plan as people and other programs see it: JSON-serialisable, versioned, and without any secret. The one source of
 * `--json`, plan files, the HTTP API, the text and the terminal view.
 */
export interface PlanView {
  readonly format: 1;
  readonly mode: 'apply' | 'destroy';
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly lineage: string;
  readonly serial: number;
  readonly specDigest: string;
  /** False after `--refresh=false`: hosts were not asked. */
  readonly refreshed: boolean;
  /** Every host of the plan, in its order. */
  readonly hosts: readonly HostView[];
  /** What goes before what: all that stands in one stage may happen at the same time. */
  readonly order: readonly StageView[];
  /** Addresses of the instances that stay stopped, changed or not; absent without any. */
  readonly stopped?: readonly string[];
  readonly warnings: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly summary: PlanSummary;
}

export interface StageView {
  readonly does: 'place' | 'remove';
  readonly components: readonly string[];
}

export interface HostView {
  readonly address: string;
  readonly name: string | null;
  readonly changes: readonly InstanceView[];
  /** Addresses of the instances that stay as they are. */
  readonly unchanged: readonly string[];
}

/** `replace`: everything off and on again. */
export type InstanceAction = 'install' | 'update' | 'replace' | 'remove';

export interface InstanceView {
  readonly address: string;
  readonly component: string;
  readonly action: InstanceAction;
  readonly movedFrom: string | null;
  /** In words: "input.port changed". */
  readonly reasons: readonly string[];
  /** In the order of the work; those that stay as they are stand only in `unchanged`. */
  readonly resources: readonly ResourceView[];
  /** Resources that stay as they are. */
  readonly unchanged: number;
  readonly restarts: readonly RestartView[];
  /** It was stopped with `slipway stop`, and stays so. */
  readonly staysStopped?: true;
}

export type ResourceAction =
  'create' | 'adopt' | 'update' | 'replace' | 'start' | 'restart' | 'reload' | 'stop' | 'run' | 'remove';

export interface ResourceView {
  readonly address: string;
  readonly kind: ResourceKindName;
  /** What it is on the host: a path, or the name of a package, user, group or service; null for a script. */
  readonly subject: string | null;
  readonly action: ResourceAction;
  readonly attributes: readonly AttributeView[];
  /** Unified diff of a text file, null where there is none to show. */
  readonly diff: string | null;
  /** Text of a new file; null where it is sensitive, binary or large. */
  readonly content: string | null;
  /** In words; null where the action says it all. */
  readonly reason: string | null;
  /** What becomes of the thing on the host; null unless it is removed or replaced. */
  readonly fate: ResourceRemoval['fate'] | null;
  /** What stands in the way, in words: applying would fail on it. */
  readonly conflict: string | null;
}

/** Values are null where they are sensitive, and `before` where there is none. */
export interface AttributeView {
  readonly name: string;
  readonly before: AttributeValueView;
  readonly after: AttributeValueView;
  readonly sensitive: boolean;
}
export type AttributeValueView = string | number | boolean | null;

export interface RestartView {
  readonly service: string;
  readonly how: 'restart' | 'reload';
  /** In words: "file.config changes". */
  readonly because: string;
}

/** The view of a plan. Instances that stay as they are stand only by their addresses. */
export function planView(plan: Plan, diagnostics: readonly Diagnostic[]): PlanView {
  const hosts = new Map<string, { changes: InstanceView[]; unchanged: string[] }>();
  const stopped = plan.changes.filter(staysStopped).map((change) => change.address);
  const counts = { install: 0, update: 0, replace: 0, remove: 0, unchanged: 0, restarts: 0 };
  for (const change of plan.changes) {
    let host = hosts.get(change.host);
    if (host === undefined) hosts.set(change.host, (host = { changes: [], unchanged: [] }));
    if (change.action === 'none') {
      host.unchanged.push(change.address);
      counts.unchanged++;
      continue;
    }
    const view = instanceView(change, plan.mode);
    host.changes.push(view);
    counts[view.action]++;
    counts.restarts += view.restarts.filter((restart) => restart.how === 'restart').length;
  }
  const { replace, ...summary } = counts;
  return {
    format: 1,
    mode: plan.mode,
    cluster: plan.cluster,
    specVersion: plan.specVersion,
    lineage: plan.lineage,
    serial: plan.serial,
    specDigest: plan.specDigest,
    refreshed: plan.refreshed,
    hosts: [...hosts].map(([address, host]) => ({
      address,
      name: plan.hosts.get(address)?.name ?? null,
      ...host,
    })),
    order: applyOrder(plan),
    ...(stopped.length === 0 ? {} : { stopped }),
    warnings: plan.warnings,
    diagnostics,
    summary: { ...summary, update: summary.update + replace },
  };
}

/** Whether applying would do anything at all. */
export function hasChanges({ summary }: PlanView): boolean {
  return summary.install + summary.update + summary.remove > 0;
}
