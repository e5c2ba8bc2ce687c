import type { HostObservation } from '../host/observation.ts';
import type { HostLayout } from '../host/layout.ts';
import type { Cluster } from '../spec/model.ts';
import type { OutputState, State } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';
import type { Scope } from './scope.ts';

/** All that a plan is made from. */
export interface PlanInput {
  readonly mode: 'apply' | 'destroy';
  readonly lineage: string;
  /** null: nothing was ever applied. */
  readonly state: State | null;
  /** Instances whose last run was killed or failed in the middle: nothing recorded of them is trusted. */
  readonly unfinished: ReadonlySet<string>;
  /** null when destroying. */
  readonly cluster: Cluster | null;
  /** By instance address. Empty when destroying. */
  readonly desired: ReadonlyMap<string, DesiredInstance>;
  /** By host; a host in scope that is absent was not asked (`--refresh=false`). */
  readonly observations: ReadonlyMap<string, HostObservation>;
  readonly refreshed: boolean;
  readonly layouts: ReadonlyMap<string, HostLayout>;
  readonly scope: Scope;
  readonly outputs: ReadonlyMap<string, OutputState>;
  readonly hmac: (text: string) => string;
}
