import type { FileDiff, VariableDiff } from '../../app/history-diff.ts';
import type { HistoryVersion, VersionFile } from '../../app/history-read.ts';
import type { HostReport } from '../../app/operate/cluster-report.ts';
import type { HostHardware } from '../../app/operate/hardware.ts';
import type { KeptRun } from '../../app/operate/runs.ts';
import type { RunInstance } from '../../app/run-logs.ts';
import type { DeskPlan } from '../../app/serve/run-desk.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { RecoveredRun } from '../../state/store.ts';
import type { Json } from '../../state/model.ts';
import type { Role } from '../guard/principal.ts';
import type { ErrorBody } from '../http-error.ts';

/*
 * What the routes answer with, where that is not what a use case gives as it is.
 */

export interface ClusterAnswer {
  /** null: nothing was applied yet, or the spec names no cluster. */
  readonly cluster: string | null;
  readonly specVersion: string | null;
  /** null: nothing was applied yet. */
  readonly lineage: string | null;
  /** Counts changes of the state; a plan is made for one. 0: nothing was applied yet. */
  readonly serial: number;
  readonly deployments: number;
  readonly components: readonly ComponentAnswer[];
  /** Addresses. */
  readonly hosts: readonly string[];
  /** Values; of a sensitive one null. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** The run that goes on in this server. */
  readonly run: string | null;
  /** A run that was killed in the middle; an apply resumes it. */
  readonly interrupted: RecoveredRun | null;
  /** What whoever asks may do. */
  readonly role: Role;
}

export interface ComponentAnswer {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Addresses, by index. */
  readonly instances: readonly string[];
  readonly preventDestroy: boolean;
}

export interface PlanAnswer {
  /** Digest by which it is applied. */
  readonly plan: string;
  readonly does: 'apply' | 'destroy';
  /** What it was made for, so that it can be made anew. */
  readonly order: DeskPlan['order'];
  /** Whether applying it would do anything. */
  readonly changes: boolean;
  readonly view: DeskPlan['view'];
  /** Errors among them forbid to apply it. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface WithdrawnAnswer {
  /** Whether there was one. */
  readonly changed: boolean;
}

export interface RunStarted {
  readonly run: string;
}

export interface RunsAnswer {
  /** The run that goes on in this server. */
  readonly current: string | null;
  /** The newest first. */
  readonly runs: readonly KeptRun[];
}

export interface RunAnswer extends Omit<KeptRun, 'outcome'> {
  readonly outcome: KeptRun['outcome'] | 'refused';
  /** `preparing`, `running`: it goes on in this server and can be cancelled; null: it does not. */
  readonly phase: 'preparing' | 'running' | null;
  /** Number of the oldest event that is kept; null: none are. */
  readonly firstEvent: number | null;
  /** Why it broke off, or never began. */
  readonly problem: ErrorBody['error'] | null;
  readonly instances: readonly RunInstance[];
}

export interface HostsAnswer {
  /** Milliseconds since 1970 of the last look; null: nobody has looked yet. */
  readonly time: number | null;
  readonly hosts: readonly HostAnswer[];
}

export interface HostAnswer {
  readonly address: string;
  readonly name: string | null;
  /** Addresses of what is placed there. */
  readonly instances: readonly string[];
  /** null: not looked at yet. */
  readonly usage: Omit<HostReport, 'address' | 'name'> | null;
  /** null: not looked at yet. */
  readonly hardware: Omit<HostHardware, 'address' | 'name'> | null;
}

export interface HistoryAnswer {
  readonly deployments: number;
  /** The oldest first. */
  readonly versions: readonly VersionSummary[];
}

export type VersionSummary = Pick<
  HistoryVersion,
  'version' | 'run' | 'operation' | 'author' | 'time' | 'cluster' | 'specVersion'
> & {
  readonly deployment: number | null;
  readonly changes: number;
  /** Instances by what was done to them: `{install: 3, remove: 1}`. */
  readonly counts: Readonly<Record<string, number>>;
};

export interface VersionAnswer extends Omit<HistoryVersion, 'files'> {
  readonly specDigest?: string;
  /** Texts of the spec's own files; null: no text, or too large. */
  readonly files: readonly (VersionFile & { readonly text?: string | null })[];
}

export interface DiffAnswer {
  readonly from: string;
  readonly to: string;
  readonly files: readonly FileDiff[];
  readonly variables: readonly VariableDiff[];
}

export interface ValidateAnswer {
  readonly valid: boolean;
  readonly errors: number;
  readonly warnings: number;
  readonly diagnostics: readonly Diagnostic[];
}
