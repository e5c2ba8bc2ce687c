import { unreachable } from '../diagnostics/unreachable.ts';
import { quote, sh } from '../host/sh.ts';
import { OWNERSHIP_FUNCTIONS } from './ownership.ts';
import { monitPidFile } from '../host/monit-program.ts';
import { MONIT_FUNCTIONS } from './monit-functions.ts';
import { monitAtBoot, monitBegin, monitEnd, monitStart, monitStop } from './monit.ts';
import { makeParents, PARENTS_FUNCTIONS } from './parents.ts';
import type { RecordedService, ServiceDriver } from './service-driver.ts';
import { unitStartSeconds, unitStopSeconds } from './service-times.ts';
import { supervisedFolder, SUPERVISOR_FUNCTIONS } from './supervisor.ts';
import { DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS } from './systemd.ts';
import { unitName, WANTS_FOLDER } from './unit-file.ts';

/** What an operator does to services, beside any spec. */
export type PowerAction = 'start' | 'stop' | 'restart';

/** Shell functions for the bodies of `servicePowerBody`. */
export function powerFunctions(drivers: ReadonlySet<ServiceDriver>): string {
  const supervised = drivers.has('supervisor') ? SUPERVISOR_FUNCTIONS : '';
  const monit = drivers.has('monit') || drivers.has('package-monit') ? MONIT_FUNCTIONS : '';
  return [OWNERSHIP_FUNCTIONS, PARENTS_FUNCTIONS, DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS, supervised, monit].join(
    '',
  );
}

/**
 * The body of a step that starts, stops or restarts a service as it was recorded, whatever it is doing now: what is as
 * asked already stays as it is. A stop waits until nothing of the service runs, and also keeps it down at the next
 * boot; a start lets it come up there again where its definition wants that. A restart of a service that is down starts it.
 */
export function servicePowerBody(service: RecordedService, action: PowerAction): string {
  switch (action) {
    case 'start':
      return startLines(service).join('\n');
    case 'stop':
      return [...drainLines(service), ...stopLines(service)].join('\n');
    case 'restart':
      return [...drainLines(service), ...restartLines(service)].join('\n');
    default:
      return unreachable(action);
  }
}

function startLines(service: RecordedService): readonly string[] {
  const { driver, name, dir, enabled } = service;
  const unit = unitName(name);
  switch (driver) {
    case 'unit': {
      const link = `${WANTS_FOLDER}/${unit}`;
      const enable = enabled === true ? [makeParents(link), sh('unit_link', unit)] : [];
      return [
        ...enable,
        `${sh('unit_runs', unit)} || ${sh('unit_restart', unit, unitStartSeconds(driver, service.stopTimeoutSeconds))}`,
      ];
    }
    case 'package-unit': {
      const enable = enabled === true ? [sh('unit_switch', unit, 'enable')] : [];
      return [
        ...enable,
        `${sh('unit_runs', unit)} || ${sh('unit_restart', unit, unitStartSeconds(driver, service.stopTimeoutSeconds))}`,
      ];
    }
    case 'supervisor': {
      const folder = supervisedFolder(dir, name);
      return [
        `process_of ${quote(`${folder}/child`)} || ${sh('supervisor_again', folder, service.stopTimeoutSeconds, name)}`,
      ];
    }
    case 'monit':
      return [...(enabled === true ? [monitAtBoot(name, true)] : []), monitStart(service)];
    case 'package-monit':
      return [monitBegin(service)];
    default:
      return unreachable(driver);
  }
}

/** Stopped before it is disabled: a stop that fails leaves a service that comes up at boot as before. */
function stopLines(service: RecordedService): readonly string[] {
  const { driver, name, dir } = service;
  const unit = unitName(name);
  switch (driver) {
    case 'unit':
      return [
        sh('unit_stop', unit, unitStopSeconds(service.stopTimeoutSeconds)),
        sh('unit_down', unit),
        sh('unit_unlink', unit),
      ];
    case 'package-unit': {
      const stop = sh('unit_stop', unit, unitStopSeconds(service.stopTimeoutSeconds));
      return [
        `if ${sh('unit_exists', unit)}; then`,
        stop,
        sh('unit_down', unit),
        sh('unit_switch', unit, 'disable'),
        'fi',
      ];
    }
    case 'supervisor':
      return [sh('supervisor_stop', supervisedFolder(dir, name), service.stopTimeoutSeconds)];
    case 'monit':
      return [sh('monit_open', name), monitStop(service), monitAtBoot(name, false)];
    case 'package-monit':
      return [monitEnd(service)];
    default:
      return unreachable(driver);
  }
}

function restartLines(service: RecordedService): readonly string[] {
  const { driver, name, dir } = service;
  switch (driver) {
    case 'unit':
    case 'package-unit':
      return [sh('unit_restart', unitName(name), unitStartSeconds(driver, service.stopTimeoutSeconds))];
    case 'supervisor':
      return [sh('supervisor_again', supervisedFolder(dir, name), service.stopTimeoutSeconds, name)];
    case 'monit':
      return [sh('monit_open', name), monitStop(service), monitStart(service)];
    case 'package-monit':
      return [monitEnd(service), monitBegin(service)];
    default:
      return unreachable(driver);
  }
}

/** The drain command runs where there is something to drain. */
function drainLines(service: RecordedService): readonly string[] {
  const { drain } = service;
  if (drain === null) return [];
  return [`if ${runsCommand(service)}; then ${sh('service_drain', service.stopTimeoutSeconds, drain)}; fi`];
}

function runsCommand({ driver, name, dir }: RecordedService): string {
  switch (driver) {
    case 'unit':
    case 'package-unit':
      return sh('systemctl', '-q', 'is-active', unitName(name));
    case 'supervisor':
      return `process_of ${quote(`${supervisedFolder(dir, name)}/child`)}`;
    case 'monit':
      return sh('process_of', monitPidFile(name));
    case 'package-monit':
      return sh('monit_runs', name);
    default:
      return unreachable(driver);
  }
}
