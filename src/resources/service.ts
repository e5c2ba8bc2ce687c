import { createHash } from 'node:crypto';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest } from '../host/observation.ts';
import { probeKey } from '../host/observation.ts';
import type { RecordEntry } from '../host/record.ts';
import type {
  AttributeChange,
  AttributeMap,
  DesiredService,
  KindContext,
  Observed,
  Reason,
  RecordedResource,
  ResourceChange,
  ResourceKind,
} from './resource.ts';
import { compareAttributes, unifiedDiff } from './compare.ts';
import {
  entryOf,
  fateByRecord,
  foreignOwner,
  isHandedOver,
  isOwner,
  OWNERSHIP_FUNCTIONS,
} from './ownership.ts';
import { PARENTS_FUNCTIONS } from './parents.ts';
import { serviceRemovalBody, serviceStepBody } from './service-steps.ts';
import { supervisedProgram } from './supervisor.ts';
import { DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS } from './systemd.ts';
import { renderUnit, UNIT_FOLDER, unitName, WANTS_FOLDER } from './unit-file.ts';

/** What runs a service on a host. */
export type ServiceDriver =
  /** systemd with a unit that slipway writes. */
  | 'unit'
  /** systemd with a unit that a package brought: only whether it is enabled and runs is managed. */
  | 'package-unit'
  /** The pidfile supervisor. */
  | 'supervisor';

/** Note on a unit: digest of its triggers at its last successful start. */
export const STARTED_NOTE = 'started';

/** null: nothing here can run it. */
export function serviceDriver(service: DesiredService, context: KindContext): ServiceDriver | null {
  const systemd = context.init === 'systemd' && !context.layout.confined;
  if (service.command === null) return systemd ? 'package-unit' : null;
  return systemd ? 'unit' : 'supervisor';
}

/** Attributes that the host tells; all others are compared with what state recorded. */
const OBSERVED = new Set(['unit', 'enabled']);

