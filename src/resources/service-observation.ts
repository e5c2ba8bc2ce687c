import { unreachable } from '../diagnostics/unreachable.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest } from '../host/observation.ts';
import { probeKey } from '../host/observation.ts';
import type { AttributeMap, Observed } from './resource.ts';
import type { ServiceDriver } from './service-driver.ts';
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

function present(attributes: AttributeMap, content: string | null = null): Observed {
  return { state: 'present', attributes, content };
}
