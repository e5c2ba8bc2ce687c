import { unreachable } from '../diagnostics/unreachable.ts';
import { probeKey } from '../host/observation.ts';
import type { HostObservation, MonitAnswer, ProbeAnswer, ProbeRequest } from '../host/observation.ts';
import { monitDigest, readControl } from './monit-control.ts';
import { matchesVersion } from './package-version.ts';
import type { AttributeValue, RecordedResource } from './resource.ts';
import { decodeRecorded } from './service-driver.ts';
import { monitProgram, monitRequests } from './service-observation.ts';
import { unitName, UNIT_FOLDER, WANTS_FOLDER } from './unit-file.ts';

/*
 * Whether what slipway put on a host is still as it left it, told by what state recorded alone, and by cheap questions: no file
 * is read that is large, no tree is walked, no program of the user runs. Sensitive content is not compared, since state
 * keeps no digest of it that the host could be asked for. `plan` compares everything.
 */

/** What to ask a host about one recorded resource; what its services do is asked by service-status.ts. */
export function driftRequests(recorded: RecordedResource): readonly ProbeRequest[] {
  const path = String(recorded.attributes['path']);
  const name = String(recorded.attributes['name']);
  switch (recorded.kind) {
    case 'file':
      return [{ probe: 'path', path, digest: 'small' }];
    case 'directory':
    case 'link':
    case 'archive':
      return [{ probe: 'path', path }];
    case 'package':
    case 'user':
    case 'group':
      return [{ probe: recorded.kind, name }];
    case 'service':
      return serviceRequests(recorded);
    case 'script':
      return [];
    default:
      return unreachable(recorded.kind);
  }
}

/**
 * What differs on the host, each in words to follow the resource's address: `content changed`. `stopped`: its services are
 * meant to be down, so that they do not come up at boot either.
 */
export function driftOf(
  recorded: RecordedResource,
  observation: HostObservation,
  { stopped }: { readonly stopped: boolean },
): readonly string[] {
  const ask = <R extends ProbeRequest>(request: R) =>
    observation.answers.get(probeKey(request)) as Extract<ProbeAnswer, { probe: R['probe'] }> | undefined;
  const { kind, attributes } = recorded;
  const path = String(attributes['path']);
  const name = String(attributes['name']);
  switch (kind) {
    case 'file':
    case 'directory':
    case 'link':
    case 'archive': {
      const answer = ask({ probe: 'path', path });
      return answer === undefined ? [] : pathDrift(recorded, answer.found);
    }
    case 'package': {
      const installed = ask({ probe: 'package', name })?.installed;
      if (installed === undefined) return [];
      if (installed === null) return ['not installed any more'];
      const pin = attributes['version'];
      if (typeof pin !== 'string' || matchesVersion(installed, pin)) return [];
      return [`version ${installed} instead of ${pin}`];
    }
    case 'user': {
      const found = ask({ probe: 'user', name })?.found;
      if (found === undefined) return [];
      if (found === null) return ['deleted'];
      return differences(attributes, { ...found }, ['uid', 'group', 'home', 'shell', 'comment']);
    }
    case 'group': {
      const found = ask({ probe: 'group', name })?.found;
      if (found === undefined) return [];
      return found === null ? ['deleted'] : differences(attributes, { ...found }, ['gid']);
    }
    case 'service':
      return serviceDrift(recorded, ask, stopped);
    case 'script':
      return [];
    default:
      return unreachable(kind);
  }
}

type Found = Extract<ProbeAnswer, { probe: 'path' }>['found'];

const TYPES = { file: 'a file', directory: 'a directory', link: 'a symbolic link', other: 'a special file' };

function pathDrift({ kind, attributes }: RecordedResource, found: Found): readonly string[] {
  if (found === null) return ['deleted'];
  const wanted = kind === 'archive' ? 'directory' : kind;
  if (found.type !== wanted) return [`${TYPES[found.type]} stands in its place`];
  if (kind === 'link') return differences(attributes, { target: found.target }, ['target']);
  if (kind === 'archive') return [];
  const { owner, group, mode } = found;
  const access = differences(attributes, { owner, group, mode }, ['mode', 'owner', 'group']);
  const content = attributes['content'];
  const changed =
    kind === 'file' &&
    typeof content === 'string' &&
    content.startsWith('sha256:') &&
    found.digest !== null &&
    content !== `sha256:${found.digest}`;
  return changed ? ['content changed', ...access] : access;
}

