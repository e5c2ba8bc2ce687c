import { HostError } from './connection.ts';
import { EMPTY_RECORD, componentOf, renamedKey } from './record.ts';
import type { ClusterLine, ComponentLine, HostRecord, Owner, RecordEntry } from './record.ts';

/** Line 1 of a record file. */
export const RECORD_HEADER = 'slipway-record\t1';

/** One field of a record line: `%` and control characters percent-encoded, so that no tab or newline is left. */
export function recordField(text: string): string {
  return text.replace(
    /[%\u0000-\u001f\u007f]/g,
    (char) => '%' + char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase(),
  );
}

/** What `recordField` encoded. */
export function decodeRecordField(field: string): string {
  return field.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

interface Draft {
  readonly owners: Map<string, Owner>;
  before: string | null;
  readonly notes: Map<string, string>;
}

/** Number of fields by line type, the type itself included. */
const FIELDS: Readonly<Record<string, number>> = {
  own: 5,
  disown: 5,
  before: 3,
  set: 4,
  forget: 2,
  instance: 4,
  gone: 3,
  component: 5,
  cluster: 4,
  rename: 4,
  '-': 2,
};

/**
 * The text of a record file decoded; '' is an empty record. A line that was torn (the last one without its newline, or one
 * that the next script had to close) is dropped.
 * Throws `HostError` of kind 'protocol' for a record that is damaged, or that a newer slipway wrote.
 */
export function parseRecord(host: string, text: string): HostRecord {
  if (text === '') return EMPTY_RECORD;
  const lines = text.split('\n');
  // What follows the last newline is empty, or a line that was cut off.
  lines.pop();
  if (lines[0] === undefined) return EMPTY_RECORD;
  if (lines[0] !== RECORD_HEADER) throw unreadable(host, `its first line is "${lines[0].slice(0, 40)}"`);
  const reader = new RecordReader();
  let lineCount = 0;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line === '') continue;
    lineCount++;
    if (isTorn(line, lines[i + 1])) continue;
    const fields = line.split('\t').map(decodeRecordField);
    const type = fields[0] ?? '';
    if (FIELDS[type] === undefined) throw unreadable(host, `line ${i + 1} is of type "${type.slice(0, 40)}"`);
    if (fields.length !== FIELDS[type]) throw unreadable(host, `line ${i + 1} has ${fields.length} fields`);
    reader.read(fields);
  }
  return reader.result(lineCount);
}

/** A script's first line closes a torn one by its own newline; after a whole line that newline gives an empty line. */
function isTorn(line: string, next: string | undefined): boolean {
  return line.includes('\0') || next?.startsWith('-\t') === true;
}

function unreadable(host: string, what: string): HostError {
  return new HostError(
    host,
    'protocol',
    `the host record on ${host} is damaged, or was written by a newer slipway: ${what}`,
    'Use the slipway version that last worked there, or a newer one. If it was this one, move the file "record" away from its directory there (/var/lib/slipway, without root ~/.slipway): the next apply begins a new one, and takes most of what it finds for there before slipway, so that a removal leaves it.',
  );
}

class RecordReader {
  #entries = new Map<string, Draft>();
  #instances = new Map<string, { lineage: string; instance: string; json: string }>();
  readonly #components = new Map<string, ComponentLine>();
  readonly #clusters = new Map<string, ClusterLine>();

  read(fields: readonly string[]): void {
    const [type = '', a = '', b = '', c = '', d = ''] = fields;
    switch (type) {
      case 'own':
        this.#entry(a).owners.set(`${b}\t${c}\t${d}`, { lineage: b, instance: c, resource: d });
        return;
      case 'disown':
        this.#entries.get(a)?.owners.delete(`${b}\t${c}\t${d}`);
        return;
      case 'before':
        this.#entry(a).before = b;
        return;
      case 'set':
        this.#entry(a).notes.set(b, c);
        return;
      case 'forget':
        this.#entries.delete(a);
        return;
      case 'instance':
        this.#instances.set(`${a} ${b}`, { lineage: a, instance: b, json: c });
        return;
      case 'gone':
        this.#instances.delete(`${a} ${b}`);
        return;
      case 'component':
        this.#components.set(`${a} ${b}`, { lineage: a, component: b, run: c, json: d });
        return;
      case 'cluster':
        this.#clusters.set(a, { lineage: a, run: b, json: c });
        return;
      case 'rename':
        this.#rename(a, b, c);
        return;
    }
  }

  /** Entries of which nothing is left are dropped, and what is told of components that have no instance here. */
  result(lineCount: number): HostRecord {
    const entries = new Map<string, RecordEntry>();
    const live = new Set<string>();
    for (const { lineage, instance } of this.#instances.values()) {
      live.add(lineage).add(`${lineage} ${componentOf(instance)}`);
    }
    const components = new Map([...this.#components].filter(([key]) => live.has(key)));
    const clusters = new Map([...this.#clusters].filter(([key]) => live.has(key)));
    let needed = this.#instances.size + components.size + clusters.size;
    for (const [key, draft] of this.#entries) {
      const lines = draft.owners.size + draft.notes.size + (draft.before === null ? 0 : 1);
      needed += lines;
      if (lines === 0) continue;
      entries.set(key, { key, owners: [...draft.owners.values()], before: draft.before, notes: draft.notes });
    }
    const obsoleteLines = lineCount - needed;
    return { entries, instances: this.#instances, components, clusters, obsoleteLines };
  }

  #entry(key: string): Draft {
    let draft = this.#entries.get(key);
    if (draft === undefined) {
      draft = { owners: new Map(), before: null, notes: new Map() };
      this.#entries.set(key, draft);
    }
    return draft;
  }

  #rename(lineage: string, from: string, to: string): void {
    const entries = this.#entries;
    this.#entries = new Map();
    for (const [key, draft] of entries) {
      const target = this.#entry(renamedKey(key, from, to));
      target.before = draft.before ?? target.before;
      for (const [name, value] of draft.notes) target.notes.set(name, value);
      for (const owner of draft.owners.values()) {
        const instance = owner.lineage === lineage && owner.instance === from ? to : owner.instance;
        target.owners.set(`${owner.lineage}\t${instance}\t${owner.resource}`, { ...owner, instance });
      }
    }
    const instances = this.#instances;
    this.#instances = new Map();
    for (const entry of instances.values()) {
      const instance = entry.lineage === lineage && entry.instance === from ? to : entry.instance;
      this.#instances.set(`${entry.lineage} ${instance}`, { ...entry, instance });
    }
  }
}

/** The shortest text that says the same. '' for an empty record. */
export function encodeRecord(record: HostRecord): string {
  const lines: string[] = [];
  const line = (...fields: readonly string[]): void => {
    lines.push(fields.map(recordField).join('\t'));
  };
  for (const { key, owners, before, notes } of record.entries.values()) {
    if (before !== null) line('before', key, before);
    for (const owner of owners) line('own', key, owner.lineage, owner.instance, owner.resource);
    for (const [name, value] of notes) line('set', key, name, value);
  }
  for (const { lineage, instance, json } of record.instances.values()) {
    line('instance', lineage, instance, json);
  }
  for (const { lineage, component, run, json } of record.components.values()) {
    line('component', lineage, component, run, json);
  }
  for (const { lineage, run, json } of record.clusters.values()) line('cluster', lineage, run, json);
  return lines.length === 0 ? '' : `${RECORD_HEADER}\n${lines.join('\n')}\n`;
}
