import { unreachable } from '../diagnostics/unreachable.ts';
import type { RecordEntry } from '../host/record.ts';
import { sh } from '../host/sh.ts';
import type { DesiredService, KindContext, ResourceChange } from './resource.ts';
import type { Before } from './ownership.ts';
import { backupName, decodeBefore, isHandedOver, isKnown, isOwner, recordLine } from './ownership.ts';
import { MONIT_FUNCTIONS } from './monit-functions.ts';
import {
  monitAtBoot,
  monitBegin,
  monitEnd,
  monitRemove,
  monitStart,
  monitStop,
  monitWriteCommands,
} from './monit.ts';
import { makeParents } from './parents.ts';
import { serviceEffect } from './service-diff.ts';
import type { ServiceDriver } from './service-driver.ts';
import { recordedService, serviceKey, STARTED_NOTE } from './service-driver.ts';
import { servicePowerBody } from './service-power.ts';
import { unitStartSeconds } from './service-times.ts';
import { superviseCommands, SUPERVISOR_FUNCTIONS, unsuperviseCommands } from './supervisor.ts';
import { isManagedUnit, renderUnit, UNIT_FOLDER, unitName, WANTS_FOLDER } from './unit-file.ts';

type ServiceChange = ResourceChange & { readonly resource: DesiredService };

/** The body of the step that makes a service so. */
export function serviceStepBody(
  change: ServiceChange,
  driver: ServiceDriver,
  entry: RecordEntry | null,
  context: KindContext,
): string {
  const service = change.resource;
  const key = serviceKey(service);
  const lines = [...driverFunctions(driver), ...ownershipLines(change, driver, entry, context)];
  lines.push(...formerDriverLines(change, driver));
  if (driver === 'unit') lines.push(...unitLines(change, entry));
  if (driver === 'package-unit') lines.push(...packageUnitLines(change));
  const effect = serviceEffect(change);
  if ((effect === 'restart' || effect === 'stop') && service.drain !== null)
    lines.push(sh('service_drain', Math.ceil(service.stopTimeoutSeconds), service.drain));
  if (driver === 'monit') lines.push(...monitLines(change, entry));
  if (driver === 'package-monit' && change.action === 'create') lines.push(sh('monit_known', service.name));
  if (effect === 'reload') lines.push(sh('service_reload', service.reload ?? ''));
  if (effect === 'start' || effect === 'restart')
    lines.push(...startLines(service, driver, isDownAlready(change, driver) ? 'start' : effect));
  if (effect === 'stop')
    lines.push(servicePowerBody({ ...recordedService(service, driver), drain: null }, 'stop'));
  if (service.stopped === true && driver === 'supervisor' && effect !== 'stop' && change.action !== 'adopt')
    lines.push(...superviseCommands(service));
  // Adopted as it runs: what it depends on is taken for what it was started with.
  const started = entry?.notes.get(STARTED_NOTE) ?? null;
  if (effect !== null || started === null)
    lines.push(recordLine.note(key, STARTED_NOTE, context.triggersDigest));
  return lines.join('\n');
}

/**
 * A line for the front of a script that restarts or reloads a service because of what it changes before that: should the
 * script be cut off in between, the next plan sees from the note that the restart is missing, even where the
 * spec's own digests are the old ones (a drifted file that was put back). null when there is nothing to expect.
 */
export function expectStartLine(change: ResourceChange): string | null {
  if (change.resource.kind !== 'service') return null;
  const effect = serviceEffect(change);
  if (effect !== 'restart' && effect !== 'reload') return null;
  return recordLine.note(serviceKey(change.resource), STARTED_NOTE, 'expected');
}

function driverFunctions(driver: ServiceDriver): readonly string[] {
  if (driver === 'supervisor') return [SUPERVISOR_FUNCTIONS.trim()];
  return driver === 'monit' || driver === 'package-monit' ? [MONIT_FUNCTIONS.trim()] : [];
}

function startLines(
  service: DesiredService,
  driver: ServiceDriver,
  effect: 'start' | 'restart',
): readonly string[] {
  const unit = unitName(service.name);
  const recorded = recordedService(service, driver);
  switch (driver) {
    case 'supervisor':
      return superviseCommands(service);
    case 'unit':
    case 'package-unit':
      return [sh('unit_restart', unit, unitStartSeconds(driver, service.stopTimeoutSeconds))];
    case 'monit':
      return [...(effect === 'restart' ? [monitStop(recorded)] : []), monitStart(recorded)];
    case 'package-monit':
      // Its control file may be what changed.
      return effect === 'restart'
        ? [sh('monit_open', service.name), `monit_reload ''`, monitEnd(recorded), monitBegin(recorded)]
        : [monitBegin(recorded)];
    default:
      return unreachable(driver);
  }
}

/** Who owns it, and what was there before: on the record before anything is touched. */
function ownershipLines(
  change: ServiceChange,
  driver: ServiceDriver,
  entry: RecordEntry | null,
  context: KindContext,
): readonly string[] {
  const service = change.resource;
  if (isOwner(entry, service.address, context)) return [];
  const key = serviceKey(service);
  const lines: string[] = [];
  const before = stateBefore(change, driver, entry, context);
  if (before.was === 'different' && before.backup)
    lines.push(sh('unit_backup', unitName(service.name), backupName(key)));
  if (before.was !== 'absent') lines.push(recordLine.before(key, before));
  lines.push(recordLine.own(key, service.address));
  return lines;
}

