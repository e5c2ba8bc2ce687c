import { renameInstance, type Owner, type RecordEntry } from '../../src/host/record.ts';
import { excludeEachOther } from '../../src/plan/places.ts';
import type { InstanceChange, Plan } from '../../src/plan/plan.ts';
import { triggersDigests } from '../../src/plan/resource-changes.ts';
import { kindOf } from '../../src/resources/kinds.ts';
import { decodeBefore, encodeBefore, type Before } from '../../src/resources/ownership.ts';
import { ancestors } from '../../src/resources/parents.ts';
import type {
  AttributeMap,
  DesiredResource,
  KindContext,
  RecordedResource,
  ResourceChange,
} from '../../src/resources/resource.ts';
import { renderUnit, UNIT_FOLDER, unitName, WANTS_FOLDER } from '../../src/resources/unit-file.ts';
import { newUser, ROOT_DIRECTORY, ROOT_FILE, type ModelPath, type ScriptedHost } from './scripted-host.ts';

type Active = Exclude<InstanceChange, { action: 'none' }>;

/**
 * Carries out a change on a scripted host as its shell script would, down to the host's record. `failAt`: the address of a
 * resource at which it fails; what stands before it is done. True when it came through.
 */
export function carryOut(
  host: ScriptedHost,
  change: Active,
  plan: Plan,
  hmac: (text: string) => string,
  failAt: string | null,
): boolean {
  const planned = plan.hosts.get(change.host);
  if (planned === undefined) throw new Error(`${change.host} is not planned`);
  const context: KindContext = {
    lineage: plan.lineage,
    instance: change.address,
    init: planned.init,
    layout: planned.layout,
    triggersDigest: '',
    hmac,
  };
  if (failAt === 'moved') return false;
  if (change.action === 'update' && change.movedFrom !== null)
    host.record = renameInstance(host.record, plan.lineage, change.movedFrom, change.address);
  const work = new Work(host, context, change);
  if (change.action === 'remove') {
    for (const removal of change.removals) {
      if (removal.recorded.address === failAt) return false;
      work.takeOff(removal.recorded, removal.fate.fate);
    }
    work.setInstance(null);
    return true;
  }
  const removals = change.action === 'update' ? change.removals : [];
  const keys = change.resources.map(({ resource }) => kindOf(resource).key(resource, context));
  const goesFirst = ({ kind, key }: RecordedResource): boolean =>
    kind === 'service' ||
    kind === 'script' ||
    keys.some((wanted) => wanted === key || excludeEachOther(wanted, key));
  for (const { recorded, fate } of removals) if (goesFirst(recorded)) work.takeOff(recorded, fate.fate);
  for (const resource of change.resources) {
    if (resource.resource.address === failAt) return false;
    work.put(resource);
  }
  for (const { recorded, fate } of removals) if (!goesFirst(recorded)) work.takeOff(recorded, fate.fate);
  for (const { resource } of change.resources) work.letGoOfOldNames(resource);
  for (const { resource } of change.resources) work.noteStart(resource);
  work.setInstance('{}');
  return true;
}

class Work {
  readonly #digests: ReadonlyMap<string, string>;

  constructor(
    private readonly host: ScriptedHost,
    private readonly context: KindContext,
    private readonly change: Active,
  ) {
    this.#digests =
      change.action === 'remove'
        ? new Map()
        : triggersDigests(change.desired.resources, context, change.desired.ignoreChanges);
  }

  put(change: ResourceChange): void {
    if (change.action === 'none') return;
    const { resource } = change;
    const key = kindOf(resource).key(resource, this.context);
    const entry = this.host.record.entries.get(key);
    const known = entry !== undefined;
    // What was adopted as it was, and is changed only now, was other than wanted after all.
    const isChanged = known && decodeBefore(entry).was !== 'as-wanted';
    if (change.action === 'adopt') {
      if (!known && resource.kind !== 'script') this.#before(key, { was: 'as-wanted' });
      if (resource.kind === 'script' && change.takenOver !== true && resource.unless !== null && !known)
        this.#before(key, { was: 'as-wanted' });
    } else if (change.action === 'update' && change.observed.state === 'present' && !isChanged) {
      this.#before(key, { was: 'different', attributes: change.observed.attributes, backup: true });
      const path = 'path' in resource ? this.host.paths.get(resource.path) : undefined;
      if (path !== undefined) this.host.backups.set(key, { ...path });
    } else if (change.action === 'create' && this.#isOther(resource)) {
      throw new Error(
        `${resource.address} of ${this.context.instance} was planned to be new, but it is there`,
      );
    } else if (change.action === 'create' && !known && this.#isThere(resource)) {
      this.#before(key, { was: 'as-wanted' });
    }
    this.#own(key, resource.address);
    if (change.action !== 'adopt') this.#make(resource);
    if (resource.kind === 'service') this.#note(key, 'started', this.#digests.get(resource.address) ?? '');
    if (resource.kind === 'script') {
      this.#note(key, 'done', resource.triggersDigest);
      this.host.done.set(key, true);
    }
  }

