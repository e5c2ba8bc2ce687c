import type { Facts } from './facts.ts';
import type { HardwareObservation } from './hardware.ts';
import type { HostRecord } from './record.ts';
import type { LockObservation } from './lock.ts';

/**
 * One question to a host. Requests are data: the probe builder merges equal ones and asks many with few forks
 * (one `stat`, one `sha256sum`, one `dpkg-query`, one `systemctl show` per host).
 */
export type ProbeRequest =
  | {
      readonly probe: 'path';
      readonly path: string;
      /** Ask for the digest of a regular file; `small`: only of one that is not larger than `SMALL_FILE_BYTES`. */
      readonly digest?: boolean | 'small';
      /** Send a text file's content (at most 64 KiB) when its SHA-256 is not this one: for diffs. Never set for sensitive content. */
      readonly contentUnless?: string;
    }
  /** How many entries and bytes lie below a directory. */
  | { readonly probe: 'tree'; readonly path: string }
  /** A digest over names, types, modes, sizes and mtimes below a directory: has anything been touched? */
  | { readonly probe: 'tree-digest'; readonly path: string }
  | { readonly probe: 'package'; readonly name: string }
  | { readonly probe: 'user'; readonly name: string }
  | { readonly probe: 'group'; readonly name: string }
  | { readonly probe: 'unit'; readonly name: string }
  /** A program under the pidfile supervisor whose files lie in `dir`. */
  | { readonly probe: 'supervised'; readonly name: string; readonly dir: string }
  /** A program under monit; `own`: with a control file that slipway wrote. */
  | { readonly probe: 'monit'; readonly name: string; readonly own: boolean }
  /** Is a TCP port listened on, and by whom. */
  | { readonly probe: 'port'; readonly port: number }
  /**
   * What a unit takes of the host between the beginning and the end of the probe (at least 100 ms), or the process group that
   * the first word of a pid file leads.
   */
  | { readonly probe: 'usage'; readonly of: 'unit' | 'pid-file'; readonly name: string }
  /** How busy all processors are in that time. */
  | { readonly probe: 'load' }
  /** Disks, file systems and network interfaces. */
  | { readonly probe: 'hardware' }
  /** What a name means to the host's own resolver. */
  | { readonly probe: 'resolve'; readonly name: string }
  /** Does the host reach a TCP port somewhere; `address` may be a name. */
  | { readonly probe: 'reach'; readonly address: string; readonly port: number }
  | { readonly probe: 'sysctl'; readonly name: string }
  /** Hard limits that a service starts with. */
  | { readonly probe: 'limits' }
  | { readonly probe: 'kernel-command-line' }
  /** A read-only program of the user; exit code and up to 4 KiB of output. `key` makes it unique. */
  | {
      readonly probe: 'command';
      readonly key: string;
      readonly program: string;
      readonly timeoutSeconds: number;
    };

export type ProbeAnswer =
  | { readonly probe: 'path'; readonly found: PathObservation | null }
  | { readonly probe: 'tree'; readonly entries: number; readonly bytes: number }
  | { readonly probe: 'tree-digest'; readonly digest: string | null }
  | { readonly probe: 'package'; readonly installed: string | null; readonly candidate: string | null }
  | { readonly probe: 'user'; readonly found: UserObservation | null }
  | { readonly probe: 'group'; readonly found: { readonly gid: number } | null }
  | { readonly probe: 'unit'; readonly found: UnitObservation }
  | {
      readonly probe: 'supervised';
      readonly running: boolean;
      readonly pid: number | null;
      readonly digest: string | null;
      readonly sinceSeconds: number | null;
      readonly restarts: number;
      /** Its supervisor lives: a program that does not run is about to be started again. */
      readonly supervised: boolean;
      /** Of the program when it ended last by itself; null: it has not. */
      readonly exitCode: number | null;
    }
  | MonitAnswer
  | { readonly probe: 'port'; readonly listeners: readonly { readonly address: string }[] }
  /** null: not known; of a processor, 200 is two processors busy. Bytes without what the kernel can drop at once. */
  | { readonly probe: 'usage'; readonly cpuPercent: number | null; readonly memoryBytes: number | null }
  /** Of all processors, 0 to 100; what the probe itself took is left out. */
  | { readonly probe: 'load'; readonly cpuPercent: number | null }
  | { readonly probe: 'hardware'; readonly found: HardwareObservation }
  /** null: the host has nothing to ask with; empty: it does not know the name. */
  | { readonly probe: 'resolve'; readonly addresses: readonly string[] | null }
  /** `why`: it is not reached, in a sentence. */
  | { readonly probe: 'reach'; readonly reached: boolean; readonly why: string | null }
  /** null: there is no such setting, or it cannot be read. */
  | { readonly probe: 'sysctl'; readonly value: string | null }
  /** By their names in limits.conf; `Infinity`: unlimited. */
  | { readonly probe: 'limits'; readonly hard: ReadonlyMap<string, number> }
  | { readonly probe: 'kernel-command-line'; readonly text: string }
  | { readonly probe: 'command'; readonly code: number; readonly output: string };

