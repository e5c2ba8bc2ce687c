import { createHash } from 'node:crypto';
import type { HostRecord, Owner, RecordEntry } from '../host/record.ts';
import { sh } from '../host/sh.ts';
import { recordField } from '../host/record-codec.ts';
import type { AttributeMap, KindContext, Observed, RecordedResource, ResourceRemoval } from './resource.ts';

/** What stood in a thing's place before slipway. */
export type Before =
  /** Nothing: slipway made it, so it goes with its last owner. */
  | { readonly was: 'absent' }
  /** It was as wanted: adopted, stays at removal. */
  | { readonly was: 'as-wanted' }
  /** It was other than wanted: comes back when the last owner leaves. `backup`: its content lies in $BACKUPS. */
  | { readonly was: 'different'; readonly attributes: AttributeMap; readonly backup: boolean };

export const AS_WANTED: Before = { was: 'as-wanted' };

/** The WHAT of a `before` line; `absent` needs none. */
export function encodeBefore(before: Exclude<Before, { was: 'absent' }>): string {
  if (before.was === 'as-wanted') return 'as-wanted';
  return JSON.stringify({ attributes: before.attributes, backup: before.backup });
}

/** What the record says stood there before; `absent` where nothing was noted. */
export function decodeBefore(entry: RecordEntry | null): Before {
  if (entry === null || entry.before === null) return { was: 'absent' };
  if (!entry.before.startsWith('{')) return AS_WANTED;
  const { attributes, backup } = JSON.parse(entry.before) as { attributes: AttributeMap; backup: boolean };
  return { was: 'different', attributes, backup };
}

