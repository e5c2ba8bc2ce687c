import type { Facts } from './facts.ts';
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
      /** Ask for the digest of a regular file. */
      readonly digest?: boolean;
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
  /** Is a TCP port listened on, and by whom. */
  | { readonly probe: 'port'; readonly port: number }
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
    }
  | { readonly probe: 'port'; readonly listeners: readonly { readonly address: string }[] }
  | { readonly probe: 'command'; readonly code: number; readonly output: string };

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
      return `${request.probe} ${request.name}`;
    case 'supervised':
      return `supervised ${request.dir}/${request.name}`;
    case 'port':
      return `port ${request.port}`;
    case 'command':
      return `command ${request.key}`;
  }
}