export interface MonitAnswer {
  readonly probe: 'monit';
  /** Why monit cannot be asked; null: it answered. */
  readonly silent: string | null;
  /** Its control file, '' when none was found, and the folder whose files that one includes. */
  readonly rc: string;
  readonly folder: string | null;
  /** Does it know a process of that name, and does it look after it? */
  readonly listed: boolean;
  readonly watched: boolean;
  /** In its own words: `OK`, `Does not exist`, `running`, `Execution failed`, `OK - stop pending`; '' when it does not know it. */
  readonly status: string;
  /** Content of our control file; null: there is none, or it is not ours to write. */
  readonly control: string | null;
  readonly running: boolean;
  readonly pid: number | null;
  /** By the host's clock. */
  readonly sinceSeconds: number | null;
  /** Since it was started by hand or by slipway; null: monit keeps no count. */
  readonly restarts: number | null;
}

/** Larger files are not read by a probe that asks for digests of small ones. */
export const SMALL_FILE_BYTES = 16 * 1024 * 1024;

export interface PathObservation {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly mode: string; // four octal digits, '0644'
  readonly owner: string;
  readonly group: string;
  readonly sizeBytes: number;
  /** Of a link. */
  readonly target: string | null;
  /** Lower-case hex SHA-256 of a regular file where asked for. */
  readonly digest: string | null;
  readonly content: string | null;
}

export interface UserObservation {
  readonly uid: number;
  readonly gid: number;
  readonly group: string;
  readonly groups: readonly string[];
  readonly home: string;
  readonly shell: string;
  readonly comment: string;
}

export interface UnitObservation {
  readonly load: string; // 'loaded', 'not-found', 'masked'
  readonly active: string; // 'active', 'inactive', 'failed', 'activating'
  readonly sub: string;
  readonly enabled: string; // UnitFileState
  readonly fragmentPath: string;
  readonly pid: number;
  readonly restarts: number;
  /** By the host's clock, 0 when never. */
  readonly sinceSeconds: number;
  readonly needsReload: boolean;
  /** How it ended last: `success`, `exit-code`, `signal`, `oom-kill`, `timeout`. */
  readonly result: string;
  /** Exit code, or number of the signal, of its main process when it ended last. */
  readonly exitStatus: number;
  /** When its state changed last, by the host's clock; 0: never. */
  readonly changedSeconds: number;
}

/** All that one probe of one host brought home. */
export interface HostObservation {
  readonly host: string;
  readonly facts: Facts;
  readonly record: HostRecord;
  readonly lock: LockObservation;
  /** Digests of blobs that lie complete in the host's blob folder. */
  readonly blobs: ReadonlySet<string>;
  /** By `probeKey(request)`. */
  readonly answers: ReadonlyMap<string, ProbeAnswer>;
}

/** The key under which the answer to a request is found. */
export function probeKey(request: ProbeRequest): string {
  switch (request.probe) {
    case 'path':
    case 'tree':
    case 'tree-digest':
      return `${request.probe} ${request.path}`;
    case 'package':
    case 'user':
    case 'group':
    case 'unit':
    case 'monit':
      return `${request.probe} ${request.name}`;
    case 'supervised':
      return `supervised ${request.dir}/${request.name}`;
    case 'port':
      return `port ${request.port}`;
    case 'usage':
      return `usage ${request.of} ${request.name}`;
    case 'load':
    case 'hardware':
      return request.probe;
    case 'resolve':
    case 'sysctl':
      return `${request.probe} ${request.name}`;
    case 'reach':
      return `reach ${request.address} ${request.port}`;
    case 'limits':
    case 'kernel-command-line':
      return request.probe;
    case 'command':
      return `command ${request.key}`;
  }
}
