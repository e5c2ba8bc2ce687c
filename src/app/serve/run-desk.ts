import type { PlannedWork, RunEvent, RunOutcome } from '../../apply/events.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { PlanView } from '../../plan/view.ts';
import type { PowerAction } from '../../resources/service-power.ts';
import type { LineReader } from '../run-logs.ts';

/** What is to be planned. */
export interface PlanOrder {
  readonly does: 'apply' | 'destroy';
  /** As typed: `nats`, `nats@10.0.0.1`, `@10.0.0.1`. Default: everything. */
  readonly targets?: readonly string[];
  readonly excludes?: readonly string[];
  readonly replace?: readonly string[];
  /** A version of the history to go back to, instead of the spec of today. */
  readonly version?: number;
}

/** A plan that was shown, and can be carried out exactly as it was shown. */
export interface DeskPlan {
  /** Names it in `RunOrder`. */
  readonly digest: string;
  readonly order: PlanOrder;
  readonly view: PlanView;
  /** Errors among them forbid to carry it out. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `isAwaited`: who asks waits for the answer, so that a host which does not answer is given up soon. */
export type AwaitedOrder = PlanOrder & { readonly isAwaited?: boolean };

/** What is to be run. Whoever asks has approved it: there is nobody at a terminal. */
export type RunOrder =
  | AwaitedOrder
  /** A plan that `plan` made: refused when anything has changed since. */
  | { readonly does: 'planned'; readonly plan: string }
  | { readonly does: PowerAction; /** None: the whole cluster. */ readonly selectors: readonly string[] };

/** An event of a run with its number: they count from 1, without gaps. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: RunEvent;
}

/** How a run ended. `refused`: it never began, `problem` says why. */
export interface RunEnd {
  readonly run: string;
  readonly outcome: RunOutcome | 'refused';
  readonly counts: { readonly succeeded: number; readonly failed: number; readonly skipped: number };
  /** What broke it off; null: nothing did. */
  readonly problem: unknown;
}

/** A run of this process, from the moment on that it was asked for. */
export interface LiveRun {
  readonly id: string;
  readonly does: 'apply' | 'destroy' | PowerAction;
  /** As the run's summary names it: `apply`, `rollback to 3`. */
  readonly operation: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  phase(): 'preparing' | 'running' | 'finished';
  /** What it works on; empty while it is being prepared. */
  instances(): readonly PlannedWork[];
  /** The oldest event that is still kept: whoever resumes from before it has missed some, and is to read the run anew. */
  firstEvent(): number;
  /** Events after the one with this id (0: from the oldest that is kept), until the run's end. The last 10,000 are kept. */
  events(afterId?: number, signal?: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined>;
  /**
   * Lines of an instance's log, or of the controller's (null): the last 1000, then what comes until the run's end. A slow reader
   * is served from the file. Secrets are masked, as in the files.
   */
  lines(instance: string | null, signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
  /** All lines of the run in one stream, those of an instance with its address before them. Waits for the run to have logs. */
  readonly all: LineReader;
  /** `graceful`: nothing new begins. `now`: what runs is left where it is; the next apply goes on there. */
  cancel(mode: 'graceful' | 'now'): void;
  /** Settles at its end, never rejects. */
  readonly done: Promise<RunEnd>;
}

/** Where runs are asked for. There is one at a time in this process, and no more than one per state anywhere. */
export interface RunDesk {
  /** The run that is being prepared or carried out. */
  current(): LiveRun | null;
  /** The run that was asked for last, whatever became of it; null: none since this process began. */
  latest(): LiveRun | null;
  /** A run of this process that is still remembered (the last 20). */
  find(id: string): LiveRun | null;
  /**
   * Makes a plan and remembers it (the last 20). Changes nothing. Rejects with `DiagnosticsError` for wrong input, `StateError`
   * (`locked`: another process works on this state), `DeskBusy`.
   */
  plan(order: PlanOrder, signal?: AbortSignal): Promise<DeskPlan>;
  planned(digest: string): DeskPlan | null;
  /**
   * Resolves when plan and preflight are done and the run has begun. Rejects with `DeskBusy`, `DiagnosticsError`, `StateError`,
   * `HostError`. `current()` gives the run from the first moment on.
   */
  begin(order: RunOrder): Promise<LiveRun>;
  /** Takes no more runs; resolves when the current one has ended. A second call may be more severe. */
  stop(mode: 'graceful' | 'now'): Promise<void>;
  /** Each run as it is asked for, beginning with the latest one: for those who watch across runs. */
  runs(signal?: AbortSignal): AsyncGenerator<LiveRun, void, undefined>;
}

/** There is a run already, or this process is about to end (`run` is null then). */
export class DeskBusy extends Error {
  override readonly name = 'DeskBusy';
  constructor(
    readonly run: string | null,
    readonly does: string,
  ) {
    super(
      run === null
        ? 'The server is about to stop; it takes no more runs.'
        : `Run ${run} (${does}) is going on; only one runs at a time.`,
    );
  }
}
