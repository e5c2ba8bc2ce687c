import type { Diagnostic } from './types.ts';

/*
 * What the API answers about plans, as far as the page reads it. A test holds it against the server's own types
 * (test/page/plan/plan-types.test.ts).
 */

export interface PlanAnswer {
  /** Digest by which it is applied. */
  readonly plan: string;
  readonly does: 'apply' | 'destroy';
  readonly order: PlanOrder;
  /** Whether applying it would do anything. */
  readonly changes: boolean;
  readonly view: PlanView;
  /** Errors among them forbid to apply it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a plan is made for. */
export interface PlanOrder {
  readonly does: 'apply' | 'destroy';
  /** As typed: `nats`, `nats@10.0.0.1`, `@10.0.0.1`. */
  readonly targets?: readonly string[];
  readonly excludes?: readonly string[];
  readonly replace?: readonly string[];
  /** A version of the history to go back to, instead of the spec of today. */
  readonly version?: number;
}

export interface PlanView {
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly serial: number;
  readonly refreshed: boolean;
  readonly hosts: readonly PlanHost[];
  /** What goes before what: all that stands in one stage may happen at the same time. */
  readonly order: readonly PlanStage[];
  readonly stopped?: readonly string[];
  readonly warnings: readonly string[];
  readonly summary: PlanSummary;
}

export interface PlanSummary {
  readonly install: number;
  readonly update: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly restarts: number;
}

export interface PlanStage {
  readonly does: 'place' | 'remove';
  readonly components: readonly string[];
}

export interface PlanHost {
  readonly address: string;
  readonly name: string | null;
  readonly changes: readonly InstancePlan[];
  readonly unchanged: readonly string[];
}

export type InstanceAction = 'install' | 'update' | 'replace' | 'remove';

export interface InstancePlan {
  readonly address: string;
  readonly component: string;
  readonly action: InstanceAction;
  readonly movedFrom: string | null;
  readonly reasons: readonly string[];
  /** In the order of the work. */
  readonly resources: readonly ResourcePlan[];
  /** Resources that stay as they are. */
  readonly unchanged: number;
  readonly restarts: readonly RestartPlan[];
  readonly staysStopped?: true;
}

export interface RestartPlan {
  readonly service: string;
  readonly how: 'restart' | 'reload';
  readonly because: string;
}

export type ResourceAction =
  'create' | 'adopt' | 'update' | 'replace' | 'start' | 'restart' | 'reload' | 'stop' | 'run' | 'remove';

export interface ResourcePlan {
  readonly address: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly action: ResourceAction;
  readonly attributes: readonly AttributePlan[];
  readonly diff: string | null;
  readonly content: string | null;
  readonly reason: string | null;
  readonly fate: ResourceFate | null;
  readonly conflict: string | null;
}

/** What becomes of the thing on the host. */
export type ResourceFate =
  | { readonly fate: 'deleted' | 'restored' | 'gone' }
  | {
      readonly fate: 'kept';
      readonly why: 'adopted' | 'shared' | 'on_remove';
      readonly entries: number | null;
      readonly bytes: number | null;
    };

export interface AttributePlan {
  readonly name: string;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  readonly sensitive: boolean;
}
export type AttributeValue = string | number | boolean | null;
