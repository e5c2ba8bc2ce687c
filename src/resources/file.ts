import { quote, sh } from '../host/sh.ts';
import type { RecordEntry } from '../host/record.ts';
import { accessOf, ownership, setAccess, type Access } from './access.ts';
import { compareAttributes, reasonOf, unifiedDiff } from './compare.ts';
import { blobOf, digestOf, isSensitive, sha256 } from './content.ts';
import {
  afterHandover,
  backupName,
  decodeBefore,
  entryOf,
  fateByRecord,
  ifOurs,
  foreignOwner,
  isHandedOver,
  isKnown,
  otherOwners,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  standsOwned,
  type Before,
} from './ownership.ts';
import { makeParents, PARENTS_FUNCTIONS, pruneParents } from './parents.ts';
import type {
  AttributeMap,
  DesiredFile,
  KindContext,
  Observed,
  RecordedResource,
  ResourceKind,
} from './resource.ts';

/** Blobs above this are moved into place where nothing else needs them, instead of copied. */
const MOVE_ABOVE_BYTES = 1024 * 1024;

/**
 *   needs_file PATH SEEN DIGEST   succeeds when the content must be written, fails when it is there; dies when neither
 *                                 what the plan saw (`absent`, a digest, `any` content) nor the result is there; sets
 *                                 $file_came when a package brought the file since the plan
 *   same_file PATH SEEN           dies unless the plan's content is there
 *   begin_file PATH UMASK         then the content is written to "$new_file": exclusively, so that nobody who may write
 *                                 to the directory can have it redirected
 *   place_file PATH [OWNER] [MODE]
 */
const FUNCTIONS = `
file_digest() {
  [ -f "$1" ] && [ ! -L "$1" ] || die "$1 was changed on the host since the plan was made: it is not a regular file"
  _digest=$(sha256sum <"$1")
  _digest=\${_digest%% *}
}
needs_file() {
  file_came=
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    [ "$2" = absent ] || die "$1 was deleted on the host since the plan was made"
    return 0
  fi
  file_digest "$1"
  [ "$_digest" != "$3" ] || return 1
  case $2 in any | "$_digest") return 0 ;; esac
  [ "$2" = absent ] && came_with_package "$1" || die "$1 was changed on the host since the plan was made"
  file_came=yes
}
same_file() {
  file_digest "$1"
  case $2 in any | "$_digest") ;; *) die "$1 was changed on the host since the plan was made" ;; esac
}
begin_file() {
  new_file=$1.slipway-new
  if [ -e "$new_file" ] || [ -L "$new_file" ]; then rm -f "$new_file"; fi
  umask "$2"
  set -C
}
place_file() {
  set +C
  umask 022
  [ -z "$2" ] || chown -h "$2" "$new_file"
  [ -z "$3" ] || chmod "$3" "$new_file"
  mv -f "$new_file" "$1"
}
`;

