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
 *   component LINEAGE NAME RUN JSON                 a component of which an instance is here, as state held it at that run
 *                                                   (for `state rebuild`); counts while such an instance is here
 *   cluster   LINEAGE RUN JSON                      the same of the whole: see ClusterNote
 *   rename    LINEAGE FROM TO                       an instance's new address: its owners, its instance line, and the
 *                                                   keys of its scripts follow (`script FROM/...`, and `script NAME/...`
 *                                                   of those that run once for the component)
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
  /** By `LINEAGE NAME`: components of which an instance is here, as state held them when that run was. */
  readonly components: ReadonlyMap<string, ComponentLine>;
  /** By lineage. */
  readonly clusters: ReadonlyMap<string, ClusterLine>;
  /** Lines that an orderly rewrite would drop; the next script compacts the file past a threshold. */
  readonly obsoleteLines: number;
}

/** A line that `state rebuild` reads; the JSON text is decoded by src/state. */
export interface ClusterLine {
  readonly lineage: string;
  /** The run that wrote it: of several hosts the newest counts. */
  readonly run: string;
  readonly json: string;
}

export interface ComponentLine extends ClusterLine {
  readonly component: string;
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

export const EMPTY_RECORD: HostRecord = {
  entries: new Map(),
  instances: new Map(),
  components: new Map(),
  clusters: new Map(),
  obsoleteLines: 0,
};

/** A record key after an instance got a new address: only keys of scripts hold one. */
export function renamedKey(key: string, from: string, to: string): string {
  const names = [
    [from, to],
    [componentOf(from), componentOf(to)],
  ] as const;
  for (const [old, now] of names) {
    const prefix = `script ${old}/`;
    if (key.startsWith(prefix)) return `script ${now}/${key.slice(prefix.length)}`;
  }
  return key;
}

/** `nats` of `nats@10.0.0.1`. */
export function componentOf(instance: string): string {
  return instance.replace(/@.*$/s, '');
}

/** The record after a `rename` line. */
export function renameInstance(record: HostRecord, lineage: string, from: string, to: string): HostRecord {
  const nameOf = (of: { readonly lineage: string; readonly instance: string }): string =>
    of.lineage === lineage && of.instance === from ? to : of.instance;
  const entries = new Map<string, RecordEntry>();
  for (const entry of record.entries.values()) {
    const key = renamedKey(entry.key, from, to);
    const there = entries.get(key);
    const owners = new Map((there?.owners ?? []).map((owner) => [ownerKey(owner), owner]));
    for (const owner of entry.owners) {
      const renamed = { ...owner, instance: nameOf(owner) };
      owners.set(ownerKey(renamed), renamed);
    }
    const before = entry.before ?? there?.before ?? null;
    const notes = new Map([...(there?.notes ?? []), ...entry.notes]);
    entries.set(key, { key, owners: [...owners.values()], before, notes });
  }
  const instances = new Map(
    [...record.instances.values()].map((line) => {
      const instance = nameOf(line);
      return [`${line.lineage} ${instance}`, { ...line, instance }];
    }),
  );
  return { ...record, entries, instances };
}

function ownerKey({ lineage, instance, resource }: Owner): string {
  return `${lineage}\t${instance}\t${resource}`;
}

/** The record as it is once an instance has let go of everything, or of these keys. */
export function withoutOwner(
  record: HostRecord,
  lineage: string,
  instance: string,
  keys?: ReadonlySet<string>,
): HostRecord {
  const isIt = (owner: Owner): boolean => owner.lineage === lineage && owner.instance === instance;
  const entries = new Map<string, RecordEntry>(record.entries);
  for (const [key, entry] of keys === undefined ? record.entries : entriesOf(record, keys)) {
    if (entry.owners.some(isIt))
      entries.set(key, { ...entry, owners: entry.owners.filter((owner) => !isIt(owner)) });
  }
  return { ...record, entries };
}

function* entriesOf(record: HostRecord, keys: ReadonlySet<string>): Iterable<[string, RecordEntry]> {
  for (const key of keys) {
    const entry = record.entries.get(key);
    if (entry !== undefined) yield [key, entry];
  }
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
