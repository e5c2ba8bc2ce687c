import { recordField } from '../host/record-codec.ts';
import { quote, sh } from '../host/sh.ts';
import { compareAttributes, reasonOf } from './compare.ts';
import {
  afterHandover,
  decodeBefore,
  entryOf,
  fateByRecord,
  ifOurs,
  foreignOwner,
  isHandedOver,
  otherOwners,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  snapshotLine,
  standsOwned,
} from './ownership.ts';
import { makeParents, PARENTS_FUNCTIONS, pruneParents } from './parents.ts';
import type { DesiredLink, RecordedResource, ResourceKind } from './resource.ts';

/**
 *   needs_link PATH SEEN TARGET   succeeds when the link must be made, fails when it is there; dies when neither what the
 *                                 plan saw (`=TARGET`, `absent`) nor the result is there; sets $link_came to the target
 *                                 of one that a package brought since the plan
 *   place_link TARGET PATH        one rename: there is never a moment without the link
 */
const FUNCTIONS = `
needs_link() {
  link_came=
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    [ "$2" = absent ] || die "$1 was deleted on the host since the plan was made"
    return 0
  fi
  [ -L "$1" ] || die "$1 was changed on the host since the plan was made: it is not a symbolic link"
  _target=$(readlink "$1")
  [ "$_target" != "$3" ] || return 1
  [ "$2" != "=$_target" ] || return 0
  [ "$2" = absent ] && came_with_package "$1" || die "$1 was changed on the host since the plan was made"
  link_came=$_target
}
place_link() {
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then
    ln -sn -- "$1" "$2"
  else
    rm -f "$2.slipway-new"
    ln -sn -- "$1" "$2.slipway-new"
    mv -fT "$2.slipway-new" "$2"
  fi
}
`;

export const link: ResourceKind<DesiredLink> = {
  kind: 'link',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: true }],

  attributes: ({ path, target }) => ({ path, target }),

  probe: (resource) => [{ probe: 'path', path: resource.path }],

  observe(resource, observation, context) {
    const answer = observation.answers.get(`path ${resource.path}`);
    if (answer?.probe !== 'path') throw new Error(`${resource.path} was not probed`);
    const foreign = foreignOwner(entryOf(observation.record, keyOf(resource)), context);
    if (foreign !== null) return { state: 'conflict', what: `${resource.path} belongs to ${foreign}` };
    const { found } = answer;
    if (found === null) return { state: 'absent' };
    if (found.type !== 'link') {
      const what = { file: 'a file', directory: 'a directory', other: 'a special file' }[found.type];
      return { state: 'conflict', what: `${what} stands at ${resource.path}` };
    }
    return { state: 'present', attributes: { target: found.target }, content: null };
  },

  diff(resource, seen, prior, entry, context) {
    const observed = prior === null && isHandedOver(entry, context) ? afterHandover(seen, entry) : seen;
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state === 'absent') return { action: 'create', resource, reason };
    if (observed.state !== 'present') {
      return { action: 'update', resource, attributes: [], diff: null, reason, observed };
    }
    const attributes = compareAttributes({ target: resource.target }, observed.attributes);
    if (attributes.length > 0)
      return { action: 'update', resource, attributes, diff: null, reason, observed };
    return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
  },

  apply(change, entry) {
    const { resource } = change;
    const { address } = resource;
    switch (change.action) {
      case 'create':
        return { id: address, body: place(resource, 'absent', [keepPackaged(keyOf(resource))]) };
      case 'adopt': {
        const changed = sh('die', `${resource.path} was changed on the host since the plan was made`);
        const body = [
          `[ -L ${quote(resource.path)} ] || ${changed}`,
          recordLine.adopt(keyOf(resource), address),
        ];
        return { id: address, body: body.join('\n') };
      }
      case 'update': {
        const { observed } = change;
        if (observed.state === 'conflict') return { id: address, body: sh('die', observed.what) };
        if (observed.state !== 'present') return null;
        const target = observed.attributes['target'];
        const first = snapshotLine(keyOf(resource), observed.attributes, entry);
        return { id: address, body: place(resource, `=${String(target)}`, first) };
      }
      default:
        return null;
    }
  },

  blobs: () => [],

  probeRecorded: (recorded) => [{ probe: 'path', path: pathOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`path ${pathOf(recorded)}`);
    const present = answer?.probe === 'path' && answer.found?.type === 'link';
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove(removal, entry, context) {
    const { key, address } = removal.recorded;
    const path = pathOf(removal.recorded);
    if (otherOwners(entry, context).length > 0) return { id: address, body: recordLine.disown(key, address) };
    const forget = recordLine.forget(key);
    const before = decodeBefore(entry);
    switch (removal.fate.fate) {
      case 'kept':
        return { id: address, body: forget };
      case 'restored': {
        const target = before.was === 'different' ? String(before.attributes['target']) : '';
        const body = [makeParents(path), sh('place_link', target, path), forget];
        return { id: address, body: body.join('\n') };
      }
      default: {
        // Whoever put a file or a directory in the link's place since then keeps it.
        const rm = `[ ! -L ${quote(path)} ] || ${sh('rm', '-f', path)}`;
        return { id: address, body: ifOurs(entry, key, [rm, forget, pruneParents(path)]).join('\n') };
      }
    }
  },
};

function keyOf(resource: DesiredLink): string {
  return `link ${resource.path}`;
}

function pathOf(recorded: RecordedResource): string {
  return String(recorded.attributes['path']);
}

/** A package's own link, which no plan could see coming, comes back as long as the package stays. */
function keepPackaged(key: string): string {
  const before = `'{"attributes":{"target":"'"$link_came"'"},"backup":false}'`;
  return `[ -z "$link_came" ] || before ${quote(recordField(key))} ${before}`;
}

function place(resource: DesiredLink, seen: string, first: readonly string[]): string {
  const { path, target, address } = resource;
  const key = keyOf(resource);
  return [
    `if ${sh('needs_link', path, seen, target)}; then`,
    ...first,
    recordLine.own(key, address),
    makeParents(path),
    sh('place_link', target, path),
    'else',
    recordLine.adopt(key, address),
    'fi',
  ].join('\n');
}
