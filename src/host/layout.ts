/**
 * Where slipway keeps its own things on a host. A leading `~/` means the home of the connecting user
 * (hosts worked on without root): the shell side expands it.
 */
export interface HostLayout {
  /** Record, lock, runs and blobs: `/var/lib/slipway`, `~/.slipway`, or a folder of the working directory under `local`. */
  readonly stateDir: string;
  /** On tmpfs where there is one: scripts and secrets of a run: `/run/slipway`; under `local` and without root a 0700 folder below stateDir or /dev/shm. */
  readonly secretsDir: string;
  /** Parent of instance directories: `/opt/slipway`, `~/.slipway/instances`, or a folder of the working directory under `local`. */
  readonly instancesDir: string;
  /** `local`: only paths below `instancesDir` may be managed, units are claimed per address, and no package, user or group. */
  readonly confined: boolean;
}
