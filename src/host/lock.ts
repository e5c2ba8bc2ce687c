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
