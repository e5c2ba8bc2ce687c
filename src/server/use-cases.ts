import type { ClusterReport } from '../app/operate/cluster-report.ts';
import type { OpenCluster } from '../app/operate/open-cluster.ts';
import type { Ports } from '../app/ports.ts';
import type { LoadedProject } from '../app/project.ts';
import type { RunDesk } from '../app/serve/run-desk.ts';
import type { VariableArgument } from '../spec/variables.ts';
import type { RecoveredRun } from '../state/store.ts';

/** What the routes of the server can do. All of it is what the commands do as well. */
export interface ServerUseCases {
  /** Working directory of the spec, absolute. */
  readonly directory: string;
  readonly ports: Ports;
  /** `--var` and `--var-file` that the server was started with: for use cases that take them. */
  readonly variables: readonly VariableArgument[];
  readonly desk: RunDesk;
  /** The cluster by its state, with connections of its own; `close` it. Rejects as `openCluster` of src/app does. */
  readonly openCluster: (signal: AbortSignal) => Promise<OpenCluster>;
  /** The spec with the values of its variables. Throws `DiagnosticsError`. */
  readonly loadProject: (mode?: 'apply' | 'look') => Promise<LoadedProject>;
  /**
   * How all instances are: one look at a time over connections that are kept, shared by all who ask while it goes on.
   * `maxAgeMs`: a look that ended so recently will do (default 0). Rejects when there is no state, or a damaged one.
   */
  readonly look: (options?: { readonly maxAgeMs?: number }) => Promise<ClusterReport>;
  /** What the last look found; null: nobody looked yet. Asks no host. */
  readonly lastLook: () => ClusterReport | null;
  /** A run that was killed in the middle and can be resumed (by an apply); null when there is none, or while a run goes on. */
  readonly interruptedRun: () => Promise<RecoveredRun | null>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Appends to `.slipway/audit.log`; the guard does so for every changing request. Never throws. */
  readonly audit: (line: AuditLine) => void;
}

/** A changing request and what came of it. No secret: neither body, nor query, nor token. */
export interface AuditLine {
  /** ISO 8601 */
  readonly time: string;
  /** Address of the one who asked. */
  readonly peer: string;
  /** Name of the token; `uid 1000` without tokens; null: it was refused before that was known, or is nobody we know. */
  readonly who: string | null;
  readonly method: string;
  /** The path, without its query. */
  readonly route: string;
  /** Status of the answer; null: the one who asked left before there was one. */
  readonly status: number | null;
  /** What the route says of it: `run 20261120T101530-4f2a`. */
  readonly note?: string;
}