  /** What stays stopped counts as started with what it will be started with. */
  noteStart(resource: DesiredResource): void {
    if (resource.kind !== 'service' || resource.stopped !== true) return;
    const key = kindOf(resource).key(resource, this.context);
    this.#note(key, 'started', this.#digests.get(resource.address) ?? '');
  }

  /** A file or link that is there when it should come, and is not as wanted: the real step would fail. */
  #isOther(resource: DesiredResource): boolean {
    if (resource.kind !== 'file' && resource.kind !== 'link') return false;
    const there = this.host.paths.get(resource.path);
    if (there === undefined) return false;
    if (resource.kind === 'link') return there.type !== 'link' || there.target !== resource.target;
    const text = resource.content.type === 'text' ? resource.content.text : resource.content.blob.digest;
    return there.type !== 'file' || there.text !== text;
  }

  #isThere(resource: DesiredResource): boolean {
    const { host } = this;
    switch (resource.kind) {
      case 'package':
        return host.packages.has(resource.name);
      case 'user':
        return host.users.has(resource.name);
      case 'group':
        return host.groups.has(resource.name);
      case 'directory':
        return host.paths.has(resource.path);
      default:
        return false;
    }
  }

  #make(resource: DesiredResource): void {
    const { host } = this;
    switch (resource.kind) {
      case 'package':
        if (resource.version !== null)
          host.packages.set(resource.name, resource.version.replaceAll('*', '1'));
        else if (!host.packages.has(resource.name)) host.packages.set(resource.name, '1.0-1');
        return;
      case 'group':
        host.groups.set(resource.name, resource.gid ?? host.groups.get(resource.name) ?? 600);
        return;
      case 'user': {
        const there = host.users.get(resource.name) ?? newUser(resource.name, 600 + host.users.size);
        const { uid, group, groups, home, shell, comment } = resource;
        host.users.set(resource.name, {
          ...there,
          uid: uid ?? there.uid,
          group: group ?? there.group,
          groups: [...new Set([group ?? there.group, ...(groups.length > 0 ? groups : there.groups)])],
          home: home ?? there.home,
          shell: shell ?? there.shell,
          comment: comment ?? there.comment,
        });
        return;
      }
      case 'directory':
        this.#place(resource.path, { ...ROOT_DIRECTORY, mode: resource.mode }, resource);
        return;
      case 'file': {
        const text = resource.content.type === 'text' ? resource.content.text : resource.content.blob.digest;
        this.#place(resource.path, { ...ROOT_FILE, mode: resource.mode, text }, resource);
        return;
      }
      case 'link':
        this.#place(resource.path, { ...ROOT_FILE, type: 'link', target: resource.target }, {});
        return;
      case 'service': {
        const unit = unitName(resource.name);
        const isDown = resource.stopped === true;
        const isEnabled = resource.enabledAtBoot && !isDown;
        if (resource.command !== null) {
          this.#place(`${UNIT_FOLDER}/${unit}`, { ...ROOT_FILE, text: renderUnit(resource) }, {});
          if (isEnabled)
            this.#place(`${WANTS_FOLDER}/${unit}`, { ...ROOT_FILE, type: 'link', target: unit }, {});
          else host.paths.delete(`${WANTS_FOLDER}/${unit}`);
        }
        const listens =
          this.change.action === 'remove'
            ? []
            : this.change.desired.declaration.endpoints.map(({ bind, port }) => `${bind}:${port}`);
        host.units.set(unit, { active: !isDown, enabled: isEnabled, listens });
        return;
      }
      case 'script':
        return;
      case 'archive':
        throw new Error('the scripted host unpacks nothing');
    }
  }

  #place(path: string, what: ModelPath, access: { owner?: string | null; group?: string | null }): void {
    for (const parent of ancestors(path)) {
      if (this.host.paths.has(parent)) continue;
      this.#note(`directory ${parent}`, 'parent', 'yes');
      this.host.paths.set(parent, { ...ROOT_DIRECTORY });
    }
    const there = this.host.paths.get(path);
    const owner = access.owner ?? there?.owner ?? what.owner;
    this.host.paths.set(path, { ...what, owner, group: access.group ?? there?.group ?? what.group });
  }

  takeOff(recorded: RecordedResource, fate: string): void {
    const { key, attributes, kind } = recorded;
    const { host, context } = this;
    const entry = host.record.entries.get(key);
    const others = (entry?.owners ?? []).filter(
      (owner) => owner.lineage !== context.lineage || owner.instance !== context.instance,
    );
    if (others.length > 0) {
      this.#write(key, { owners: others });
      return;
    }
    const before = decodeBefore(entry ?? null);
    if (before.was === 'different') this.#restore(recorded, before.attributes);
    else if (before.was === 'absent' && entry !== undefined && kind !== 'script') this.#delete(recorded);
    if (kind === 'directory' && before.was === 'absent' && this.#holdsOwned(String(attributes['path']))) {
      // It goes with the last thing of ours in it.
      this.#write(key, { owners: [] });
      this.#note(key, 'parent', 'yes');
      return;
    }
    if (kind === 'script' && fate === 'deleted') host.done.delete(key);
    this.#forget(key);
    host.backups.delete(key);
    const { path } = attributes;
    if (typeof path === 'string') this.#prune(path);
  }

  #restore({ key, kind, attributes }: RecordedResource, before: AttributeMap): void {
    const { host } = this;
    const path = String(attributes['path']);
    const backup = host.backups.get(key);
    if (backup !== undefined) host.paths.set(path, backup);
    else if (kind === 'package') host.packages.set(String(attributes['name']), String(before['version']));
    else if (kind === 'user') {
      const name = String(attributes['name']);
      const user = host.users.get(name);
      if (user === undefined) return;
      const groups = String(before['groups'] ?? '')
        .split(',')
        .filter(Boolean);
      host.users.set(name, {
        ...user,
        ...(before as object),
        groups: [String(before['group']), ...groups],
      });
    } else if (kind === 'service') {
      const unit = host.units.get(unitName(String(attributes['name'])));
      if (unit !== undefined) {
        unit.active = before['active'] === true;
        unit.enabled = before['enabled'] === true;
      }
    }
  }

  #delete({ kind, attributes }: RecordedResource): void {
    const { host } = this;
    const name = String(attributes['name']);
    const path = String(attributes['path']);
    switch (kind) {
      case 'package':
        host.packages.delete(name);
        return;
      case 'user':
        host.users.delete(name);
        return;
      case 'group':
        host.groups.delete(name);
        return;
      case 'directory':
        for (const below of [...host.paths.keys()])
          if (below.startsWith(`${path}/`)) {
            if (attributes['on_remove'] !== 'delete') return;
            host.paths.delete(below);
          }
        host.paths.delete(path);
        return;
      case 'file':
      case 'link':
        host.paths.delete(path);
        return;
      case 'service': {
        const unit = unitName(name);
        host.units.delete(unit);
        host.paths.delete(`${UNIT_FOLDER}/${unit}`);
        host.paths.delete(`${WANTS_FOLDER}/${unit}`);
        return;
      }
      case 'archive':
      case 'script':
        return;
    }
  }

  #holdsOwned(path: string): boolean {
    return [...this.host.record.entries.values()].some(
      ({ key, owners }) => owners.length > 0 && key.includes(` ${path}/`),
    );
  }

  #prune(path: string): void {
    for (const parent of ancestors(path).reverse()) {
      const entry = this.host.record.entries.get(`directory ${parent}`);
      if (entry === undefined || entry.owners.length > 0) return;
      if ([...this.host.paths.keys()].some((below) => below.startsWith(`${parent}/`))) return;
      this.host.paths.delete(parent);
      this.#forget(`directory ${parent}`);
    }
  }

  letGoOfOldNames(resource: DesiredResource): void {
    const key = kindOf(resource).key(resource, this.context);
    const names = new Set(
      this.change.action === 'remove'
        ? []
        : this.change.resources
            .filter((c) => kindOf(c.resource).key(c.resource, this.context) === key)
            .map((c) => c.resource.address),
    );
    const owners = (this.host.record.entries.get(key)?.owners ?? []).filter(
      (owner) => !this.#isOurs(owner) || names.has(owner.resource),
    );
    if (this.host.record.entries.has(key)) this.#write(key, { owners });
  }

  #isOurs(owner: Owner): boolean {
    return owner.lineage === this.context.lineage && owner.instance === this.context.instance;
  }

  setInstance(json: string | null): void {
    const { lineage, instance } = this.context;
    const instances = new Map(this.host.record.instances);
    if (json === null) instances.delete(`${lineage} ${instance}`);
    else instances.set(`${lineage} ${instance}`, { lineage, instance, json });
    this.host.record = { ...this.host.record, instances };
  }

  #own(key: string, resource: string): void {
    const { lineage, instance } = this.context;
    const owners = this.host.record.entries.get(key)?.owners ?? [];
    if (owners.some((owner) => this.#isOurs(owner) && owner.resource === resource)) return;
    this.#write(key, { owners: [...owners, { lineage, instance, resource }] });
  }

  #before(key: string, before: Exclude<Before, { was: 'absent' }>): void {
    this.#write(key, { before: encodeBefore(before) });
  }

  #note(key: string, name: string, value: string): void {
    const notes = new Map(this.host.record.entries.get(key)?.notes ?? []).set(name, value);
    this.#write(key, { notes });
  }

  #forget(key: string): void {
    const entries = new Map(this.host.record.entries);
    entries.delete(key);
    this.host.record = { ...this.host.record, entries };
  }

  #write(key: string, part: Partial<RecordEntry>): void {
    const there = this.host.record.entries.get(key) ?? { key, owners: [], before: null, notes: new Map() };
    const entry = { ...there, ...part };
    if (entry.owners.length === 0 && entry.before === null && entry.notes.size === 0) {
      this.#forget(key);
      return;
    }
    this.host.record = { ...this.host.record, entries: new Map(this.host.record.entries).set(key, entry) };
  }
}