export const file: ResourceKind<DesiredFile> = {
  kind: 'file',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: true }],

  attributes: (resource, context) => ({
    path: resource.path,
    owner: resource.owner,
    group: resource.group,
    mode: resource.mode,
    content: wantedContent(resource, context),
  }),

  probe(resource) {
    const { content, path } = resource;
    const diffable = content.type === 'text' && !content.sensitive && blobOf(content) === null;
    return [{ probe: 'path', path, digest: true, ...(diffable ? { contentUnless: content.digest } : {}) }];
  },

  observe(resource, observation, context) {
    const answer = observation.answers.get(`path ${resource.path}`);
    if (answer?.probe !== 'path') throw new Error(`${resource.path} was not probed`);
    const foreign = foreignOwner(entryOf(observation.record, keyOf(resource)), context);
    if (foreign !== null) return { state: 'conflict', what: `${resource.path} belongs to ${foreign}` };
    const { found } = answer;
    if (found === null) return { state: 'absent' };
    if (found.type !== 'file') {
      const what = { directory: 'a directory', link: 'a symbolic link', other: 'a special file' }[found.type];
      return { state: 'conflict', what: `${what} stands at ${resource.path}` };
    }
    const { owner, group, mode } = found;
    const content = observedContent(resource, found.digest ?? '', context);
    return { state: 'present', attributes: { owner, group, mode, content }, content: found.content };
  },

  diff(resource, seen, prior, entry, context) {
    const observed = prior === null && isHandedOver(entry, context) ? afterHandover(seen, entry) : seen;
    const wanted = comparable(resource, context);
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state === 'absent') return { action: 'create', resource, reason };
    if (observed.state !== 'present') {
      return { action: 'update', resource, attributes: [], diff: null, reason, observed };
    }
    const wasSensitive = String(prior?.attributes['content'] ?? '').startsWith('hmac:');
    const sensitive = wasSensitive || isSensitive(resource.content);
    const there = sensitive ? hideContent(resource, observed, context) : observed;
    const changes = compareAttributes(wanted, there.attributes, new Set(sensitive ? ['content'] : []));
    if (changes.length === 0) {
      return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
    }
    const diff = sensitive ? null : contentDiff(resource, observed);
    return { action: 'update', resource, attributes: changes, diff, reason, observed: there };
  },

  apply(change, entry, context, secrets) {
    const { resource } = change;
    const key = keyOf(resource);
    const own = recordLine.own(key, resource.address);
    const adopt = recordLine.adopt(key, resource.address);
    switch (change.action) {
      case 'create': {
        const body = write(
          resource,
          'absent',
          [...keepPackaged(key, resource), own],
          adopt,
          context,
          secrets,
          resource,
        );
        return { id: resource.address, body };
      }
      case 'adopt': {
        const body = `${sh('same_file', resource.path, digestOf(resource.content))}\n${adopt}`;
        return { id: resource.address, body };
      }
      case 'update': {
        const { observed } = change;
        if (observed.state === 'conflict') return { id: resource.address, body: sh('die', observed.what) };
        if (observed.state !== 'present') return null;
        const seen = seenDigest(observed.attributes);
        const rewrites = change.attributes.some((attribute) => attribute.name === 'content');
        const first = [...snapshot(resource, observed.attributes, entry, rewrites), own];
        // A new file takes the place of the old one: what the spec leaves open stays as it was.
        const access = rewrites ? keepAccess(resource, observed.attributes) : resource;
        const body = rewrites
          ? write(resource, seen, first, adopt, context, secrets, access)
          : [sh('same_file', resource.path, seen), ...first, ...setAccess(resource.path, access)].join('\n');
        return { id: resource.address, body };
      }
      default:
        return null;
    }
  },

  blobs(resource) {
    const blob = blobOf(resource.content);
    return blob === null ? [] : [blob];
  },

  probeRecorded: (recorded) => [{ probe: 'path', path: pathOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`path ${pathOf(recorded)}`);
    const present = answer?.probe === 'path' && answer.found?.type === 'file';
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove(removal, entry, context) {
    const { key, address } = removal.recorded;
    const path = pathOf(removal.recorded);
    if (otherOwners(entry, context).length > 0) return { id: address, body: recordLine.disown(key, address) };
    const forget = recordLine.forget(key);
    switch (removal.fate.fate) {
      case 'kept':
        return { id: address, body: forget };
      case 'restored':
        return { id: address, body: [...restore(path, key, decodeBefore(entry)), forget].join('\n') };
      default:
        return {
          id: address,
          body: ifOurs(entry, key, [sh('rm', '-f', path), forget, pruneParents(path)]).join('\n'),
        };
    }
  },
};

function keyOf(resource: DesiredFile): string {
  return `file ${resource.path}`;
}

function pathOf(recorded: RecordedResource): string {
  return String(recorded.attributes['path']);
}

function hmacOf(text: string, context: KindContext): string {
  const digest = context.hmac(text);
  return digest.startsWith('hmac:') ? digest : `hmac:${digest}`;
}

function wantedContent({ content }: DesiredFile, context: KindContext): string {
  if (content.type === 'text' && content.sensitive) return hmacOf(content.text, context);
  return `sha256:${digestOf(content)}`;
}

/** Sensitive content is compared here, in memory; what leaves is no digest that could be guessed at. */
function observedContent(resource: DesiredFile, digest: string, context: KindContext): string {
  if (!isSensitive(resource.content)) return `sha256:${digest}`;
  return digest === digestOf(resource.content)
    ? wantedContent(resource, context)
    : hmacOf(`sha256:${digest}`, context);
}

type Present = Extract<Observed, { state: 'present' }>;

/** What was sensitive by the last spec is not shown by this one. */
function hideContent(resource: DesiredFile, observed: Present, context: KindContext): Present {
  const content = String(observed.attributes['content']);
  const same = content === wantedContent(resource, context);
  if (same || content.startsWith('hmac:')) return { ...observed, content: null };
  return {
    ...observed,
    attributes: { ...observed.attributes, content: hmacOf(content, context) },
    content: null,
  };
}

function comparable(resource: DesiredFile, context: KindContext): AttributeMap {
  const { owner, group, mode } = resource;
  return { owner, group, mode, content: wantedContent(resource, context) };
}

function contentDiff(resource: DesiredFile, observed: Present): string | null {
  const { content } = resource;
  if (content.type !== 'text' || observed.content === null) return null;
  return unifiedDiff(resource.path, observed.content, content.text);
}

/** The digest that the plan saw; `any` where only an HMAC is known of it. */
function seenDigest(attributes: AttributeMap): string {
  const content = String(attributes['content']);
  return content.startsWith('sha256:') ? content.slice('sha256:'.length) : 'any';
}

