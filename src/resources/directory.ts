import { quote, sh } from '../host/sh.ts';
import { recordField } from '../host/record-codec.ts';
import type { RecordEntry } from '../host/record.ts';
import type { HostObservation } from '../host/observation.ts';
import { accessOf, accessPattern, setAccess } from './access.ts';
import { compareAttributes, reasonOf } from './compare.ts';
import {
  decodeBefore,
  entryOf,
  fateByRecord,
  ifOurs,
  leaveShared,
  kept,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  snapshotLine,
  standsOwned,
} from './ownership.ts';
import { makeParents, PARENT_NOTE, PARENTS_FUNCTIONS, pruneParents } from './parents.ts';
import type {
  DesiredDirectory,
  KindContext,
  RecordedResource,
  ResourceKind,
  ResourceRemoval,
} from './resource.ts';

/** Note on a directory that came with a package that slipway installed. */
const PACKAGED_NOTE = 'packaged';

/**
 *   access_of PATH                 its mode, owner and group, as `stat` prints them; dies when it is no directory
 *   leave_directory KEY PATH ENCODED_PATH   takes it off when it is empty; keeps it as a parent while other things of ours lie in it
 */
const FUNCTIONS = `
access_of() {
  [ -d "$1" ] && [ ! -L "$1" ] || die "$1 was changed on the host since the plan was made: it is not a directory"
  _access=$(stat -c '%a %U %G' "$1")
}
leave_directory() {
  if [ ! -e "$2" ]; then
    forget "$1"
  elif is_empty "$2"; then
    rmdir "$2"
    forget "$1"
  elif holds_owned "$3/"; then
    note "$1" ${PARENT_NOTE} yes
  else
    say "$2 is kept: it is not empty"
    forget "$1"
  fi
}
`;

export const directory: ResourceKind<DesiredDirectory> = {
  kind: 'directory',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: false }],

  attributes: ({ path, owner, group, mode, onRemove }) => ({ path, owner, group, mode, on_remove: onRemove }),

  probe: (resource) => [{ probe: 'path', path: resource.path }],

  observe(resource, observation) {
    const answer = observation.answers.get(`path ${resource.path}`);
    if (answer?.probe !== 'path') throw new Error(`${resource.path} was not probed`);
    const { found } = answer;
    if (found === null) return { state: 'absent' };
    if (found.type !== 'directory') {
      const what = { file: 'a file', link: 'a symbolic link', other: 'a special file' }[found.type];
      return { state: 'conflict', what: `${what} stands at ${resource.path}` };
    }
    const { owner, group, mode } = found;
    return { state: 'present', attributes: { owner, group, mode }, content: null };
  },

  diff(resource, observed, prior, entry, context) {
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state === 'absent') return { action: 'create', resource, reason };
    if (observed.state !== 'present') {
      return { action: 'update', resource, attributes: [], diff: null, reason, observed };
    }
    const { owner, group, mode } = resource;
    const attributes = compareAttributes({ owner, group, mode }, observed.attributes);
    if (attributes.length > 0)
      return { action: 'update', resource, attributes, diff: null, reason, observed };
    return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
  },

  apply(change, entry) {
    const { resource } = change;
    const { path, address } = resource;
    const key = keyOf(resource);
    const own = recordLine.own(key, address);
    const adopt = recordLine.adopt(key, address);
    const changed = sh('die', `${path} was changed on the host since the plan was made`);
    switch (change.action) {
      case 'create': {
        const body = [
          `if [ ! -e ${quote(path)} ] && [ ! -L ${quote(path)} ]; then`,
          own,
          makeParents(path),
          sh('mkdir', '-m', resource.mode, path),
          ...setAccess(path, { ...resource, mode: null }),
          'else',
          sh('access_of', path),
          // What a package of ours brought, no plan could see coming: it is ours as well.
          `if ${sh('came_with_package', path)}; then`,
          own,
          recordLine.note(key, PACKAGED_NOTE, 'yes'),
          ...setAccess(path, resource),
          // As is what slipway made only because something was to lie in it.
          `elif ${sh('is_unowned', recordField(key))}; then`,
          own,
          ...setAccess(path, resource),
          'else',
          `case $_access in ${accessPattern(resource)}) ;; *) ${changed} ;; esac`,
          adopt,
          'fi',
          'fi',
        ];
        return { id: address, body: body.join('\n') };
      }
      case 'adopt':
        return { id: address, body: `[ -d ${quote(path)} ] || ${changed}\n${adopt}` };
      case 'update': {
        const { observed } = change;
        if (observed.state === 'conflict') return { id: address, body: sh('die', observed.what) };
        if (observed.state !== 'present') return null;
        const body = [
          sh('access_of', path),
          'case $_access in',
          `${accessPattern(resource)}) ${adopt} ;;`,
          `${accessPattern(accessOf(observed.attributes))})`,
          ...snapshotLine(key, observed.attributes, entry),
          own,
          ...setAccess(path, resource),
          ';;',
          `*) ${changed} ;;`,
          'esac',
        ];
        return { id: address, body: body.join('\n') };
      }
      default:
        return null;
    }
  },

  blobs: () => [],

  probeRecorded: (recorded) => [
    { probe: 'path', path: pathOf(recorded) },
    { probe: 'tree', path: pathOf(recorded) },
  ],

  planRemoval(recorded, observation, context) {
    const path = pathOf(recorded);
    const answer = observation.answers.get(`path ${path}`);
    const present = answer?.probe === 'path' && answer.found?.type === 'directory';
    const fate = fateByRecord(entryOf(observation.record, recorded.key), present, context);
    if (fate.fate !== 'deleted' || recorded.attributes['on_remove'] === 'delete') return fate;
    return keptWithContent(path, observation, context) ?? fate;
  },

  remove(removal, entry) {
    const { key, address } = removal.recorded;
    const path = pathOf(removal.recorded);
    return { id: address, body: leaveShared(key, address, takeOff(removal, entry, path)) };
  },
};

