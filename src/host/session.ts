import type { Connection, Connect } from './connection.ts';
import type { HostObservation, ProbeRequest } from './observation.ts';
import type { Blob, HostScript, ScriptEvent, ScriptOutcome } from './script.ts';

/**
 * All that a run does with one host, over one connection that is kept, and reopened when it breaks.
 * Only one script runs at a time; probes and checks may run beside it.
 */
export interface HostSession {
  readonly host: string;
  /** The open connection; connects (with retries) when there is none. */
  connection(): Promise<Connection>;
  /** Asks everything in one round trip. Changes nothing on the host. */
  probe(requests: readonly ProbeRequest[]): Promise<HostObservation>;
  /**
   * Uploads the blobs that the host lacks, takes the host's lock if this session does not hold it yet (in the same
   * round trip as the start), runs the script detached and follows it to its outcome through any number of lost
   * connections. Once the script was started, an abort of `signal` ends the following, not the script.
   * `release`: the lock is given back by the script itself when it ends.
   */
  run(script: SessionScript, options: RunOptions): Promise<ScriptOutcome>;
  /** When a killed run of our own lineage left a script running here: awaits its end. Resolves at once when there is none. */
  adopt(observation: HostObservation, onEvent: (event: ScriptEvent) => void): Promise<ScriptOutcome | null>;
  /** Gives the lock back if held, removes blobs that are not needed any more, closes the connection. Never rejects. */
  close(): Promise<void>;
}

/** A script without what the session itself knows. */
export type SessionScript = Omit<HostScript, 'run' | 'lineage' | 'token'>;

export interface RunOptions {
  readonly blobs: readonly Blob[];
  readonly release: boolean;
  readonly onEvent: (event: ScriptEvent) => void;
  /** Bytes of blobs sent so far, of all that must be sent. */
  readonly onUpload?: (sentBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface SessionOptions {
  readonly host: string;
  readonly connect: Connect;
  readonly lineage: string;
  readonly run: string;
  /** `user@machine` of the controller, for the lock. */
  readonly owner: string;
  /**
   * Token that was seen before the session was opened. Its own probes see a later one. The lock is refused
   * (`HostLockedError`) when another lineage has worked on the host since.
   */
  readonly expectedToken?: number | null;
  /** Waits for its turn to upload: what is under way to many hosts at once is memory. Default: no waiting. */
  readonly inUploadSlot?: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onRetry: (error: Error, attempt: number) => void;
  readonly signal?: AbortSignal;
  /** How often a host that was never connected is tried. Default 3. */
  readonly connectAttempts?: number;
  /** How long a host that was connected may be out of reach before the session gives it up. Default 120 000. */
  readonly outageMs?: number;
  /** How often a script that prints nothing is looked after. Default 10 000. */
  readonly aliveMs?: number;
}
