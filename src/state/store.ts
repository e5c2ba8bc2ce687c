import type { ComponentState, HostState, InstanceState, OutputState, State } from './model.ts';

/**
 * Where a state is kept. Implementations live in the top-level `state/` and pass the conformance suite of test/state.
 * All methods reject with `StateError`.
 */
export interface Store {
  /** In words, for messages: a path, a URL. */
  readonly location: string;
  /** The state with any journal left by a killed run folded in; null when there is none yet. */
  read(): Promise<{ readonly state: State; readonly recovered: RecoveredRun | null } | null>;
  /** Replaces the state atomically and durably, keeps the previous serial as backup, and empties the journal. Requires `state.serial` to be one more than what is stored (or 1 when nothing is). */
  write(state: State): Promise<void>;
  /** Opens the journal of a run. Requires the lock. */
  journal(run: string, lineage: string): Promise<Journal>;
  lock(
    holder: LockRequest,
    options: { timeoutMs: number; signal?: AbortSignal; onWait?: (holder: LockInfo) => void },
  ): Promise<StateLock>;
  /** Who holds the lock; null when nobody does, nor anybody who is known to have died. */
  lockInfo(): Promise<LockInfo | null>;
  /** Breaks the lock with this id; rejects when another one is held. */
  forceUnlock(id: string): Promise<void>;
}

/** What a journal told of a run that did not end in order. */
export interface RecoveredRun {
  readonly run: string;
  /** Instances with an intent and no outcome: their next plan trusts nothing. */
  readonly unfinished: readonly string[];
}

/**
 * One intent per instance before its script, the outcome after; the file grows by what happens, never by the size of
 * the cluster. Appends are group-committed: the promise settles when the entry is durable.
 */
export interface Journal {
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

export type JournalEntry =
  | {
      readonly type: 'intent';
      readonly change: 'install' | 'update' | 'remove' | 'start' | 'stop' | 'restart';
      readonly instance: InstanceState;
    }
  | { readonly type: 'outcome'; readonly instance: InstanceState }
  | { readonly type: 'removed'; readonly address: string }
  | { readonly type: 'renamed'; readonly from: string; readonly instance: InstanceState }
  | { readonly type: 'host'; readonly address: string; readonly host: HostState | null }
  | { readonly type: 'component'; readonly name: string; readonly component: ComponentState | null }
  | { readonly type: 'outputs'; readonly outputs: ReadonlyMap<string, OutputState> };

export interface LockRequest {
  readonly run: string;
  /** `plan`, `apply`, ... */
  readonly operation: string;
  /** `user@machine` */
  readonly owner: string;
}
export interface LockInfo extends LockRequest {
  readonly id: string;
  readonly pid: number;
  /** ISO 8601 */
  readonly since: string;
}
export interface StateLock {
  readonly info: LockInfo;
  release(): Promise<void>;
}

export type StateErrorKind = 'damaged' | 'newer' | 'locked' | 'conflict' | 'other-lineage' | 'io';

/** Something is wrong with the state or its store. Match `kind`. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(
    readonly kind: StateErrorKind,
    message: string,
    readonly remedy: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