function keyOf(resource: DesiredDirectory): string {
  return `directory ${resource.path}`;
}

function pathOf(recorded: RecordedResource): string {
  return String(recorded.attributes['path']);
}

function takeOff(removal: ResourceRemoval, entry: RecordEntry | null, path: string): string[] {
  const { key, attributes } = removal.recorded;
  const forget = recordLine.forget(key);
  const before = decodeBefore(entry);
  if (before.was === 'different') {
    return [`[ ! -d ${quote(path)} ] || {`, ...setAccess(path, accessOf(before.attributes)), '}', forget];
  }
  if (before.was === 'as-wanted') return [forget];
  // Empty or not, a directory of a package goes with its package.
  if (entry?.notes.has(PACKAGED_NOTE) && attributes['on_remove'] !== 'delete') return [forget];
  const leave = sh('leave_directory', recordField(key), path, recordField(path));
  const all = [
    `if ${sh('holds_owned', recordField(`${path}/`))}; then`,
    leave,
    'else',
    sh('rm', '-rf', path),
    forget,
    'fi',
  ];
  const lines = attributes['on_remove'] === 'delete' ? all : [leave];
  return ifOurs(entry, key, [...lines, pruneParents(path)]);
}

/** `kept` when more lies in a directory than this instance takes off before it; null: it will be empty. */
function keptWithContent(
  path: string,
  observation: HostObservation,
  context: KindContext,
): ResourceRemoval['fate'] | null {
  const tree = observation.answers.get(`tree ${path}`);
  if (tree?.probe !== 'tree') return null;
  let { entries, bytes } = tree;
  for (const entry of observation.record.entries.values()) {
    const [, below] = /^(?:file|link|directory|archive) (.*)$/s.exec(entry.key) ?? [];
    if (below === undefined || !below.startsWith(`${path}/`)) continue;
    if (!goesToo(entry, context)) continue;
    const found = observation.answers.get(`path ${below}`);
    entries -= 1;
    if (found?.probe === 'path' && found.found?.type === 'file') bytes -= found.found.sizeBytes;
    const content = entry.key.startsWith('archive ') ? observation.answers.get(`tree ${below}`) : undefined;
    if (content?.probe === 'tree') {
      entries -= content.entries;
      bytes -= content.bytes;
    }
  }
  return entries <= 0 ? null : kept('on_remove', entries, Math.max(0, bytes));
}

function goesToo(entry: RecordEntry, context: KindContext): boolean {
  if (decodeBefore(entry).was !== 'absent') return false;
  if (entry.owners.length === 0) return entry.notes.has(PARENT_NOTE);
  return entry.owners.every(
    (owner) => owner.lineage === context.lineage && owner.instance === context.instance,
  );
}
