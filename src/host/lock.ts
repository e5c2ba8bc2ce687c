/**
 * The lock of a host. It lies as `lock.N` in the host's state directory, N being the fencing token: whoever creates
 * `lock.(N+1)` exclusively holds it. A script that finds a higher number than its own stops.
 * A lease counts by the host's uptime within one boot, so no clock is compared across machines; while the detached
 * process that it names lives, the lock lives.
 */
export interface LockObservation {
  /** The highest token given out so far; 0 when none. */
  readonly token: number;
  readonly holder: LockHolder | null;
}

export interface LockHolder {
  readonly lineage: string;
  readonly run: string;
  /** `user@machine` of the controller. */
  readonly owner: string;
  /** Seconds left by the host's clock; negative when it has run out. */
  readonly leaseSecondsLeft: number;
  /** A detached script of the holder still runs. */
  readonly scriptRunning: boolean;
}

/** Somebody else works on the host, or has since the plan was made. Wait for them, or plan again. */
export class HostLockedError extends Error {
  override readonly name = 'HostLockedError';
  constructor(
    readonly host: string,
    /** null: nobody holds it now, but another lineage has worked here since the plan saw the host. */
    readonly holder: LockHolder | null,
  ) {
    super(
      holder === null
        ? `${host} was changed by somebody else since the plan was made`
        : `${host} is locked by ${holder.owner} (run ${holder.run})`,
    );
  }
}