function stateBefore(
  change: ServiceChange,
  driver: ServiceDriver,
  entry: RecordEntry | null,
  context: KindContext,
): Before {
  // The instance that gives it up has just put back what was there before slipway.
  if (isHandedOver(entry, context)) return decodeBefore(entry);
  if (isKnown(entry) || driver === 'supervisor' || driver === 'monit') return { was: 'absent' };
  if (change.action === 'create') return { was: 'absent' };
  if (change.action !== 'update' || change.observed.state !== 'present')
    // A unit with our very text was written by slipway, whatever became of the record.
    return driver === 'unit' ? { was: 'absent' } : { was: 'as-wanted' };
  const { attributes, content } = change.observed;
  const { unit = null, enabled = null, active = null } = attributes;
  if (driver === 'package-unit' || driver === 'package-monit')
    return { was: 'different', attributes: { enabled, active }, backup: false };
  const isText = change.attributes.every(({ name }) => name !== 'unit');
  if (isText || (content !== null && isManagedUnit(content))) return { was: 'absent' };
  return { was: 'different', attributes: { enabled, active }, backup: unit !== null };
}

function unitLines(change: ServiceChange, entry: RecordEntry | null): readonly string[] {
  const service = change.resource;
  const unit = unitName(service.name);
  const link = `${WANTS_FOLDER}/${unit}`;
  const enable = [makeParents(link), sh('unit_link', unit)];
  const enableOrNot = isEnabledAtBoot(service) ? enable : [sh('unit_unlink', unit)];
  const write = (expected: string) => [
    sh('unit_write', unit, renderUnit(service), expected),
    ...enableOrNot,
    sh('unit_load', unit),
  ];
  switch (change.action) {
    case 'create':
      return write(isKnown(entry) || change.reason.because === 'unfinished' ? '*' : '');
    case 'update': {
      const changed = new Set(change.attributes.map(({ name }) => name));
      if (changed.has('unit')) {
        const seen = change.observed.state === 'present' ? change.observed.attributes.unit : null;
        return write(typeof seen === 'string' ? seen : '');
      }
      return changed.has('enabled') ? enableOrNot : [];
    }
    default:
      return [];
  }
}

/** What another driver ran it with goes first; a unit that slipway wrote is dealt with by `packageUnitLines`. */
function formerDriverLines(change: ServiceChange, driver: ServiceDriver): readonly string[] {
  if (change.action !== 'update') return [];
  const service = recordedService(change.resource, driver);
  const former = change.attributes.find(({ name }) => name === 'driver')?.before;
  if (former === 'supervisor')
    return [
      SUPERVISOR_FUNCTIONS.trim(),
      ...unsuperviseCommands(service.dir, service.name, service.stopTimeoutSeconds),
    ];
  if (former === 'monit')
    return [MONIT_FUNCTIONS.trim(), ...monitRemove(service, serviceKey(change.resource))];
  return [];
}

/** Under monit what runs by the old files is stopped before there are new ones. */
function isDownAlready(change: ServiceChange, driver: ServiceDriver): boolean {
  if (driver !== 'monit' || change.action !== 'update') return false;
  return change.attributes.some(({ name }) => name === 'unit' || name === 'driver');
}

/** Its files, as far as they change; what runs by the old ones is stopped first. */
function monitLines(change: ServiceChange, entry: RecordEntry | null): readonly string[] {
  const service = change.resource;
  const atBoot = isEnabledAtBoot(service);
  const write = (expected: string, stopFirst: boolean) =>
    monitWriteCommands(service, serviceKey(service), { atBoot, expected, stopFirst });
  switch (change.action) {
    case 'create':
      return write(isKnown(entry) || change.reason.because === 'unfinished' ? '*' : '', true);
    case 'update': {
      const changed = new Set(change.attributes.map(({ name }) => name));
      const seen = change.observed.state === 'present' ? change.observed.attributes['control'] : null;
      if (changed.has('unit') || changed.has('driver')) {
        const effect = serviceEffect(change);
        return write(typeof seen === 'string' ? seen : '', effect === 'restart' || effect === 'stop');
      }
      return changed.has('enabled') ? [monitAtBoot(service.name, atBoot)] : [];
    }
    default:
      return [];
  }
}

/** One that is stopped does not come up again because its host was rebooted. */
function isEnabledAtBoot(service: DesiredService): boolean {
  return service.enabledAtBoot && service.stopped !== true;
}

function packageUnitLines(change: ServiceChange): readonly string[] {
  const service = change.resource;
  const unit = unitName(service.name);
  const lines: string[] = [];
  if (change.action !== 'create' && change.action !== 'update') return lines;
  const driver =
    change.action === 'update' ? change.attributes.find(({ name }) => name === 'driver') : undefined;
  // The spec had a command of its own until now.
  if (driver?.before === 'unit')
    lines.push(sh('unit_unlink', unit), sh('rm', '-f', `${UNIT_FOLDER}/${unit}`), sh('unit_load', unit));
  lines.push(sh('unit_switch', unit, isEnabledAtBoot(service) ? 'enable' : 'disable'));
  return lines;
}
