import type { RecordEntry } from '../host/record.ts';
import { quote, sh } from '../host/sh.ts';
import { accessOf, ownership, setAccess, type Access } from './access.ts';
import { blobOf, digestOf, sha256 } from './content.ts';
import { backupName, decodeBefore, isKnown, recordLine, type Before } from './ownership.ts';
import { makeParents } from './parents.ts';
import type { AttributeMap, DesiredFile, KindContext } from './resource.ts';

/** Blobs above this are moved into place where nothing else needs them, instead of copied. */
const MOVE_ABOVE_BYTES = 1024 * 1024;

/**
 *   needs_file PATH SEEN DIGEST   succeeds when the content must be written, fails when it is there; dies when neither
 *                                 what the plan saw (`absent`, a digest, `any` content) nor the result is there; sets
 *                                 $file_came when a package brought the file since the plan
 *   same_file PATH SEEN           dies unless the plan's content is there
 *   begin_file PATH UMASK         then the content is written to "$new_file": exclusively, so that nobody who may write
 *                                 to the directory can have it redirected
 *   drop_file                     the content could not be written: takes off what there is of it, and dies
 *   place_file PATH [OWNER] [MODE]
 *   move_blob BLOB [OWNER] [MODE] instead of writing: gets owner and mode where only root sees it. -T: nobody who may write to
 *                                 the directory can have it moved elsewhere. Where a directory passes on its group, an
 *                                 ACL or a label (SELinux), the file has to be born in it
 */
export const FILE_FUNCTIONS = `
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
drop_file() {
  rm -f "$new_file"
  die "cannot write $new_file"
}
place_file() {
  set +C
  umask 022
  [ -z "$2" ] || chown -h "$2" "$new_file"
  [ -z "$3" ] || chmod "$3" "$new_file"
  mv -f "$new_file" "$1"
}
move_blob() {
  _passes_on=$(ls -ld -- "\${new_file%/*}/")
  case $_passes_on in ??????[sS]* | ??????????+*) ;; *) _passes_on= ;; esac
  if [ -n "$_passes_on" ] || [ -e /sys/fs/selinux/enforce ]; then
    cat "$1" >"$new_file" || drop_file
    set -- "$new_file" "$2" "$3"
  fi
  [ -z "$2" ] || chown -h "$2" "$1"
  [ -z "$3" ] || chmod "$3" "$1"
  [ "$1" = "$new_file" ] || mv -fT "$1" "$new_file" || drop_file
}
`;

export function keepAccess(resource: DesiredFile, attributes: AttributeMap): Access {
  const seen = accessOf(attributes);
  const rootOnly = seen.owner === 'root' && seen.group === 'root';
  if (resource.owner === null && resource.group === null) {
    return rootOnly ? resource : { ...seen, mode: resource.mode };
  }
  return { owner: resource.owner ?? seen.owner, group: resource.group, mode: resource.mode };
}

/** Lines that keep what stood there before slipway first changes it, its content only once that is lost. */
export function snapshot(
  resource: DesiredFile,
  attributes: AttributeMap,
  entry: RecordEntry | null,
  rewrites: boolean,
): string[] {
  const before = decodeBefore(entry);
  const made = before.was === 'absent' && isKnown(entry);
  if (made || (before.was === 'different' && (before.backup || !rewrites))) return [];
  const key = `file ${resource.path}`;
  const kept: Before = {
    was: 'different',
    attributes: before.was === 'different' ? before.attributes : withoutSecrets(attributes),
    backup: rewrites,
  };
  const backup = `"$BACKUPS"/${backupName(key)}`;
  return [...(rewrites ? [`${sh('cp', '-p', resource.path)} ${backup}`] : []), recordLine.before(key, kept)];
}

/** A package's own version of the file, which no plan could see coming, comes back as long as the package stays. */
export function keepPackaged(key: string, resource: DesiredFile): string[] {
  const before = recordLine.before(key, { was: 'different', attributes: {}, backup: true });
  const copy = `${sh('cp', '-p', resource.path)} "$BACKUPS"/${backupName(key)}`;
  return ['if [ -n "$file_came" ]; then', copy, before, 'fi'];
}

/** The record never needs the digest of sensitive content: the backup has the content itself. */
function withoutSecrets(attributes: AttributeMap): AttributeMap {
  const { content, ...rest } = attributes;
  return String(content).startsWith('hmac:') ? rest : { ...rest, content: content ?? null };
}

export function restore(path: string, key: string, before: Before): string[] {
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
export function write(
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
  const owner = ownership(access) ?? '';
  // Without execute and special bits the umask alone gives the mode: one process less.
  const plain = (Number.parseInt(mode, 8) & ~0o666) === 0;
  const umask = plain ? (0o777 & ~Number.parseInt(mode, 8)).toString(8).padStart(4, '0') : '0077';
  return [
    `if ${sh('needs_file', path, seen, digestOf(content))}; then`,
    ...first,
    makeParents(path),
    sh('begin_file', path, umask),
    ...(moved
      ? [`move_blob "$BLOBS"/${digestOf(content)} ${quote(owner)} ${mode}`, sh('place_file', path, '', '')]
      : [`${contentLine(resource, secrets)} || drop_file`, sh('place_file', path, owner, plain ? '' : mode)]),
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

function contentLine({ address, content }: DesiredFile, secrets: Map<string, string | Uint8Array>): string {
  if (content.type === 'text' && content.sensitive) {
    const name = `content-${sha256(address).slice(0, 16)}`;
    secrets.set(name, content.text);
    return `cat "$SECRETS"/${name} >"$new_file"`;
  }
  const blob = blobOf(content);
  if (blob !== null) return `cat "$BLOBS"/${blob.digest} >"$new_file"`;
  return content.type === 'text' ? `printf %s ${quote(content.text)} >"$new_file"` : ':';
}