/** What was recorded as null was left as it was, and never differs. */
function differences(
  recorded: RecordedResource['attributes'],
  found: Readonly<Record<string, unknown>>,
  names: readonly string[],
): readonly string[] {
  return names.flatMap((name) => {
    const wanted: AttributeValue = recorded[name] ?? null;
    const there = found[name];
    return wanted === null || wanted === there
      ? []
      : [`${name} ${String(there)} instead of ${String(wanted)}`];
  });
}

function serviceRequests(recorded: RecordedResource): readonly ProbeRequest[] {
  const { driver, name, dir } = decodeRecorded(recorded);
  const unit = unitName(name);
  switch (driver) {
    case 'unit':
      return [
        { probe: 'path', path: `${UNIT_FOLDER}/${unit}`, digest: 'small' },
        { probe: 'path', path: `${WANTS_FOLDER}/${unit}` },
      ];
    case 'package-unit':
      return [{ probe: 'unit', name: unit }];
    case 'supervisor':
      return [{ probe: 'supervised', name, dir }];
    case 'monit':
      return monitRequests(name, dir, 'small');
    case 'package-monit':
      return [{ probe: 'monit', name, own: false }];
    default:
      return unreachable(driver);
  }
}

function serviceDrift(
  recorded: RecordedResource,
  ask: <R extends ProbeRequest>(request: R) => Extract<ProbeAnswer, { probe: R['probe'] }> | undefined,
  stopped: boolean,
): readonly string[] {
  const { driver, name, dir } = decodeRecorded(recorded);
  const { unit: digest, enabled } = recorded.attributes;
  const unit = unitName(name);
  const boot = (isEnabled: boolean): readonly string[] =>
    stopped || typeof enabled !== 'boolean' || enabled === isEnabled
      ? []
      : [enabled ? 'not started at boot any more' : 'started at boot'];
  switch (driver) {
    case 'unit': {
      const file = ask({ probe: 'path', path: `${UNIT_FOLDER}/${unit}` });
      const link = ask({ probe: 'path', path: `${WANTS_FOLDER}/${unit}` });
      if (file === undefined || link === undefined) return [];
      if (file.found === null) return [`${unit} deleted`];
      const changed = typeof digest === 'string' && file.found.digest !== digest;
      return [...(changed ? [`${unit} changed`] : []), ...boot(link.found !== null)];
    }
    case 'package-unit': {
      const found = ask({ probe: 'unit', name: unit })?.found;
      if (found === undefined || !/^(enabled|disabled)/.test(found.enabled)) return [];
      return boot(found.enabled.startsWith('enabled'));
    }
    case 'supervisor': {
      const found = ask({ probe: 'supervised', name, dir });
      if (found === undefined) return [];
      if (found.digest === null) return ['its files are gone'];
      return typeof digest === 'string' && found.digest !== digest ? ['runs by another command'] : [];
    }
    case 'monit': {
      const found = ask({ probe: 'monit', name, own: true });
      const program = ask({ probe: 'path', path: monitProgram(name, dir) })?.found;
      if (found === undefined) return [];
      if (found.control === null || program === null) return ['its files are gone'];
      const control = readControl(found.control);
      const changed = digest !== monitDigest(control.text, program?.digest ?? '');
      return [
        ...(changed ? ['its control file or program changed'] : []),
        ...boot(control.atBoot),
        ...watchDrift(found, stopped),
      ];
    }
    case 'package-monit': {
      const found = ask({ probe: 'monit', name, own: false });
      return found === undefined ? [] : watchDrift(found, stopped);
    }
    default:
      return unreachable(driver);
  }
}

function watchDrift({ listed, running, watched }: MonitAnswer, stopped: boolean): readonly string[] {
  return listed && running && !watched && !stopped ? ['runs, but monit does not look after it'] : [];
}
