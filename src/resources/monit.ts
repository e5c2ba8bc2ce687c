import { monitPidFile } from '../host/monit-program.ts';
import { recordField } from '../host/record-codec.ts';
import { sh } from '../host/sh.ts';
import { makeParents, pruneParents } from './parents.ts';
import type { DesiredService } from './resource.ts';
import { MONIT_STOP_GRACE_SECONDS } from './monit-functions.ts';
import { renderControl } from './monit-control.ts';
import type { RecordedService } from './service-driver.ts';
import { PACKAGE_START_SECONDS } from './service-times.ts';
import { serviceProgram, supervisedFolder } from './supervisor.ts';

/** Writes what monit is to run, and makes it known to monit; stops what ran before when `stopFirst`. */
export function monitWriteCommands(
  service: DesiredService,
  key: string,
  {
    atBoot,
    expected,
    stopFirst,
  }: { readonly atBoot: boolean; readonly expected: string; readonly stopFirst: boolean },
): readonly string[] {
  const { name, dir } = service;
  const folder = supervisedFolder(dir, name);
  const seconds = Math.ceil(service.stopTimeoutSeconds);
  return [
    sh('monit_open', name),
    ...(stopFirst ? [sh('monit_stop', name, folder, monitPidFile(name), seconds)] : []),
    makeParents(folder),
    sh('monit_files', folder, serviceProgram(service)),
    sh('monit_write', name, recordField(key), renderControl(service), atBoot ? 'start' : 'nostart', expected),
  ];
}

/** Start, stop and restart of a service with a control file of ours. */
export function monitStart({ name, dir }: Pick<RecordedService, 'name' | 'dir'>): string {
  return sh('monit_start', name, supervisedFolder(dir, name), monitPidFile(name));
}

export function monitStop(service: Pick<RecordedService, 'name' | 'dir' | 'stopTimeoutSeconds'>): string {
  const { name, dir, stopTimeoutSeconds } = service;
  return sh('monit_stop', name, supervisedFolder(dir, name), monitPidFile(name), stopTimeoutSeconds);
}

export function monitAtBoot(name: string, atBoot: boolean): string {
  return sh('monit_at_boot', name, atBoot ? 'start' : 'nostart');
}

/** Stops it and takes its files off. */
export function monitRemove(service: RecordedService, key: string): readonly string[] {
  const { name, dir, stopTimeoutSeconds } = service;
  const folder = supervisedFolder(dir, name);
  return [
    sh('monit_remove', name, recordField(key), folder, monitPidFile(name), stopTimeoutSeconds),
    pruneParents(folder),
  ];
}

/** Start and stop of a service whose control file a package or somebody else brought. */
export function monitBegin({
  name,
  stopTimeoutSeconds,
}: Pick<RecordedService, 'name' | 'stopTimeoutSeconds'>): string {
  return sh('monit_begin', name, stopTimeoutSeconds + PACKAGE_START_SECONDS);
}

export function monitEnd({
  name,
  stopTimeoutSeconds,
}: Pick<RecordedService, 'name' | 'stopTimeoutSeconds'>): string {
  return sh('monit_end', name, stopTimeoutSeconds + MONIT_STOP_GRACE_SECONDS);
}
