import { unreachable } from '../diagnostics/unreachable.ts';
import { monitPidFile } from '../host/monit-program.ts';
import type { RecordEntry } from '../host/record.ts';
import { quote, sh } from '../host/sh.ts';
import { MONIT_FUNCTIONS } from './monit-functions.ts';
import { monitBegin, monitEnd, monitRemove } from './monit.ts';
import type { Before } from './ownership.ts';
import { backupName, decodeBefore, ifOurs, recordLine } from './ownership.ts';
import { pruneParents } from './parents.ts';
import type { ResourceRemoval } from './resource.ts';
import type { RecordedService } from './service-driver.ts';
import { unitStopSeconds } from './service-times.ts';
import { SUPERVISOR_FUNCTIONS, unsuperviseCommands } from './supervisor.ts';
import { UNIT_FOLDER, unitName, WANTS_FOLDER } from './unit-file.ts';

/** The body of the step that takes a service off, or gives it back as it was. */
export function serviceRemovalBody(
  removal: ResourceRemoval,
  service: RecordedService,
  entry: RecordEntry | null,
): string {
  const { key, address } = removal.recorded;
  const leave = recordLine.disown(key, address);
  const { fate } = removal;
  if (fate.fate === 'kept') return fate.why === 'shared' ? leave : [leave, recordLine.forget(key)].join('\n');
  const before = decodeBefore(entry);
  const lines = takeOffLines(service, key, before);
  lines.push(leave, recordLine.forget(key));
  if (before.was === 'different' && before.backup) lines.push(`rm -f "$BACKUPS"/${backupName(key)}`);
  return ifOurs(entry, key, lines).join('\n');
}

function takeOffLines(service: RecordedService, key: string, before: Before): string[] {
  switch (service.driver) {
    case 'unit':
      return unitRemoval(service, key, before);
    case 'package-unit':
      return packageUnitRemoval(service, before);
    case 'monit':
      return monitRemoval(service, key);
    case 'package-monit':
      return packageMonitRemoval(service, before);
    case 'supervisor':
      return supervisorRemoval(service);
    default:
      return unreachable(service.driver);
  }
}

function monitRemoval(service: RecordedService, key: string): string[] {
  const lines = [MONIT_FUNCTIONS.trim()];
  if (service.drain !== null)
    lines.push(
      `if ${sh('process_of', monitPidFile(service.name))}; then ${drainCommand(service, service.drain)}; fi`,
    );
  lines.push(...monitRemove(service, key));
  return lines;
}

function packageMonitRemoval(service: RecordedService, before: Before): string[] {
  const { name, drain } = service;
  const lines = [MONIT_FUNCTIONS.trim()];
  lines.push(`if monit_find && ${sh('monit_look', name)} && [ "$monit_listed" = yes ]; then`);
  if (before.was === 'different' && before.attributes.active === true) lines.push(monitBegin(service));
  else {
    if (drain !== null)
      lines.push(`if process_started "$monit_process"; then ${drainCommand(service, drain)}; fi`);
    lines.push(monitEnd(service));
  }
  return [...lines, 'fi'];
}

function supervisorRemoval(service: RecordedService): string[] {
  const { dir, name, drain, stopTimeoutSeconds } = service;
  const lines = [SUPERVISOR_FUNCTIONS.trim()];
  if (drain !== null)
    lines.push(
      `if process_of ${quote(`${dir}/.slipway/${name}/child`)}; then ${drainCommand(service, drain)}; fi`,
    );
  lines.push(...unsuperviseCommands(dir, name, stopTimeoutSeconds));
  return lines;
}

function drainCommand(service: RecordedService, drain: string): string {
  return sh('service_drain', service.stopTimeoutSeconds, drain);
}

function stopLines(service: RecordedService): string[] {
  const unit = unitName(service.name);
  const lines: string[] = [];
  if (service.drain !== null)
    lines.push(
      `if ${sh('systemctl', '-q', 'is-active', unit)}; then ${drainCommand(service, service.drain)}; fi`,
    );
  lines.push(sh('unit_stop', unit, unitStopSeconds(service.stopTimeoutSeconds)));
  return lines;
}

function unitRemoval(service: RecordedService, key: string, before: Before): string[] {
  const unit = unitName(service.name);
  const link = `${WANTS_FOLDER}/${unit}`;
  const lines = stopLines(service);
  if (before.was !== 'different') {
    lines.push(sh('rm', '-f', link, `${UNIT_FOLDER}/${unit}`), pruneParents(link), sh('unit_forget', unit));
    return lines;
  }
  lines.push(
    before.backup ? sh('unit_restore', unit, backupName(key)) : sh('rm', '-f', `${UNIT_FOLDER}/${unit}`),
  );
  lines.push(sh(before.attributes.enabled === true ? 'unit_link' : 'unit_unlink', unit));
  lines.push('systemctl daemon-reload');
  if (before.attributes.active === true) lines.push(sh('systemctl', 'start', unit));
  return lines;
}

function packageUnitRemoval(service: RecordedService, before: Before): string[] {
  const unit = unitName(service.name);
  const { enabled, active } =
    before.was === 'different' ? before.attributes : { enabled: false, active: false };
  const lines = active === true ? [sh('systemctl', 'start', unit)] : stopLines(service);
  lines.push(sh('unit_switch', unit, enabled === true ? 'enable' : 'disable'));
  return [`if ${sh('unit_exists', unit)}; then`, ...lines, 'fi'];
}
