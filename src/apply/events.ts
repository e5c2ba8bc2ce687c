import type { PowerAction } from '../resources/service-power.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

export type Activity =
  'connecting' | 'uploading' | 'running' | 'checking' | 'watching' | 'draining' | 'retrying';

/**
 * Progress of a run. The engine emits, everything else (terminal, JSON lines, API, log files) subscribes; keyed by full
 * instance address. `time` is milliseconds since 1970 by the controller's clock.
 */
export type RunEvent = { readonly time: number } & (
  | { readonly type: 'run-started'; readonly run: string; readonly instances: readonly PlannedWork[] }
  | { readonly type: 'instance-waiting'; readonly instance: string; readonly for: string }
  | { readonly type: 'instance-started'; readonly instance: string }
  | {
      readonly type: 'instance-activity';
      readonly instance: string;
      readonly activity: Activity;
      readonly detail: string;
    }
  | { readonly type: 'resource-started'; readonly instance: string; readonly resource: string }
  | { readonly type: 'resource-finished'; readonly instance: string; readonly resource: string }
  | {
      readonly type: 'output';
      readonly instance: string;
      readonly resource: string | null;
      readonly line: string;
    }
  | { readonly type: 'instance-succeeded'; readonly instance: string; readonly elapsedMs: number }
  | {
      readonly type: 'instance-failed';
      readonly instance: string;
      readonly elapsedMs: number;
      readonly failure: Failure;
    }
  | { readonly type: 'instance-skipped'; readonly instance: string; readonly because: string }
  | { readonly type: 'stopping'; readonly mode: 'graceful' | 'now' }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'run-finished';
      readonly run: string;
      readonly outcome: RunOutcome;
      readonly elapsedMs: number;
      readonly counts: RunCounts;
    }
);

export interface PlannedWork {
  readonly instance: string;
  readonly component: string;
  readonly host: string;
  readonly action: 'install' | 'update' | 'remove' | PowerAction;
}

export interface Failure {
  /** `file.config`, or null when it failed before or after its resources (connection, checks). */
  readonly resource: string | null;
  /** In a sentence, without secrets. */
  readonly message: string;
  readonly remedy: string;
  readonly lastLines: readonly string[];
  /** Log file of the instance in this run. */
  readonly logPath: string;
}

export type RunOutcome = 'succeeded' | 'failed' | 'interrupted';
export interface RunCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
}
export type { Diagnostic };
