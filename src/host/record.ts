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
 *   -         RUN                                   a script begins to write; an empty line stands before it, unless
 *                                                   the line before was torn (then that line counts for nothing)
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

/** The record as it is once an instance has let go of everything. */
export function withoutOwner(record: HostRecord, lineage: string, instance: string): HostRecord {
  const isIt = (owner: Owner): boolean => owner.lineage === lineage && owner.instance === instance;
  const entries = new Map<string, RecordEntry>();
  for (const [key, entry] of record.entries) {
    entries.set(
      key,
      entry.owners.some(isIt) ? { ...entry, owners: entry.owners.filter((o) => !isIt(o)) } : entry,
    );
  }
  return { ...record, entries };
}

/** The record once an instance owns these things too; a thing that nobody owned is entered without a `before`. */
export function withOwner(
  record: HostRecord,
  owner: Omit<Owner, 'resource'>,
  keys: ReadonlyMap<string, string>,
): HostRecord {
  const entries = new Map(withoutOwner(record, owner.lineage, owner.instance).entries);
  for (const [key, resource] of keys) {
    const entry = entries.get(key) ?? { key, owners: [], before: null, notes: new Map<string, string>() };
    entries.set(key, { ...entry, owners: [...entry.owners, { ...owner, resource }] });
  }
  return { ...record, entries };
}
