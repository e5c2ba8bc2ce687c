/*
 * What the routes of /api/v1 answer with, as far as the page reads it. A test holds these against the server's own types
 * (test/server/page-types.test.ts); the page itself imports nothing of the server.
 */

export interface Cluster {
  /** null: nothing was applied yet, or the spec names no cluster. */
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly lineage: string | null;
  /** 0: nothing was applied yet. */
  readonly serial: number;
  readonly deployments: number;
  readonly components: readonly Component[];
  readonly hosts: readonly string[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The run that goes on in the server. */
  readonly run: string | null;
  /** A run that was killed in the middle; an apply resumes it. */
  readonly interrupted: { readonly run: string; readonly unfinished: readonly string[] } | null;
  /** What may be done with the token that was sent: look, or change as well. */
  readonly role: 'read' | 'operate';
}

export interface Component {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Addresses, by index. */
  readonly instances: readonly string[];
  readonly preventDestroy: boolean;
}

/** `changing` is the page's own: a run is at work on it (src/page/cluster/changing.ts). */
export type Condition =
  'running' | 'stopped' | 'failed' | 'degraded' | 'drifted' | 'unreachable' | 'changing';

/** `GET /instances` */
export interface ClusterReport {
  /** Milliseconds since 1970 by the server's clock. */
  readonly time: number;
  readonly instances: readonly Instance[];
  readonly hosts: readonly ({ readonly address: string; readonly name: string | null } & HostUsage)[];
}

export interface Instance {
  /** `nats@10.10.101.182` */
  readonly address: string;
  readonly component: string;
  readonly host: string;
  readonly index: number;
  readonly condition: Condition;
  readonly stoppedByUser: boolean;
  readonly detail: string | null;
  readonly sinceMs: number | null;
  readonly version: string | null;
  /** Of one processor: 200 is two processors busy. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryPercent: number | null;
  readonly restarts: number | null;
  readonly services: readonly Service[];
  readonly checks: readonly Check[];
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  readonly drift: readonly string[];
  /** Run that last changed it. */
  readonly run: string;
}

export interface Service {
  readonly resource: string;
  readonly name: string;
  readonly state: 'running' | 'starting' | 'stopped' | 'failed' | 'missing';
  readonly pid: number | null;
  readonly sinceMs: number | null;
  readonly restarts: number | null;
}

export interface Check {
  readonly name: string;
  /** null: not looked at. */
  readonly healthy: boolean | null;
  readonly why: string | null;
}

/** `GET /hosts` */
export interface Hosts {
  readonly time: number | null;
  readonly hosts: readonly Host[];
}

export interface Host {
  readonly address: string;
  readonly name: string | null;
  readonly instances: readonly string[];
  readonly usage: HostUsage | null;
  readonly hardware: HostHardware | null;
}

export interface HostUsage {
  /** Why it could not be asked; null when it answered. */
  readonly problem: string | null;
  readonly cores: number | null;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryUsedPercent: number | null;
  readonly diskUsedPercent: number | null;
  readonly uptimeSeconds: number | null;
}

export interface HostHardware {
  readonly problem: string | null;
  readonly machine: Machine | null;
  readonly fits: readonly Fit[];
}

export interface Machine {
  readonly hostname: string;
  readonly os: { readonly id: string; readonly version: string; readonly name: string };
  readonly arch: string;
  readonly kernel: string;
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  readonly swapBytes: number;
  readonly init: string;
  readonly packageManager: string;
  readonly virtualization: string;
  readonly uptimeSeconds: number;
  readonly clock: { readonly offsetMs: number; readonly roundTripMs: number } | null;
  readonly disks: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly model: string;
    readonly rotational: boolean | null;
  }[];
  readonly fileSystems: readonly {
    readonly mount: string;
    readonly device: string;
    readonly type: string;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    readonly availableBytes: number;
  }[];
  readonly interfaces: readonly {
    readonly name: string;
    readonly addresses: readonly string[];
    readonly mac: string;
    readonly state: string;
    readonly speedMbit: number | null;
  }[];
}

/** What is asked of a host, compared with what it has. */
export interface Fit {
  readonly what: 'cpu' | 'memory' | 'disk' | 'os';
  readonly components: readonly string[];
  readonly needs: string;
  readonly has: string;
  /** By how much it falls short; null: it fits; '': it is another system. */
  readonly short: string | null;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly subject:
    | { readonly at: 'source'; readonly range: SourceRange; readonly hidden?: true }
    | { readonly at: 'host'; readonly host: string }
    | { readonly at: 'run' };
}

export interface SourceRange {
  readonly file: string;
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** Why something did not go as asked. */
export interface ProblemBody {
  readonly summary: string;
  readonly detail?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly run?: string;
}

export interface RunCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `GET /runs` */
export interface Runs {
  readonly current: string | null;
  readonly runs: readonly KeptRun[];
}

export interface KeptRun {
  readonly run: string;
  readonly operation: string | null;
  readonly owner: string | null;
  /** ISO 8601 */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'interrupted' | 'broken' | 'running';
  readonly counts: RunCounts | null;
}

/** `GET /runs/RUN` */
export interface Run extends Omit<KeptRun, 'outcome'> {
  readonly outcome: KeptRun['outcome'] | 'refused';
  readonly phase: 'preparing' | 'running' | null;
  /** Number of the oldest event that is kept; null: none are. */
  readonly firstEvent: number | null;
  readonly problem: ProblemBody | null;
  readonly instances: readonly RunInstance[];
}

export interface RunInstance {
  readonly instance: string;
  readonly action: 'install' | 'update' | 'remove' | 'start' | 'stop' | 'restart';
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'untouched';
  readonly elapsedMs: number | null;
  readonly why: string | null;
  readonly log: string;
}

/** `POST /runs` */
export interface RunStarted {
  readonly run: string;
}
