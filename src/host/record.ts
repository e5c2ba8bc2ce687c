/**
 * What slipway has put on one host, kept there (root-only): the authority on ownership.
 *
 * On the host it is `record` in the state directory: an append-only text file, one change per line, fields parted by
 * tabs, every field percent-encoded (`%`, tab, newline, and other control characters), so that shell scripts extend it
 * with a builtin `printf` and a torn last line is recognised and dropped. Line 1 is `slipway-record<TAB>1`.
 *
 *   own       KEY LINEAGE INSTANCE RESOURCE         an owner is added
 *   disown    KEY LINEAGE INSTANCE RESOURCE
 *   before    KEY WHAT                              what was there before slipway: WHAT is written by the kind
 *   set       KEY NAME VALUE                        a kind's own note (a service's triggers digest at its last start)
 *   forget    KEY                                   nothing of ours is left of it
 *   instance  LINEAGE INSTANCE JSON                 the instance as state holds it (for `state rebuild`)
 *   gone      LINEAGE INSTANCE
 *   rename    LINEAGE FROM TO                       an instance's new address: its owners, its instance line, and its
 *                                                   `script FROM/...` keys follow
 *
 * KEY names a thing on the machine: `file /etc/x`, `directory /var/lib/x`, `package nginx`, `user app`, `unit nats`.
 */
export interface HostRecord {
  readonly entries: ReadonlyMap<string, RecordEntry>;
  /** By `LINEAGE INSTANCE`; the JSON text is decoded by src/state. */
  readonly instances: ReadonlyMap<
    string,
    { readonly lineage: string; readonly instance: string; readonly json: string }
  >;
  /** Lines that an orderly rewrite would drop; the next script compacts the file past a threshold. */
  readonly obsoleteLines: number;
}

export interface RecordEntry {
  readonly key: string;
  readonly owners: readonly Owner[];
  /** null: slipway found nothing noteworthy (or does not keep it for this kind). */
  readonly before: string | null;
  readonly notes: ReadonlyMap<string, string>;
}

export interface Owner {
  readonly lineage: string;
  /** `nats@10.10.101.182` */
  readonly instance: string;
  /** `file.config` */
  readonly resource: string;
}

export const EMPTY_RECORD: HostRecord = { entries: new Map(), instances: new Map(), obsoleteLines: 0 };
