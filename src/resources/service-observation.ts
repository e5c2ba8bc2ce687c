import { unreachable } from '../diagnostics/unreachable.ts';
import { MONIT_HTTPD_LINE, MONIT_INCLUDE_LINE } from '../host/monit-program.ts';
import type { HostObservation, MonitAnswer, ProbeAnswer, ProbeRequest } from '../host/observation.ts';
import { probeKey } from '../host/observation.ts';
import { isManagedControl, monitDigest, readControl } from './monit-control.ts';
import type { AttributeMap, Observed } from './resource.ts';
import type { ServiceDriver } from './service-driver.ts';
import { supervisedFolder } from './supervisor.ts';
import { UNIT_FOLDER, unitName, WANTS_FOLDER } from './unit-file.ts';

/** What to ask about a service. `digest`: the unit file's content is sent when it is another one. */
export function serviceRequests(
  driver: ServiceDriver,
  name: string,
  dir: string,
  digest: string | null,
): ProbeRequest[] {
  const unit = unitName(name);
  switch (driver) {
    case 'unit':
      return [
        { probe: 'unit', name: unit },
        {
          probe: 'path',
          path: `${UNIT_FOLDER}/${unit}`,
          digest: true,
          ...(digest === null ? {} : { contentUnless: digest }),
        },
        // Not systemd's own word on it: that one is stale until its next reload.
        { probe: 'path', path: `${WANTS_FOLDER}/${unit}` },
      ];
    case 'package-unit':
      return [{ probe: 'unit', name: unit }];
    case 'monit':
      return monitRequests(name, dir, true);
    case 'package-monit':
      return [{ probe: 'monit', name, own: false }];
    case 'supervisor':
      return [{ probe: 'supervised', name, dir }];
    default:
      return unreachable(driver);
  }
}

/** `wantedEnabled`: what a unit counts as that can be neither enabled nor disabled. */
export function observeService(
  driver: ServiceDriver,
  name: string,
  dir: string,
  observation: HostObservation,
  wantedEnabled: boolean,
): Observed {
  const answer = <P extends ProbeRequest>(request: P) =>
    observation.answers.get(probeKey(request)) as Extract<ProbeAnswer, { probe: P['probe'] }> | undefined;
  if (driver === 'supervisor') {
    const found = answer({ probe: 'supervised', name, dir });
    if (found === undefined || (found.digest === null && !found.running)) return { state: 'absent' };
    return present({ unit: found.digest, enabled: null, active: found.running });
  }
  if (driver === 'monit') {
    const found = answer({ probe: 'monit', name, own: true });
    const program = answer({ probe: 'path', path: monitProgram(name, dir) })?.found ?? null;
    return found === undefined ? { state: 'absent' } : observeOwn(name, found, program?.digest ?? '');
  }
  if (driver === 'package-monit') {
    const found = answer({ probe: 'monit', name, own: false });
    if (found !== undefined && found.silent !== null) return silence(found);
    if (found === undefined || !found.listed) return { state: 'absent' };
    return present({ unit: null, enabled: null, active: found.running && found.watched });
  }
  const unit = unitName(name);
  const shown = answer({ probe: 'unit', name: unit })?.found;
  const active =
    shown !== undefined &&
    (['active', 'reloading'].includes(shown.active) ||
      (shown.active === 'activating' && shown.sub !== 'auto-restart'));
  if (shown?.load === 'masked') return { state: 'conflict', what: `the unit ${unit} is masked` };
  if (driver === 'package-unit') {
    if (shown === undefined || shown.load === 'not-found') return { state: 'absent' };
    const switchable = /^(enabled|disabled)/.test(shown.enabled);
    return present({
      unit: null,
      enabled: switchable ? shown.enabled.startsWith('enabled') : wantedEnabled,
      active,
    });
  }
  const file = answer({ probe: 'path', path: `${UNIT_FOLDER}/${unit}` })?.found ?? null;
  const link = answer({ probe: 'path', path: `${WANTS_FOLDER}/${unit}` })?.found ?? null;
  const loaded = shown !== undefined && shown.load !== 'not-found';
  if (file === null && link === null && !loaded) return { state: 'absent' };
  if (file !== null && file.type !== 'file')
    return { state: 'conflict', what: `${UNIT_FOLDER}/${unit} is a ${file.type}` };
  return present({ unit: file?.digest ?? null, enabled: link !== null, active }, file?.content ?? null);
}

/** What to ask about a service whose control file is ours. */
export function monitRequests(name: string, dir: string, digest: true | 'small'): ProbeRequest[] {
  return [
    { probe: 'monit', name, own: true },
    { probe: 'path', path: monitProgram(name, dir), digest },
  ];
}

/** What is executed under monit. */
export function monitProgram(name: string, dir: string): string {
  return `${supervisedFolder(dir, name)}/program`;
}

function observeOwn(name: string, found: MonitAnswer, programDigest: string): Observed {
  const { silent, folder, rc, control, listed, running, watched } = found;
  if (silent !== null) return silence(found);
  if (folder === null)
    return {
      state: 'conflict',
      what: `monit reads no folder of control files${rc === '' ? '' : ` by its ${rc}`}`,
      remedy: `Add the line "${MONIT_INCLUDE_LINE}" to ${rc === '' ? 'its control file' : rc}, make that folder, and run "monit reload".`,
    };
  if (control === null) {
    if (!listed) return { state: 'absent' };
    return {
      state: 'conflict',
      what: `monit has a service "${name}" already, by a control file of somebody else`,
    };
  }
  if (!isManagedControl(control))
    return {
      state: 'conflict',
      what: `${folder} has a control file slipway-${name} that slipway did not write`,
    };
  const { text, atBoot, digest } = readControl(control);
  return present(
    {
      unit: monitDigest(text, programDigest),
      enabled: atBoot,
      active: running && watched,
      control: digest,
    },
    text,
  );
}

function silence({ silent, rc }: MonitAnswer): Observed {
  return {
    state: 'conflict',
    what: `monit, which runs services there, does not answer (${silent ?? ''})`,
    remedy: `Slipway asks it through its HTTP interface: add the line "${MONIT_HTTPD_LINE}" to ${rc === '' ? 'its control file' : rc}, and run "monit reload".`,
  };
}

function present(attributes: AttributeMap, content: string | null = null): Observed {
  return { state: 'present', attributes, content };
}
