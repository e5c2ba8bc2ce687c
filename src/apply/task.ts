import type { CheckState, InstanceState } from '../state/model.ts';

/** What a run has to do with one instance. */
export interface Task {
  /** Address of the instance. */
  readonly address: string;
  readonly component: string;
  readonly host: string;
  /** What must be healthy before it has come off; none where nothing of it is to run. */
  readonly checks: readonly CheckState[];
  /**
   * Does the work on the host: waits for its turn there and for one of the run's slots, then calls `onStarted`. Tells the
   * journal what it begins. Throws `ChangeFailed` or `RunStopped`.
   */
  readonly execute: (onStarted: () => void) => Promise<void>;
  /** What state will say of it after its checks; null: the journal was told all already. */
  readonly after: (checks: 'healthy' | 'failed') => InstanceState | null;
}
