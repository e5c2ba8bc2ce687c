import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { FactsValue } from './facts.ts';
import type {
  Cluster,
  HostDeclaration,
  InstanceAddress,
  InstanceDeclaration,
  PriorPlacement,
} from './model.ts';
import type { Value } from './value.ts';
import type { Workspace } from './workspace.ts';

export interface ClusterOptions {
  /** What state knows, keyed by instance address after the workspace's `moves`. */
  readonly placements: ReadonlyMap<InstanceAddress, PriorPlacement>;
  /** Directory of a new instance; null while it needs facts that are not known. Never asked where a placement has one. */
  instanceDir(component: string, host: HostDeclaration, facts: FactsValue | null): string | null;
  /** Digest of a text that must not be known, for the spec's digest and the digests of inputs. */
  hmac(text: string): string;
}

export interface OutputValue {
  /** Never `Sensitive` itself; may hold `Unknown` when a variable is missing. */
  readonly value: Value;
  readonly sensitive: boolean;
  readonly description: string;
}

export interface InstanceEvaluation {
  readonly instance: InstanceDeclaration;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ClusterEvaluation {
  readonly cluster: Cluster;
  /** Every instance of the spec: components in dependency order, then by index. */
  readonly instances: readonly InstanceAddress[];
  /** One instance with its resources. `facts` is null until its host was probed: what needs them is then `Unknown`, and `unknowns` says so. */
  evaluateInstance(address: InstanceAddress, facts: FactsValue | null): InstanceEvaluation;
  readonly outputs: ReadonlyMap<string, OutputValue>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Evaluates the spec with the values of its variables. A variable without a value counts as unknown: components placed by it
 * are left out, so that `validate` needs no values. Instances are evaluated on demand by `evaluateInstance`.
 */
export function evaluateCluster(
  _workspace: Workspace,
  _variables: ReadonlyMap<string, Value>,
  _options: ClusterOptions,
): ClusterEvaluation {
  throw new Error('not there yet');
}
