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
import type { DesiredGroup, RecordedResource, ResourceKind } from './resource.ts';

export const group: ResourceKind<DesiredGroup> = {
  kind: 'group',
  functions: OWNERSHIP_FUNCTIONS + ACCOUNT_FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: false }],

  attributes: ({ name, gid, system }) => ({ name, gid, system }),

  probe: ({ name }) => [{ probe: 'group', name }],

  observe(resource, observation) {
    const answer = observation.answers.get(`group ${resource.name}`);
    if (answer?.probe !== 'group') throw new Error(`group ${resource.name} was not probed`);
    if (answer.found === null) return { state: 'absent' };
    return { state: 'present', attributes: { gid: answer.found.gid }, content: null };
  },

  diff(resource, observed, prior, entry, context) {
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state !== 'present') return { action: 'create', resource, reason };
    const attributes = compareAttributes({ gid: resource.gid }, observed.attributes);
    if (attributes.length > 0)
      return { action: 'update', resource, attributes, diff: null, reason, observed };
    return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
  },

  apply(change, entry) {
    const { resource } = change;
    const { name, gid, system, address } = resource;
    const key = keyOf(resource);
    const own = recordLine.own(key, address);
    const adopt = recordLine.adopt(key, address);
    switch (change.action) {
      case 'create': {
        const body = [
          `if ${sh('account', 'group', name)} >/dev/null; then`,
          sh('same_account', 'group', name, `*:*:${gid ?? '*'}:*`),
          adopt,
          'else',
          own,
          sh('add_group', name, gid ?? '', system ? 'yes' : ''),
          'fi',
        ];
        return { id: address, body: body.join('\n') };
      }
      case 'adopt':
        return { id: address, body: `${sh('same_account', 'group', name, '*')}\n${adopt}` };
      case 'update': {
        if (change.observed.state !== 'present' || gid === null) return null;
        const seen = change.observed.attributes;
        const body = [
          `if ! ${sh('has_account', 'group', name, `*:*:${gid}:*`)}; then`,
          sh('same_account', 'group', name, `*:*:${String(seen['gid'])}:*`),
          ...snapshotLine(key, seen, entry),
          own,
          sh('groupmod', '-g', gid, name),
          'else',
          adopt,
          'fi',
        ];
        return { id: address, body: body.join('\n') };
      }
      default:
        return null;
    }
  },

  blobs: () => [],

  probeRecorded: (recorded) => [{ probe: 'group', name: nameOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`group ${nameOf(recorded)}`);
    const present = answer?.probe === 'group' && answer.found !== null;
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove(removal, entry) {
    const { key, address } = removal.recorded;
    const name = nameOf(removal.recorded);
    const forget = recordLine.forget(key);
    const before = decodeBefore(entry);
    const takeOff =
      before.was === 'as-wanted'
        ? [forget]
        : before.was === 'different'
          ? [
              `! ${sh('account', 'group', name)} >/dev/null || ${sh('groupmod', '-g', String(before.attributes['gid']), name)}`,
              forget,
            ]
          : ifOurs(entry, key, [sh('remove_group', name), forget]);
    return { id: address, body: leaveShared(key, address, takeOff) };
  },
};

function keyOf(resource: DesiredGroup): string {
  return `group ${resource.name}`;
}

function nameOf(recorded: RecordedResource): string {
  return String(recorded.attributes['name']);
}
