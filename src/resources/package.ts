import { sh } from '../host/sh.ts';
import { recordField } from '../host/record-codec.ts';
import { ACCOUNT_FUNCTIONS } from './accounts.ts';
import { reasonOf } from './compare.ts';
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
import { INSTALL_FUNCTIONS } from './package-install.ts';
import { REMOVAL_FUNCTIONS } from './package-removal.ts';
import { PARENTS_FUNCTIONS } from './parents.ts';
import { matchesVersion } from './package-version.ts';
import type { DesiredPackage, RecordedResource, ResourceKind } from './resource.ts';

/** Packages of apt. Recommended packages come or stay away as the host's own apt is configured. */
export const packageKind: ResourceKind<DesiredPackage> = {
  kind: 'package',
  functions:
    OWNERSHIP_FUNCTIONS + PARENTS_FUNCTIONS + ACCOUNT_FUNCTIONS + INSTALL_FUNCTIONS + REMOVAL_FUNCTIONS,

  key: keyOf,

  claims: (resource) => [{ key: keyOf(resource), exclusive: false }],

  attributes: ({ name, version }) => ({ name, version }),

  probe: ({ name }) => [{ probe: 'package', name }],

  observe(resource, observation) {
    const answer = observation.answers.get(`package ${resource.name}`);
    if (answer?.probe !== 'package') throw new Error(`package ${resource.name} was not probed`);
    if (answer.installed === null) return { state: 'absent' };
    return { state: 'present', attributes: { version: answer.installed }, content: null };
  },

  diff(resource, observed, prior, entry, context) {
    const reason = reasonOf(prior, this.attributes(resource, context), observed);
    if (observed.state !== 'present') return { action: 'create', resource, reason };
    const installed = String(observed.attributes['version']);
    if (resource.version !== null && !matchesVersion(installed, resource.version)) {
      const change = { name: 'version', before: installed, after: resource.version, sensitive: false };
      return { action: 'update', resource, attributes: [change], diff: null, reason, observed };
    }
    return { action: standsOwned(entry, prior, context) ? 'none' : 'adopt', resource };
  },

  apply(change, entry) {
    const { resource } = change;
    const { name, address } = resource;
    const key = keyOf(resource);
    const own = recordLine.own(key, address);
    const adopt = sh('adopt_package', recordField(key), recordField(address), name);
    const install = installLine(resource);
    switch (change.action) {
      case 'create': {
        // Another package of this run may have brought it by now: then there is nothing left to install.
        const body = [`if [ -n "$(${sh('installed_of', name)})" ]; then`, adopt, 'else', own, install, 'fi'];
        return { id: address, body: body.join('\n') };
      }
      case 'adopt': {
        const gone = sh('die', `package ${name} was removed on the host since the plan was made`);
        return { id: address, body: `[ -n "$(${sh('installed_of', name)})" ] || ${gone}\n${adopt}` };
      }
      case 'update': {
        if (change.observed.state !== 'present') return null;
        const body = [...snapshotLine(key, change.observed.attributes, entry), own, install];
        return { id: address, body: body.join('\n') };
      }
      default:
        return null;
    }
  },

  blobs: () => [],

  probeRecorded: (recorded) => [{ probe: 'package', name: nameOf(recorded) }],

  planRemoval(recorded, observation, context) {
    const answer = observation.answers.get(`package ${nameOf(recorded)}`);
    const present = answer?.probe === 'package' && answer.installed !== null;
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
        const version = String(before.attributes['version']);
        const back = [sh('restore_package', name, version), forget];
        return { id: address, body: leaveShared(key, address, back) };
      }
      case 'absent': {
        const takeOff = [sh('remove_package', recordField(key), name), forget];
        return { id: address, body: leaveShared(key, address, ifOurs(entry, key, takeOff)) };
      }
    }
  },
};

function keyOf(resource: DesiredPackage): string {
  return `package ${resource.name}`;
}

function nameOf(recorded: RecordedResource): string {
  return String(recorded.attributes['name']);
}

function installLine({ name, version }: DesiredPackage): string {
  return sh('install_package', recordField(`package ${name}`), name, version ?? '');
}