export const serviceKind: ResourceKind<DesiredService> = {
  kind: 'service',
  functions: [OWNERSHIP_FUNCTIONS, PARENTS_FUNCTIONS, DRAIN_FUNCTIONS, SYSTEMD_FUNCTIONS].join(''),
  key: serviceKey,
  claims: (service) => [{ key: serviceKey(service), exclusive: true }],
  attributes: serviceAttributes,
  blobs: () => [],

  probe(service, context) {
    const driver = serviceDriver(service, context);
    if (driver === null) return [];
    const text = driver === 'unit' ? renderUnit(service) : null;
    return requests(driver, service.name, service.dir, text === null ? null : sha256(text));
  },

  observe(service, observation, context) {
    const driver = serviceDriver(service, context);
    if (driver === null)
      return { state: 'conflict', what: 'a unit that a package brings, on a host without systemd' };
    const owner = foreignOwner(entryOf(observation.record, serviceKey(service)), context);
    if (owner !== null) return { state: 'conflict', what: owner };
    return observeService(driver, service.name, service.dir, observation, service.enabledAtBoot);
  },

  diff: diffService,

  apply(change, entry, context) {
    if (change.action === 'none') return null;
    const driver = serviceDriver(change.resource, context);
    if (driver === null) throw new Error(`nothing can run ${change.resource.address} here`);
    return { id: change.resource.address, body: serviceStepBody(change, driver, entry, context) };
  },

  probeRecorded: (recorded) => {
    const { driver, name, dir } = decodeRecorded(recorded);
    return requests(driver, name, dir, null);
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

export function serviceKey(service: DesiredService): string {
  return `unit ${service.name.replace(/\.service$/, '')}`;
}

function serviceAttributes(service: DesiredService, context: KindContext): AttributeMap {
  const driver = serviceDriver(service, context);
  const attributes: Record<string, string | number | boolean | null> = {
    name: service.name,
    driver,
    command: service.command,
    user: service.user,
    group: service.group,
    working_directory: service.workingDirectory,
    unit: null,
    enabled: driver === 'supervisor' ? null : service.enabledAtBoot,
    drain: service.drain,
    reload: service.reload,
    stop_timeout: service.stopTimeoutSeconds,
    dir: service.dir,
  };
  if (driver === 'unit') attributes.unit = sha256(renderUnit(service));
  if (driver === 'supervisor') attributes.unit = supervisedProgram(service).digest;
  for (const name of Object.keys(service.environment).sort())
    attributes[`environment.${name}`] = service.environment[name] ?? null;
  return attributes;
}

/** What a removal needs of a service, out of its recorded attributes. */
export interface RecordedService {
  readonly driver: ServiceDriver;
  readonly name: string;
  readonly dir: string;
  readonly drain: string | null;
  readonly stopTimeoutSeconds: number;
}

function decodeRecorded(recorded: RecordedResource): RecordedService {
  const { driver, name, dir, drain, stop_timeout: stopTimeout } = recorded.attributes;
  return {
    driver: driver === 'supervisor' || driver === 'package-unit' ? driver : 'unit',
    name: String(name),
    dir: String(dir),
    drain: typeof drain === 'string' ? drain : null,
    stopTimeoutSeconds: typeof stopTimeout === 'number' ? stopTimeout : 90,
  };
}

function requests(driver: ServiceDriver, name: string, dir: string, digest: string | null): ProbeRequest[] {
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
function observeService(
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

function diffService(
  service: DesiredService,
  observed: Observed,
  prior: RecordedResource | null,
  entry: RecordEntry | null,
  context: KindContext,
): ResourceChange {
  if (observed.state === 'conflict' || observed.state === 'unobservable')
    return { action: 'none', resource: service };
  if (observed.state === 'absent' || isHandedOver(entry, context)) {
    const missing = prior !== null && observed.state === 'absent';
    return { action: 'create', resource: service, reason: { because: missing ? 'missing' : 'new' } };
  }
  const wanted = serviceAttributes(service, context);
  const there = observed.attributes;
  const active = there.active === true;
  const ours = isOwner(entry, service.address, context);
  const started = entry?.notes.get(STARTED_NOTE) ?? null;
  const swallowed = ours && active && started !== context.triggersDigest;
  const attributes = attributeChanges(wanted, there, prior);
  if (!active && prior === null)
    attributes.push({ name: 'active', before: false, after: true, sensitive: false });
  if (attributes.length > 0) {
    const unitChanges = attributes.some(({ name }) => name === 'unit');
    return {
      action: 'update',
      resource: service,
      attributes,
      diff: unitChanges ? unitDiff(service, observed.content, wanted) : null,
      reason: swallowed && !unitChanges ? { because: 'start-swallowed' } : updateReason(wanted, prior),
      observed,
    };
  }
  if (!active) return { action: 'start', resource: service, reason: { because: 'not-running' } };
  // A step that failed after it had taken the unit over never noted a start.
  if (swallowed)
    return restartOrReload(service, { because: started === null ? 'unfinished' : 'start-swallowed' });
  return { action: 'none', resource: service };
}

function attributeChanges(
  wanted: AttributeMap,
  there: AttributeMap,
  prior: RecordedResource | null,
): AttributeChange[] {
  const observable = Object.fromEntries(Object.entries(wanted).filter(([name]) => OBSERVED.has(name)));
  const changes = compareAttributes(there, observable);
  if (prior === null) return changes;
  for (const name of new Set([...Object.keys(prior.attributes), ...Object.keys(wanted)])) {
    const before = prior.attributes[name] ?? null;
    const after = wanted[name] ?? null;
    if (!OBSERVED.has(name) && before !== after) changes.push({ name, before, after, sensitive: false });
  }
  return changes;
}

function updateReason(wanted: AttributeMap, prior: RecordedResource | null): Reason {
  if (prior === null) return { because: 'new' };
  const names = new Set([...Object.keys(prior.attributes), ...Object.keys(wanted)]);
  const asked = [...names].some((name) => (prior.attributes[name] ?? null) !== (wanted[name] ?? null));
  return { because: asked ? 'input-changed' : 'drifted' };
}

function unitDiff(service: DesiredService, content: string | null, wanted: AttributeMap): string | null {
  if (content === null || wanted.driver !== 'unit') return null;
  return unifiedDiff(`${UNIT_FOLDER}/${unitName(service.name)}`, content, renderUnit(service));
}

function restartOrReload(service: DesiredService, reason: Reason): ResourceChange {
  const action = service.reload === null || service.reload === '' ? 'restart' : 'reload';
  return { action, resource: service, reason };
}

/** The change of a service when resources that it depends on change in the same plan. */
export function withTriggeredRestart(change: ResourceChange, triggeredBy: readonly string[]): ResourceChange {
  if (change.resource.kind !== 'service' || triggeredBy.length === 0) return change;
  const reason: Reason = { because: 'triggered', by: triggeredBy };
  switch (change.action) {
    case 'none':
    case 'adopt':
      return restartOrReload(change.resource, reason);
    case 'restart':
    case 'reload':
      return { ...change, reason };
    case 'update':
      return serviceEffect(change) === 'restart' ? change : { ...change, reason };
    case 'create':
    case 'start':
    case 'run':
      return change;
    default:
      return unreachable(change);
  }
}

/** What a change does to the running service; null: it runs on. */
export function serviceEffect(change: ResourceChange): 'start' | 'restart' | 'reload' | null {
  if (change.resource.kind !== 'service') return null;
  switch (change.action) {
    case 'create':
    case 'start':
      return 'start';
    case 'restart':
    case 'reload':
      return change.action;
    case 'update': {
      if (change.observed.state !== 'present' || change.observed.attributes.active === false) return 'start';
      if (change.attributes.some(({ name }) => name === 'unit' || name === 'driver')) return 'restart';
      if (change.reason.because !== 'triggered' && change.reason.because !== 'start-swallowed') return null;
      return restartOrReload(change.resource, change.reason).action === 'reload' ? 'reload' : 'restart';
    }
    case 'adopt':
    case 'run':
    case 'none':
      return null;
    default:
      return unreachable(change);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
