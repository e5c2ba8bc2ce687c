/** What a probe says of a host itself. Bytes are bytes, never KiB. */
export interface Facts {
  readonly hostname: string;
  readonly os: {
    readonly id: string;
    readonly version: string;
    readonly name: string;
    readonly like: readonly string[];
  };
  readonly arch: string; // uname -m
  readonly kernel: string; // uname -r
  readonly cores: number;
  readonly cpuModel: string;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  readonly disks: readonly Disk[];
  readonly init: 'systemd' | 'monit' | 'none';
  readonly packageManager: 'apt' | 'none';
  readonly virtualization: string; // '' when unknown
  readonly bootId: string;
  readonly uptimeSeconds: number;
  /** Seconds since 1970 by the host's clock when it was probed. */
  readonly clockSeconds: number;
  readonly uid: number;
  readonly home: string;
}

/** What may start services for us: an init system takes orders from root only. */
export function serviceInit(facts: Pick<Facts, 'init' | 'uid'>): Facts['init'] {
  return facts.uid === 0 ? facts.init : 'none';
}

/** One mounted file system. */
export interface Disk {
  readonly mount: string;
  readonly device: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Used and available are less than all of it where something is reserved. */
  readonly usedBytes: number;
  readonly availableBytes: number;
}
