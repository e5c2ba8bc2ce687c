import { createHash } from 'node:crypto';
import { unreachable } from '../diagnostics/unreachable.ts';
import { monitDigestOf } from './monit-control.ts';
import type { AttributeMap, DesiredService, KindContext, RecordedResource } from './resource.ts';
import { supervisedProgram } from './supervisor.ts';
import { renderUnit } from './unit-file.ts';

/** What runs a service on a host. */
export type ServiceDriver =
  /** systemd with a unit that slipway writes. */
  | 'unit'
  /** systemd with a unit that a package brought: only whether it is enabled and runs is managed. */
  | 'package-unit'
  /** monit with a control file that slipway writes. */
  | 'monit'
  /** monit with a control file that a package, or somebody else, brought: only whether it runs is managed. */
  | 'package-monit'
  /** The pidfile supervisor. */
  | 'supervisor';

const SERVICE_DRIVERS: readonly ServiceDriver[] = [
  'unit',
  'package-unit',
  'monit',
  'package-monit',
  'supervisor',
];

/** Note on a unit: digest of its triggers at its last successful start. */
export const STARTED_NOTE = 'started';

/** null: nothing here can run it. */
export function serviceDriver(service: DesiredService, context: KindContext): ServiceDriver | null {
  const init = context.layout.confined ? 'none' : context.init;
  const isPackaged = service.command === null;
  switch (init) {
    case 'systemd':
      return isPackaged ? 'package-unit' : 'unit';
    case 'monit':
      return isPackaged ? 'package-monit' : 'monit';
    case 'none':
      return isPackaged ? null : 'supervisor';
    default:
      return unreachable(init);
  }
}

export function serviceKey(service: DesiredService): string {
  return `unit ${service.name.replace(/\.service$/, '')}`;
}

export function serviceAttributes(service: DesiredService, context: KindContext): AttributeMap {
  const driver = serviceDriver(service, context);
  const attributes: Record<string, string | number | boolean | null> = {
    name: service.name,
    driver,
    command: service.command,
    user: service.user,
    group: service.group,
    working_directory: service.workingDirectory,
    unit: null,
    enabled: driver === 'supervisor' || driver === 'package-monit' ? null : service.enabledAtBoot,
    drain: service.drain,
    reload: service.reload,
    stop_timeout: Math.ceil(service.stopTimeoutSeconds),
    dir: service.dir,
  };
  if (driver === 'unit') attributes.unit = sha256(renderUnit(service));
  if (driver === 'monit') attributes.unit = monitDigestOf(service);
  if (driver === 'supervisor') attributes.unit = supervisedProgram(service).digest;
  for (const name of Object.keys(service.environment).sort())
    attributes[`environment.${name}`] = service.environment[name] ?? null;
  return attributes;
}

/** What a removal, a start or a stop needs of a service, out of its recorded attributes. */
export interface RecordedService {
  readonly driver: ServiceDriver;
  readonly name: string;
  readonly dir: string;
  /** Is it meant to come up at boot? null: nothing here does that. */
  readonly enabled: boolean | null;
  readonly drain: string | null;
  readonly stopTimeoutSeconds: number;
}

export function decodeRecorded(recorded: RecordedResource): RecordedService {
  const { driver, name, dir, enabled, drain, stop_timeout: stopTimeout } = recorded.attributes;
  return {
    driver: SERVICE_DRIVERS.find((known) => known === driver) ?? 'unit',
    name: String(name),
    dir: String(dir),
    enabled: typeof enabled === 'boolean' ? enabled : null,
    drain: typeof drain === 'string' ? drain : null,
    stopTimeoutSeconds: typeof stopTimeout === 'number' ? stopTimeout : 90,
  };
}

/** The same of a service that is wanted. */
export function recordedService(service: DesiredService, driver: ServiceDriver): RecordedService {
  const { name, dir, drain, enabledAtBoot, stopTimeoutSeconds } = service;
  return {
    driver,
    name,
    dir,
    drain,
    enabled: enabledAtBoot,
    stopTimeoutSeconds: Math.ceil(stopTimeoutSeconds),
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
