/**
 * A script: what one run does to one instance, as the host executes it. It runs detached from the connection in a 0700
 * run directory; its output is kept there until it was fetched, and the controller tails it from an offset.
 *
 * Steps run in order under `set -eu`; the first that fails ends the script. Between steps, and around output, stand
 * marker lines that begin with a nonce that no program can guess, so output can never be taken for a marker.
 *
 * A step's body may use, besides POSIX sh:
 *   $STATE    the host's state directory        $BLOBS    its blob folder (files named by SHA-256)
 *   $SECRETS  0700 folder on tmpfs that holds this script's secrets, by name; gone when the script ends
 *   $BACKUPS  where content that was there before slipway is kept (`$STATE/backups`)
 *   own KEY RESOURCE | disown KEY RESOURCE | before KEY WHAT | note KEY NAME VALUE | forget KEY
 *             append to the host record (arguments are encoded with `recordField`, see record-codec)
 *   say TEXT  one line of progress              die TEXT  the step fails with this message
 */
export interface HostScript {
  readonly run: string;
  readonly lineage: string;
  /** `nats@10.10.101.182` */
  readonly instance: string;
  /** Fencing token that must be current on the host. */
  readonly token: number;
  /** Shell functions that the steps use, defined once before them. */
  readonly functions: string;
  readonly steps: readonly ScriptStep[];
  /** Sensitive content by file name; travels with the script on stdin, lies on tmpfs, mode 0600. */
  readonly secrets: ReadonlyMap<string, Uint8Array | string>;
}

export interface ScriptStep {
  /** Address of the resource: `file.config`. Unique in the script. */
  readonly id: string;
  readonly body: string;
}

export type ScriptEvent =
  | { readonly type: 'step-started'; readonly step: string }
  | { readonly type: 'step-finished'; readonly step: string }
  /** One line of output, without its newline, at most 64 KiB, invalid UTF-8 replaced. `step` is null before the first. */
  | { readonly type: 'output'; readonly step: string | null; readonly line: string };

export type ScriptOutcome =
  | { readonly outcome: 'succeeded' }
  | {
      readonly outcome: 'failed';
      readonly step: string;
      readonly code: number;
      readonly message: string;
      readonly lastLines: readonly string[];
    }
  /** The host was rebooted, or the script killed, before it wrote its exit code. */
  | { readonly outcome: 'vanished'; readonly step: string | null; readonly lastLines: readonly string[] }
  /** Somebody else holds the host's lock by now; nothing more was done. */
  | { readonly outcome: 'fenced'; readonly holder: string };

/** Content that is put on hosts by its digest. */
export interface Blob {
  /** Lower-case hex SHA-256. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** AES-128-GMAC of the content that was digested, under a key of its own and a nonce of zeros; hex. Cheap to check. */
  readonly seal?: { readonly key: string; readonly tag: string };
  /** The bytes, anew on every call. A chunk is only valid until the next one is asked for: its memory is used again. */
  open(): AsyncIterable<Uint8Array>;
}