/** Name in $BACKUPS of the content that stood under a record key before slipway. */
export function backupName(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Is this very resource written down as an owner? */
export function isOwner(entry: RecordEntry | null, resource: string, context: KindContext): boolean {
  return (
    entry !== null && entry.owners.some((owner) => isInstance(owner, context) && owner.resource === resource)
  );
}

/** Owners that are not this instance. */
export function otherOwners(entry: RecordEntry | null, context: KindContext): readonly Owner[] {
  return entry === null ? [] : entry.owners.filter((owner) => !isInstance(owner, context));
}

function isInstance(owner: Owner, context: KindContext): boolean {
  return owner.lineage === context.lineage && owner.instance === context.instance;
}

/** Did slipway make or change it already? Then what stands there now is no news of the time before slipway. */
export function isKnown(entry: RecordEntry | null): boolean {
  return entry !== null && (entry.owners.length > 0 || entry.before !== null || entry.notes.size > 0);
}

/**
 * Is the thing written down as this instance's? After a `moved` the record may still have the instance's old name: then
 * state knows the resource (`prior`).
 */
export function standsOwned(
  entry: RecordEntry | null,
  prior: RecordedResource | null,
  context: KindContext,
): boolean {
  if (entry === null) return false;
  return entry.owners.some(
    (owner) => isInstance(owner, context) || (prior !== null && owner.lineage === context.lineage),
  );
}

/** In words, an owner of another cluster that an exclusive thing belongs to; null when it is free for this instance. */
export function foreignOwner(entry: RecordEntry | null, context: KindContext): string | null {
  const owner = entry?.owners.find((candidate) => candidate.lineage !== context.lineage);
  return owner === undefined ? null : `${owner.resource} of ${owner.instance} in another cluster`;
}

/**
 * Another instance of this cluster holds an exclusive thing now and gives it up before this one takes it: what will be
 * there then is what was there before slipway.
 */
export function isHandedOver(entry: RecordEntry | null, context: KindContext): boolean {
  return (
    entry !== null &&
    entry.owners.length > 0 &&
    entry.owners.every((owner) => owner.lineage === context.lineage && owner.instance !== context.instance)
  );
}

/**
 * What becomes of a thing when this instance leaves it, by the record alone: others stay, what was there before comes
 * back, what slipway made goes. Without an entry it is not ours: it stays. Kinds refine `deleted`.
 */
export function fateByRecord(
  entry: RecordEntry | null,
  present: boolean,
  context: KindContext,
): ResourceRemoval['fate'] {
  if (otherOwners(entry, context).length > 0) return kept('shared');
  const before = decodeBefore(entry);
  if (before.was === 'different') return { fate: 'restored' };
  if (!present) return { fate: 'gone' };
  if (entry === null || before.was === 'as-wanted') return kept('adopted');
  return { fate: 'deleted' };
}

export function kept(
  why: 'adopted' | 'shared' | 'on_remove',
  entries: number | null = null,
  bytes: number | null = null,
): ResourceRemoval['fate'] {
  return { fate: 'kept', why, entries, bytes };
}

export function entryOf(record: HostRecord, key: string): RecordEntry | null {
  return record.entries.get(key) ?? null;
}

/** Lines of a step that extend the host record. */
export const recordLine = {
  own: (key: string, resource: string) => sh('own', recordField(key), recordField(resource)),
  disown: (key: string, resource: string) => sh('disown', recordField(key), recordField(resource)),
  before: (key: string, before: Exclude<Before, { was: 'absent' }>) =>
    sh('before', recordField(key), recordField(encodeBefore(before))),
  note: (key: string, name: string, value: string) =>
    sh('note', recordField(key), recordField(name), recordField(value)),
  forget: (key: string) => sh('forget', recordField(key)),
  /** Owns what stands there already; when the record knows nothing of it, it was there before slipway. */
  adopt: (key: string, resource: string) => sh('adopt', recordField(key), recordField(resource)),
  /** Succeeds when the record, as it is now on the host, names an owner. For shared things: plans grow old. */
  isOwned: (key: string) => sh('is_owned', recordField(key)),
};

/** Keeps what was there before slipway, the first time that it is changed: a `before` line, or none. */
export function snapshotLine(key: string, attributes: AttributeMap, entry: RecordEntry | null): string[] {
  const before = decodeBefore(entry);
  if (before.was === 'different' || (before.was === 'absent' && isKnown(entry))) return [];
  return [recordLine.before(key, { was: 'different', attributes, backup: false })];
}

/** What the instance that holds an exclusive thing now leaves behind when it goes. */
export function afterHandover(seen: Observed, entry: RecordEntry | null): Observed {
  const before = decodeBefore(entry);
  switch (before.was) {
    case 'absent':
      return { state: 'absent' };
    case 'as-wanted':
      return seen;
    case 'different':
      return { state: 'present', attributes: before.attributes, content: null };
  }
}

/** Body of a removal of a shared thing: this instance leaves; the last owner, known only on the host, takes it off. */
export function leaveShared(key: string, resource: string, takeOff: readonly string[]): string {
  return [recordLine.disown(key, resource), `if ! ${recordLine.isOwned(key)}; then`, ...takeOff, 'fi'].join(
    '\n',
  );
}

/**
 * Lines that take off what slipway made. Where the plan did not see the host's record (`entry` null, as after
 * `--refresh=false`), the host itself makes sure that it is ours: what was there before slipway is never deleted unseen.
 */
export function ifOurs(entry: RecordEntry | null, key: string, takeOff: readonly string[]): string[] {
  if (entry !== null) return [...takeOff];
  return [`if ${sh('is_ours', recordField(key))}; then`, ...takeOff, 'fi'];
}

/**
 * Shell side of the record's questions, answered from the record as it is now: one grep, then builtins only.
 *   is_owned KEY        has it an owner? (keys are encoded)
 *   is_known KEY        does the record say anything of it?
 *   is_unowned KEY      was it made by slipway, without an owner: a parent of something?
 *   is_ours KEY         did slipway make it? dies when something was there before
 *   holds_owned PREFIX  is anything owned whose key is `KIND PREFIX...`?
 *   note_of KEY NAME    sets $_note to the note's value (encoded), '' when there is none
 *   adopt KEY RESOURCE
 *   came_with_package PATH   did a package that slipway installed bring it? Then no plan could see it coming
 */
export const OWNERSHIP_FUNCTIONS = `
record_tab='\t'
read_entry() {
  _owners= _known= _before=
  _lines=$(grep -F "$record_tab$1" "$STATE/record" 2>/dev/null) || return 0
  _ifs=$IFS
  IFS='
'
  set -f
  for _line in $_lines; do
    _rest=\${_line#*"$record_tab"}
    [ "\${_rest%%"$record_tab"*}" = "$1" ] || continue
    _who="<\${_rest#*"$record_tab"}>"
    _known=yes
    case $_line in
      own"$record_tab"*) case $_owners in *"$_who"*) ;; *) _owners=$_owners$_who ;; esac ;;
      disown"$record_tab"*) case $_owners in *"$_who"*) _owners=\${_owners%%"$_who"*}\${_owners#*"$_who"} ;; esac ;;
      before"$record_tab"*) _before=$_who ;;
      forget"$record_tab"*) _owners= _known= _before= ;;
    esac
  done
  set +f
  IFS=$_ifs
}
is_owned() {
  read_entry "$1"
  [ -n "$_owners" ]
}
is_known() {
  read_entry "$1"
  [ -n "$_known" ]
}
is_unowned() {
  read_entry "$1"
  [ -n "$_known" ] && [ -z "$_owners$_before" ]
}
is_ours() {
  read_entry "$1"
  [ -z "$_before" ] || die "$1 was there before slipway: plan its removal with a look at the host (without --refresh=false)"
  [ -n "$_known" ]
}
holds_owned() {
  _live=
  _lines=$(grep -F " $1" "$STATE/record" 2>/dev/null) || return 1
  _ifs=$IFS
  IFS='
'
  set -f
  for _line in $_lines; do
    _rest=\${_line#*"$record_tab"}
    _key=\${_rest%%"$record_tab"*}
    case \${_key#* } in "$1"*) ;; *) continue ;; esac
    case $_line in
      own"$record_tab"*) case $_live in *"<$_rest>"*) ;; *) _live="$_live<$_rest>" ;; esac ;;
      disown"$record_tab"*) case $_live in *"<$_rest>"*) _live=\${_live%%"<$_rest>"*}\${_live#*"<$_rest>"} ;; esac ;;
      forget"$record_tab"*)
        while :; do
          case $_live in *"<$_key$record_tab"*) ;; *) break ;; esac
          _rest=\${_live#*"<$_key$record_tab"}
          _live=\${_live%%"<$_key$record_tab"*}\${_rest#*>}
        done
        ;;
    esac
  done
  set +f
  IFS=$_ifs
  [ -n "$_live" ]
}
came_with_package() {
  grep -qsF "$record_tab$1$record_tab" "$BACKUPS"/package.*/came
}
note_of() {
  _note=
  _lines=$(grep -F "$record_tab$1" "$STATE/record" 2>/dev/null) || return 0
  _ifs=$IFS
  IFS='
'
  set -f
  for _line in $_lines; do
    case $_line in
      "set$record_tab$1$record_tab$2$record_tab"*) _note=\${_line#"set$record_tab$1$record_tab$2$record_tab"} ;;
      "forget$record_tab$1") _note= ;;
    esac
  done
  set +f
  IFS=$_ifs
}
adopt() {
  is_known "$1" || before "$1" as-wanted
  own "$1" "$2"
}
`;
