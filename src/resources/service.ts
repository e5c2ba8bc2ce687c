import { sh } from '../host/sh.ts';
import type { DesiredService, ResourceKind } from './resource.ts';
import { entryOf, fateByRecord, foreignOwner, OWNERSHIP_FUNCTIONS } from './ownership.ts';
import { PARENTS_FUNCTIONS } from './parents.ts';
import { diffService } from './service-diff.ts';
import { decodeRecorded, serviceAttributes, serviceDriver, serviceKey, sha256 } from './service-driver.ts';
import { observeService, serviceRequests } from './service-observation.ts';
import { serviceRemovalBody } from './service-removal.ts';
import { serviceStepBody } from './service-steps.ts';
import { DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS } from './systemd.ts';
import { renderUnit } from './unit-file.ts';

export { serviceEffect, withTriggeredRestart } from './service-diff.ts';
export { expectStartLine } from './service-steps.ts';

/** A program that runs: under systemd, under monit, or under the pidfile supervisor where there is no init system. */
export const service: ResourceKind<DesiredService> = {
  kind: 'service',
  functions: [OWNERSHIP_FUNCTIONS, PARENTS_FUNCTIONS, DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS].join(''),
  key: serviceKey,
  claims: (resource) => [{ key: serviceKey(resource), exclusive: true }],
  attributes: serviceAttributes,
  blobs: () => [],

  probe(resource, context) {
    const driver = serviceDriver(resource, context);
    if (driver === null) return [];
    const text = driver === 'unit' ? renderUnit(resource) : null;
    return serviceRequests(driver, resource.name, resource.dir, text === null ? null : sha256(text));
  },

  observe(resource, observation, context) {
    const driver = serviceDriver(resource, context);
    if (driver === null)
      return {
        state: 'conflict',
        what: `neither systemd nor monit runs, so nothing knows the service "${resource.name}" that a package brings`,
        remedy: 'Give it a command, and slipway keeps it running itself, or start what runs services there.',
      };
    const owner = foreignOwner(entryOf(observation.record, serviceKey(resource)), context);
    if (owner !== null) return { state: 'conflict', what: `it belongs to ${owner}` };
    const atBoot = resource.enabledAtBoot && resource.stopped !== true;
    return observeService(driver, resource.name, resource.dir, observation, atBoot);
  },

  diff: diffService,

  apply(change, entry, context) {
    if (change.action === 'none') return null;
    if (change.action === 'update' && change.observed.state === 'conflict')
      return { id: change.resource.address, body: sh('die', change.observed.what) };
    const driver = serviceDriver(change.resource, context);
    if (driver === null) throw new Error(`nothing can run ${change.resource.address} here`);
    return { id: change.resource.address, body: serviceStepBody(change, driver, entry, context) };
  },

  probeRecorded: (recorded) => {
    const { driver, name, dir } = decodeRecorded(recorded);
    return serviceRequests(driver, name, dir, null);
  },

  planRemoval(recorded, observation, context) {
    const { driver, name, dir } = decodeRecorded(recorded);
    const present = observeService(driver, name, dir, observation, true).state !== 'absent';
    return fateByRecord(entryOf(observation.record, recorded.key), present, context);
  },

  remove: (removal, entry) => ({
    id: removal.recorded.address,
    body: serviceRemovalBody(removal, decodeRecorded(removal.recorded), entry),
  }),
};