function keepAccess(resource: DesiredFile, attributes: AttributeMap): Access {
  const seen = accessOf(attributes);
  const rootOnly = seen.owner === 'root' && seen.group === 'root';
  if (resource.owner === null && resource.group === null) {
    return rootOnly ? resource : { ...seen, mode: resource.mode };
  }
  return { owner: resource.owner ?? seen.owner, group: resource.group, mode: resource.mode };
}

/** Lines that keep what stood there before slipway first changes it, its content only once that is lost. */
function snapshot(
  resource: DesiredFile,
  attributes: AttributeMap,
  entry: RecordEntry | null,
  rewrites: boolean,
): string[] {
  const before = decodeBefore(entry);
  const made = before.was === 'absent' && isKnown(entry);
  if (made || (before.was === 'different' && (before.backup || !rewrites))) return [];
  const key = keyOf(resource);
  const kept: Before = {
    was: 'different',
    attributes: before.was === 'different' ? before.attributes : withoutSecrets(attributes),
    backup: rewrites,
  };
  const backup = `"$BACKUPS"/${backupName(key)}`;
  return [...(rewrites ? [`${sh('cp', '-p', resource.path)} ${backup}`] : []), recordLine.before(key, kept)];
}

/** A package's own version of the file, which no plan could see coming, comes back as long as the package stays. */
function keepPackaged(key: string, resource: DesiredFile): string[] {
  const before = recordLine.before(key, { was: 'different', attributes: {}, backup: true });
  const copy = `${sh('cp', '-p', resource.path)} "$BACKUPS"/${backupName(key)}`;
  return ['if [ -n "$file_came" ]; then', copy, before, 'fi'];
}

/** The record never needs the digest of sensitive content: the backup has the content itself. */
function withoutSecrets(attributes: AttributeMap): AttributeMap {
  const { content, ...rest } = attributes;
  return String(content).startsWith('hmac:') ? rest : { ...rest, content: content ?? null };
}

function restore(path: string, key: string, before: Before): string[] {
  if (before.was !== 'different') return [];
  const access = accessOf(before.attributes);
  if (!before.backup) return [`[ ! -f ${quote(path)} ] || {`, ...setAccess(path, access), '}'];
  const backup = `"$BACKUPS"/${backupName(key)}`;
  const copy = quote(`${path}.slipway-new`);
  // Without its backup it was restored already, by a run that did not get to forget it.
  return [
    `if [ -e ${backup} ]; then`,
    makeParents(path),
    `rm -f ${copy}`,
    `cp -p ${backup} ${copy}`,
    ...setAccess(`${path}.slipway-new`, access),
    `mv -f ${copy} ${quote(path)}`,
    `rm -f ${backup}`,
    'fi',
  ];
}

/** Writes the content beside the path and puts it in place with owner and mode in one rename. */
function write(
  resource: DesiredFile,
  seen: string,
  first: readonly string[],
  adopt: string,
  context: KindContext,
  secrets: Map<string, string | Uint8Array>,
  access: Access,
): string {
  const { path, content, mode } = resource;
  const moved = movedBlob(resource, context);
  // Without execute and special bits the umask alone gives the mode: one process less.
  const plain = (Number.parseInt(mode, 8) & ~0o666) === 0 && !moved;
  const umask = plain ? (0o777 & ~Number.parseInt(mode, 8)).toString(8).padStart(4, '0') : '0077';
  return [
    `if ${sh('needs_file', path, seen, digestOf(content))}; then`,
    ...first,
    makeParents(path),
    sh('begin_file', path, umask),
    contentLine(resource, moved, secrets),
    sh('place_file', path, ownership(access) ?? '', plain ? '' : mode),
    'else',
    adopt,
    ...setAccess(path, resource),
    'fi',
  ].join('\n');
}

function movedBlob({ content }: DesiredFile, context: KindContext): boolean {
  return (
    content.type === 'blob' &&
    content.blob.sizeBytes > MOVE_ABOVE_BYTES &&
    (context.soleBlobs?.has(content.blob.digest) ?? false)
  );
}

function contentLine(
  { address, content }: DesiredFile,
  moved: boolean,
  secrets: Map<string, string | Uint8Array>,
): string {
  if (content.type === 'text' && content.sensitive) {
    const name = `content-${sha256(address).slice(0, 16)}`;
    secrets.set(name, content.text);
    return `cat "$SECRETS"/${name} >"$new_file"`;
  }
  const blob = blobOf(content);
  if (blob !== null) {
    const from = `"$BLOBS"/${blob.digest}`;
    return moved ? `mv ${from} "$new_file"` : `cat ${from} >"$new_file"`;
  }
  return content.type === 'text' ? `printf %s ${quote(content.text)} >"$new_file"` : ':';
}
