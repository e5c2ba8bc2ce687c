import type { HostObservation, ProbeAnswer, ProbeRequest } from '../host/observation.ts';
import { probeKey } from '../host/observation.ts';
import type { RecordEntry } from '../host/record.ts';
import { recordField } from '../host/record-codec.ts';
import { quote, sh } from '../host/sh.ts';
import type {
  AttributeChange,
  DesiredArchive,
  KindContext,
  Observed,
  RecordedResource,
  ResourceChange,
  ResourceKind,
} from './resource.ts';
import { ARCHIVE_FUNCTIONS } from './archive-unpack.ts';
import { compareAttributes, reasonOf } from './compare.ts';
import {
  decodeBefore,
  entryOf,
  fateByRecord,
  foreignOwner,
  ifOurs,
  isHandedOver,
  isKnown,
  isOwner,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  standsOwned,
} from './ownership.ts';
import { makeParents, PARENTS_FUNCTIONS, pruneParents } from './parents.ts';

/** Notes on an archive's directory: what was unpacked (`SHA256 STRIP`), and the digest of the tree that it gave. */
const SOURCE_NOTE = 'source';
const TREE_NOTE = 'tree';

/** An archive unpacked into a directory that belongs to it alone. */
export const archive: ResourceKind<DesiredArchive> = {
  kind: 'archive',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + ARCHIVE_FUNCTIONS,
  key: keyOf,
  // Nobody else may hold a directory, file or link in its place either.
  claims: (resource) =>
    ['archive', 'directory', 'file', 'link'].map((what) => ({
      key: `${what} ${resource.path}`,
      exclusive: true,
    })),
  attributes: attributesOf,
  blobs: (resource) => [resource.blob],
  probe: (resource) => requests(resource.path),

  observe(resource, observation, context) {
    const entry = entryOf(observation.record, keyOf(resource));
    const foreign = foreignOwner(entry, context);
    if (foreign !== null) return { state: 'conflict', what: `${resource.path} belongs to ${foreign}` };
    return observeDirectory(resource.path, observation, entry);
  },

  diff(resource, observed, prior, entry, context) {
    return diffArchive(resource, observed, prior, entry, context);
  },

  apply(change, entry, context) {
    const { resource } = change;
    const id = resource.address;
    switch (change.action) {
      case 'create':
        return { id, body: unpackBody(resource, entry, context, null) };
      case 'update': {
        if (change.observed.state === 'conflict') return { id, body: sh('die', change.observed.what) };
        return { id, body: unpackBody(resource, entry, context, change.observed) };
      }
      case 'adopt':
        return { id, body: recordLine.own(keyOf(resource), id) };
      default:
        return null;
    }
  },

  probeRecorded: (recorded) => requests(pathOf(recorded)),

  planRemoval(recorded, observation, context) {
    const entry = entryOf(observation.record, recorded.key);
    const found = answerTo(observation, { probe: 'path', path: pathOf(recorded) })?.found ?? null;
    return fateByRecord(entry, found?.type === 'directory', context);
  },

  remove(removal, entry) {
    const { key, address } = removal.recorded;
    const path = pathOf(removal.recorded);
    const leave = [recordLine.disown(key, address), recordLine.forget(key)];
    if (removal.fate.fate === 'kept') {
      const body = removal.fate.why === 'shared' ? leave.slice(0, 1) : leave;
      return { id: address, body: body.join('\n') };
    }
    const before = decodeBefore(entry);
    const ends = ['', '.slipway-new', '.slipway-new.strip', '.slipway-old', '.slipway-names'];
    const leftovers = ends.map((end) => path + end);
    const lines = [sh('rm', '-rf', ...leftovers)];
    if (before.was === 'different') {
      const { mode, owner, group } = before.attributes;
      lines.push(makeParents(path), sh('mkdir', '-m', String(mode), path));
      lines.push(sh('chown', `${String(owner)}:${String(group)}`, path));
    }
    lines.push(...leave);
    if (before.was !== 'different') lines.push(pruneParents(path));
    return { id: address, body: ifOurs(entry, key, lines).join('\n') };
  },
};

