/** What a look at the cluster found; what `status` prints, `status --watch` draws and the API answers. JSON-serialisable. */
export interface ClusterReport {
  readonly format: 1;
  /** Milliseconds since 1970 by the controller's clock. */
  readonly time: number;
  readonly cluster: string | null;
  /** By component and index. */
  readonly instances: readonly InstanceReport[];
  /** By address. */
  readonly hosts: readonly HostReport[];
}

/**
 * - `running`: its services run, its checks are healthy, nothing drifted
 * - `stopped`: none of its services runs; `stoppedByUser` tells whether that is wanted
 * - `failed`: a service has failed, is being started again and again, or only some of its services run
 * - `degraded`: its services run, but a check fails
 * - `drifted`: it runs, but something slipway put there was changed
 * - `unreachable`: its host could not be asked
 */
export type InstanceCondition = 'running' | 'stopped' | 'failed' | 'degraded' | 'drifted' | 'unreachable';

export interface InstanceReport {
  /** `nats@10.10.101.182` */
  readonly address: string;
  readonly component: string;
  readonly host: string;
  readonly index: number;
  readonly condition: InstanceCondition;
  /** Stopped by `slipway stop`: it stays so until `slipway start`. */
  readonly stoppedByUser: boolean;
  /** Why it is not simply running, in a sentence: the failing check, the failed unit, what drifted; null when it runs. */
  readonly detail: string | null;
  /** Milliseconds since 1970 by the host's clock since when it is in this condition, as far as the host tells. */
  readonly sinceMs: number | null;
  /** Of its package, else the spec's version at its last change. */
  readonly version: string | null;
  /** Of one processor: 200 is two processors busy. null: not known. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  /** Of its host's memory. */
  readonly memoryPercent: number | null;
  /** How often its services were started again by the host, in all. */
  readonly restarts: number | null;
  readonly services: readonly ServiceReport[];
  readonly checks: readonly CheckReport[];
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  /** What differs from what slipway put there: `file.config: content changed`. */
  readonly drift: readonly string[];
  /** Run that last changed it. */
  readonly run: string;
}

export interface ServiceReport {
  /** `service.nats` */
  readonly resource: string;
  /** Name of the unit. */
  readonly name: string;
  readonly state: 'running' | 'starting' | 'stopped' | 'failed' | 'missing';
  readonly pid: number | null;
  readonly sinceMs: number | null;
  readonly restarts: number | null;
}

export interface CheckReport {
  readonly name: string;
  /** null: not looked at (its instance does not run). */
  readonly healthy: boolean | null;
  /** Why it is not healthy. */
  readonly why: string | null;
}

export interface HostReport {
  readonly address: string;
  readonly name: string | null;
  /** Why it could not be asked; null when it answered. */
  readonly problem: string | null;
  readonly cores: number | null;
  /** Of all processors, 0 to 100, between two samples of the look. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryUsedPercent: number | null;
  /** Of the file system that holds the instances. */
  readonly diskUsedPercent: number | null;
  readonly uptimeSeconds: number | null;
}

/** Every instance runs: what `status` tells by its exit code. */
export function allRun(report: ClusterReport): boolean {
  return report.instances.every(({ condition }) => condition === 'running' || condition === 'drifted');
}
