import type { ProblemBody, RunCounts, RunInstance } from './types.ts';

/*
 * What the stream of a run tells. A test holds it against the server's own types (test/page/run/run-types.test.ts).
 */

export type RunAction = RunInstance['action'];

export interface RunFailure {
  readonly resource: string | null;
  readonly message: string;
  readonly remedy: string;
  readonly lastLines: readonly string[];
  readonly logPath: string;
}

export type RunActivity =
  'connecting' | 'uploading' | 'running' | 'checking' | 'watching' | 'draining' | 'retrying';

/** The data of an event. `time` is milliseconds since 1970 by the server's clock. */
export type RunEvent = { readonly time: number } & (
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly instances: readonly {
        readonly instance: string;
        readonly component: string;
        readonly host: string;
        readonly action: RunAction;
      }[];
    }
  | { readonly type: 'instance-waiting'; readonly instance: string; readonly for: string }
  | { readonly type: 'instance-started'; readonly instance: string }
  | {
      readonly type: 'instance-activity';
      readonly instance: string;
      readonly activity: RunActivity;
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
      readonly failure: RunFailure;
    }
  | { readonly type: 'instance-skipped'; readonly instance: string; readonly because: string }
  | { readonly type: 'stopping'; readonly mode: 'graceful' | 'now' }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'run-finished';
      readonly run: string;
      readonly outcome: 'succeeded' | 'failed' | 'interrupted';
      readonly elapsedMs: number;
      readonly counts: RunCounts;
    }
);

/** The data of the event `end`, the last one of a stream. */
export interface RunEnd {
  readonly run: string;
  readonly outcome: 'succeeded' | 'failed' | 'interrupted' | 'refused';
  readonly counts: RunCounts;
  readonly problem: ProblemBody | null;
}
