import type { Disk } from './facts.ts';

/** What a machine consists of, beyond its facts. Bytes are bytes. */
export interface HardwareObservation {
  readonly disks: readonly BlockDevice[];
  /** Those that hold something of somebody. */
  readonly fileSystems: readonly Disk[];
  readonly interfaces: readonly NetworkInterface[];
  readonly swapBytes: number;
}

/** A whole disk, not its partitions. */
export interface BlockDevice {
  /** `nvme0n1` */
  readonly name: string;
  readonly sizeBytes: number;
  /** '' when the kernel does not tell. */
  readonly model: string;
  /** null: not known. */
  readonly rotational: boolean | null;
}

export interface NetworkInterface {
  readonly name: string;
  /** `10.0.0.5/24`, `fe80::1/64` */
  readonly addresses: readonly string[];
  /** '' where it has none. */
  readonly mac: string;
  /** `up`, `down`, `unknown` */
  readonly state: string;
  /** null: not known, as of most virtual ones. */
  readonly speedMbit: number | null;
}
