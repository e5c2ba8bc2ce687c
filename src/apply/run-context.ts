import type { Journal } from '../state/store.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunTotals } from './record-notes.ts';
import type { RunEvent } from './events.ts';
import type { HostTurn, HostWork } from './host-work.ts';
import type { Semaphore } from './semaphore.ts';

/** A `RunEvent` before it gets its time. */
export type Progress = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'time'> : never) : never;

/** All that the parts of one run share, whatever it does; nothing else is. */
export interface Run {
  readonly id: string;
  readonly journal: Journal;
  readonly slots: Semaphore;
  readonly host: (address: string) => HostTurn;
  readonly emit: (progress: Progress) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Aborted by the first Ctrl-C: what runs is finished, nothing new is started. */
  readonly stopping: AbortSignal;
  /** Aborted by the second: nothing is waited for any more. */
  readonly abort: AbortSignal;
  readonly logPathOf: (instance: string) => string;
  /** What to do about an instance that failed. */
  readonly remedies: Remedies;
}

export interface Remedies {
  /** Its script failed. */
  readonly failed: string;
  /** Its script was given up, and goes on. */
  readonly abandoned: string;
  /** A check of it is not healthy. */
  readonly unhealthy: string;
}

/** A run that carries out a plan. */
export interface RunContext extends Run {
  readonly plan: Plan;
  /** Kept on the hosts, for a state that is lost. */
  readonly totals: RunTotals;
  readonly host: (address: string) => HostWork;
  readonly hmac: (text: string) => string;
}
