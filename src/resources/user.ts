import { recordField } from '../host/record-codec.ts';
import { sh } from '../host/sh.ts';
import { ACCOUNT_FUNCTIONS } from './accounts.ts';
import { compareAttributes, reasonOf } from './compare.ts';
import {
  decodeBefore,
  entryOf,
  fateByRecord,
  ifOurs,
  leaveShared,
  OWNERSHIP_FUNCTIONS,
  recordLine,
  snapshotLine,
  standsOwned,
} from './ownership.ts';
import { makeParents, PARENTS_FUNCTIONS, pruneParents } from './parents.ts';
import type {
  AttributeMap,
  AttributeValue,
  DesiredUser,
  RecordedResource,
  ResourceKind,
} from './resource.ts';

/**
 * A user that slipway made goes with the group and the home that came into being with it; of the home only what
 * `/etc/skel` put there, so that nobody's files are lost. System users get no home and no login shell unless told.
 */
export const user: ResourceKind<DesiredUser> = {
  kind: 'user',
  functions: OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + ACCOUNT_FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: false }],

  attributes: (resource) => ({ name: resource.name, ...comparable(resource), system: resource.system }),

  probe: ({ name }) => [{ probe: 'user', name }],

  observe(resource, observation) {
    const answer = observation.answers.get(`user ${resource.name}`);
    if (answer?.probe !== 'user') throw new Error(`user ${resource.name} was not probed`);
    const { found } = answer;
    if (found === null) return { state: 'absent' };
    const { uid, group, home, shell, comment } = found;
    const groups = joinGroups(found.groups.filter((name) => name !== group));
    return { state: 'present', attributes: { uid, group, groups, home, shell, comment }, content: null };
  },

  diff(resource, observed, prior, entry, context) {
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state !== 'present') return { action: 'create', resource, reason };
    const wanted = comparable(resource);
    // The last group taken off the list is to be left; a list that was always empty says nothing.
    const leavesAll = wanted['groups'] === null && Boolean(prior?.attributes['groups']);
    const attributes = compareAttributes(leavesAll ? { ...wanted, groups: '' } : wanted, observed.attributes);
    if (attributes.length > 0)
      return { action: 'update', resource, attributes, diff: null, reason, observed };
    return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
  },

  apply(change, entry) {
    const { resource } = change;
    const { name, address } = resource;
    const key = keyOf(resource);
    const own = recordLine.own(key, address);
    const adopt = recordLine.adopt(key, address);
    switch (change.action) {
      case 'create': {
        const body = [
          `if ${sh('account', 'passwd', name)} >/dev/null; then`,
          sh('same_account', 'passwd', name, passwdPattern(comparable(resource))),
          adopt,
          'else',
          own,
          ...(resource.home === null || resource.system ? [] : [makeParents(resource.home)]),
          addUser(resource),
          'fi',
        ];
        return { id: address, body: body.join('\n') };
      }
      case 'adopt':
        return { id: address, body: `${sh('same_account', 'passwd', name, '*')}\n${adopt}` };
      case 'update': {
        if (change.observed.state !== 'present') return null;
        const seen = change.observed.attributes;
        const after: Record<string, string | number | boolean | null> = { ...seen };
        for (const attribute of change.attributes) after[attribute.name] = attribute.after;
        const first = [
          sh('same_account', 'passwd', name, passwdPattern(seen)),
          ...snapshotLine(key, seen, entry),
          own,
        ];
        const done = passwdPattern(after);
        const body = [
          ...(done === passwdPattern(seen)
            ? first
            : [`if ${sh('has_account', 'passwd', name, done)}; then`, adopt, 'else', ...first, 'fi']),
          // Groups stand in another file; setting them twice does no harm.
          changeUser(
            name,
            change.attributes.map(({ name: attribute, after: value }) => [attribute, value]),
          ),
        ];
        return { id: address, body: body.join('\n') };
      }
      default:
        return null;
    }
  },

  blobs: () => [],

  probeRecorded: (recorded) => [{ probe: 'user', name: nameOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`user ${nameOf(recorded)}`);
    const present = answer?.probe === 'user' && answer.found !== null;
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove(removal, entry) {
    const { key, address } = removal.recorded;
    const name = nameOf(removal.recorded);
    const forget = recordLine.forget(key);
    const before = decodeBefore(entry);
    switch (before.was) {
      case 'as-wanted':
        return { id: address, body: leaveShared(key, address, [forget]) };
      case 'different': {
        const back = changeUser(name, Object.entries(before.attributes));
        const restore = `! ${sh('account', 'passwd', name)} >/dev/null || ${back}`;
        return { id: address, body: leaveShared(key, address, [restore, forget]) };
      }
      case 'absent': {
        const { home } = removal.recorded.attributes;
        const prune = typeof home === 'string' ? [pruneParents(home)] : [];
        const takeOff = [sh('remove_user', recordField(key), name), forget, ...prune];
        return { id: address, body: leaveShared(key, address, ifOurs(entry, key, takeOff)) };
      }
    }
  },
};

function keyOf(resource: DesiredUser): string {
  return `user ${resource.name}`;
}

function nameOf(recorded: RecordedResource): string {
  return String(recorded.attributes['name']);
}

function joinGroups(groups: readonly string[]): string {
  return groups.toSorted().join(',');
}

/** Attributes that a host can be asked for. */
function comparable({ uid, group, groups, home, shell, comment }: DesiredUser): AttributeMap {
  const others = groups.filter((name) => name !== group);
  return { uid, group, groups: others.length === 0 ? null : joinGroups(others), home, shell, comment };
}

function addUser({ name, system, uid, group, groups, home, shell, comment }: DesiredUser): string {
  const others = joinGroups(groups.filter((other) => other !== group));
  return sh(
    'add_user',
    name,
    system ? 'yes' : '',
    uid ?? '',
    group ?? '',
    others,
    home ?? '',
    shell ?? '',
    comment ?? '',
  );
}

/** `case` pattern of a line of `passwd`; what is null may be anything. */
function passwdPattern({ uid, comment, home, shell }: AttributeMap): string {
  const word = (value: AttributeValue | undefined) =>
    value === null || value === undefined ? '*' : escapePattern(String(value));
  return `*:*:${word(uid)}:*:${word(comment)}:${word(home)}:${word(shell)}`;
}

/** The pattern reaches `case` through a variable, where a backslash still takes the meaning off a special character. */
function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

const USERMOD_OPTIONS: Readonly<Record<string, string>> = {
  uid: '-u',
  group: '-g',
  groups: '-G',
  home: '-d',
  shell: '-s',
  comment: '-c',
};

function changeUser(name: string, attributes: readonly (readonly [string, AttributeValue])[]): string {
  const options = attributes.flatMap(([attribute, value]) => {
    const option = USERMOD_OPTIONS[attribute];
    return option === undefined ? [] : [option, String(value)];
  });
  return sh('change_user', name, ...options);
}