function keyOf(resource: DesiredArchive): string {
  return `archive ${resource.path}`;
}

function pathOf(recorded: RecordedResource): string {
  return String(recorded.attributes['path']);
}

function attributesOf({ path, blob, format, strip, owner, group }: DesiredArchive) {
  return { path, sha256: blob.digest, format, strip, owner, group };
}

function requests(path: string): readonly ProbeRequest[] {
  return [
    { probe: 'path', path },
    { probe: 'tree', path },
    { probe: 'tree-digest', path },
  ];
}

function answerTo<R extends ProbeRequest>(observation: HostObservation, request: R) {
  return observation.answers.get(probeKey(request)) as
    Extract<ProbeAnswer, { probe: R['probe'] }> | undefined;
}

function observeDirectory(path: string, observation: HostObservation, entry: RecordEntry | null): Observed {
  const found = answerTo(observation, { probe: 'path', path })?.found ?? null;
  if (found === null) return { state: 'absent' };
  if (found.type !== 'directory') {
    const what = { file: 'a file', link: 'a symbolic link', other: 'a special file' }[found.type];
    return { state: 'conflict', what: `${what} stands at ${path}` };
  }
  const { owner, group, mode } = found;
  const entries = answerTo(observation, { probe: 'tree', path })?.entries ?? 0;
  if (!isKnown(entry) && entries > 0)
    return {
      state: 'conflict',
      what: `${path} is a directory with ${entries} entries that slipway did not make`,
    };
  const [sha256 = null, strip = null] = (entry?.notes.get(SOURCE_NOTE) ?? '').split(' ').filter(Boolean);
  const tree = answerTo(observation, { probe: 'tree-digest', path })?.digest ?? null;
  const attributes = { sha256, strip: strip === null ? null : Number(strip), tree, owner, group, mode };
  return { state: 'present', attributes, content: null };
}

function diffArchive(
  resource: DesiredArchive,
  observed: Observed,
  prior: RecordedResource | null,
  entry: RecordEntry | null,
  context: KindContext,
): ResourceChange {
  const wanted = attributesOf(resource);
  const reason = reasonOf(prior, wanted, observed);
  if (observed.state === 'absent' || (prior === null && isHandedOver(entry, context)))
    return { action: 'create', resource, reason };
  if (observed.state !== 'present')
    return { action: 'update', resource, attributes: [], diff: null, reason, observed };
  const { sha256, strip, owner, group } = wanted;
  const attributes: AttributeChange[] = compareAttributes(
    { sha256, strip, owner, group },
    observed.attributes,
  );
  const tree = entry?.notes.get(TREE_NOTE) ?? null;
  if (sha256 === observed.attributes['sha256'] && tree !== null)
    attributes.push(...compareAttributes({ tree }, observed.attributes));
  if (attributes.length > 0) return { action: 'update', resource, attributes, diff: null, reason, observed };
  return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
}

/** `observed`: what the plan saw in its place, null for nothing. */
function unpackBody(
  resource: DesiredArchive,
  entry: RecordEntry | null,
  context: KindContext,
  observed: Observed | null,
): string {
  const { path, blob, format, strip, owner, group, address } = resource;
  const key = keyOf(resource);
  const lines: string[] = [];
  if (!isKnown(entry)) {
    lines.push(sh('archive_expect', path));
    if (observed?.state === 'present') {
      const { mode = null, owner = null, group = null } = observed.attributes;
      lines.push(
        recordLine.before(key, { was: 'different', attributes: { mode, owner, group }, backup: false }),
      );
    }
  }
  if (!isOwner(entry, address, context)) lines.push(recordLine.own(key, address));
  const access = group === null ? (owner ?? '') : `${owner ?? ''}:${group}`;
  lines.push(
    makeParents(path),
    `archive_unpack "$BLOBS"/${blob.digest} ${[format, String(strip), path, access].map(quote).join(' ')}`,
    recordLine.note(key, SOURCE_NOTE, `${blob.digest} ${strip}`),
    `note ${quote(recordField(key))} ${TREE_NOTE} "$archive_tree"`,
  );
  return lines.join('\n');
}
