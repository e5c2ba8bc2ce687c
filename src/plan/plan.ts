import type { Facts } from '../host/facts.ts';
import type { HostLayout } from '../host/layout.ts';
import type { InstanceDeclaration, Requirements, UpdateRules } from '../spec/model.ts';
import type { DesiredResource, ResourceChange, ResourceRemoval } from '../resources/resource.ts';
import type { ComponentState, HostState, InstanceState, OutputState } from '../state/model.ts';

/** An instance as the spec wants it, with its resources decoded. */
export interface DesiredInstance {
  readonly declaration: InstanceDeclaration;
  readonly dir: string;
  readonly definitionDigest: string;
  readonly resources: readonly DesiredResource[];
  /** The component's `ignore_changes`. */
  readonly ignoreChanges: readonly string[];
  /** What its definition asks of the host. */
  readonly requires: Requirements;
  /** `slipway stop` was called for it: all is made as the spec wants, but its services stay down. Known from the state. */
  readonly stopped?: true;
}

/** What a plan does to one instance. */
export type InstanceChange =
  | {
      readonly action: 'install';
      readonly address: string;
      readonly component: string;
      readonly host: string;
      readonly desired: DesiredInstance;
      readonly resources: readonly ResourceChange[];
      readonly notes: readonly string[];
    }
  | {
      readonly action: 'update';
      readonly address: string;
      readonly component: string;
      readonly host: string;
      readonly desired: DesiredInstance;
      readonly prior: InstanceState;
      /** Its address before a `moved` block renamed it; null otherwise. */
      readonly movedFrom: string | null;
      readonly resources: readonly ResourceChange[];
      /** Resources that the definition no longer has, in the order of their removal. */
      readonly removals: readonly ResourceRemoval[];
      /** Why, in words: "input.port changed", "drifted: file edited on the host". */
      readonly notes: readonly string[];
    }
  | {
      readonly action: 'remove';
      readonly address: string;
      readonly component: string;
      readonly host: string;
      readonly prior: InstanceState;
      readonly removals: readonly ResourceRemoval[];
      readonly notes: readonly string[];
    }
  | {
      readonly action: 'none';
      readonly address: string;
      readonly component: string;
      readonly host: string;
      readonly desired: DesiredInstance;
      readonly prior: InstanceState;
      /** Only bookkeeping differs (definition digest, checks, endpoints): state is rewritten, no host is touched. */
      readonly bookkeeping: boolean;
    };

/** A component as the plan orders it. */
export interface PlannedComponent {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** What it depended on by state but not by the spec, as far as something of that goes now. */
  readonly dependedOn: readonly string[];
  readonly update: UpdateRules;
  /** What state will say of it; null: it goes. */
  readonly after: ComponentState | null;
}

/**
 * All changes, their order and their reasons. Made by `planChanges`, a pure function; executed by `apply`.
 */
export interface Plan {
  readonly lineage: string;
  /** Serial of the state it was made from; 0 when there was none. */
  readonly serial: number;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly specDigest: string;
  readonly mode: 'apply' | 'destroy';
  /** False after `--refresh=false`: hosts were not asked. */
  readonly refreshed: boolean;
  readonly hosts: ReadonlyMap<string, PlannedHost>;
  readonly components: ReadonlyMap<string, PlannedComponent>;
  /** Sorted by host, then by component order; removals last, in reverse. */
  readonly changes: readonly InstanceChange[];
  readonly outputs: ReadonlyMap<string, OutputState>;
  /** Not errors: kept directories, gaps on a port that changes hands, hosts left out. */
  readonly warnings: readonly string[];
}

export interface PlannedHost {
  readonly address: string;
  readonly name: string | null;
  /** What state will say of it. */
  readonly state: HostState;
  readonly layout: HostLayout;
  /** Of a host that was not asked, what state remembers; else 'systemd'. */
  readonly init: Facts['init'];
}

/** Totals for the last line of a plan. */
export interface PlanSummary {
  readonly install: number;
  readonly update: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly restarts: number;
}
