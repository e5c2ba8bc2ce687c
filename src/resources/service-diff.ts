import { unreachable } from '../diagnostics/unreachable.ts';
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
} from './resource.ts';
import { compareAttributes, unifiedDiff } from './compare.ts';
import { isHandedOver, standsOwned } from './ownership.ts';
import { renderControl } from './monit-control.ts';
import { serviceAttributes, serviceDriver, STARTED_NOTE } from './service-driver.ts';
import { renderUnit, UNIT_FOLDER, unitName } from './unit-file.ts';

/** Attributes that the host tells; all others are compared with what state recorded. */
const OBSERVED = new Set(['unit', 'enabled']);

export function diffService(
  service: DesiredService,
  observed: Observed,
  prior: RecordedResource | null,
  entry: RecordEntry | null,
  context: KindContext,
): ResourceChange {
  const wanted = serviceAttributes(service, context);
  if (isMonitGone(service, prior, context)) {
    const reason = updateReason(wanted, prior);
    return { action: 'update', resource: service, attributes: [], diff: null, reason, observed: MONIT_GONE };
  }
  if (observed.state === 'absent' && isLeftBehind(prior, wanted))
    observed = { state: 'present', attributes: { active: false }, content: null };
  if (observed.state === 'absent' || (prior === null && isHandedOver(entry, context))) {
    const because = prior === null ? 'new' : 'missing';
    return { action: 'create', resource: service, reason: { because } };
  }
  if (observed.state !== 'present') {
    const reason = updateReason(wanted, prior);
    return { action: 'update', resource: service, attributes: [], diff: null, reason, observed };
  }
  const there = observed.attributes;
  const active = there.active === true;
  const ours = standsOwned(entry, prior, context);
  const started = entry?.notes.get(STARTED_NOTE) ?? null;
  const stopped = service.stopped === true;
  const swallowed = ours && active && !stopped && started !== context.triggersDigest;
  const attributes = attributeChanges(stopped ? offAtBoot(wanted) : wanted, there, prior);
  if (!active && !stopped && prior === null)
    attributes.push({ name: 'active', before: false, after: true, sensitive: false });
  const runsThough = active && stopped;
  if (attributes.length > 0) {
    const unitChanges = attributes.some(({ name }) => name === 'unit');
    if (runsThough) attributes.push({ name: 'active', before: true, after: false, sensitive: false });
    const reason = updateReason(wanted, prior);
    return {
      action: 'update',
      resource: service,
      attributes,
      diff: unitChanges ? unitDiff(service, observed.content, wanted) : null,
      reason:
        swallowed && !unitChanges
          ? { because: 'start-swallowed' }
          : runsThough && reason.because === 'drifted'
            ? { because: 'stopped-by-user' }
            : reason,
      observed,
    };
  }
  if (runsThough) return { action: 'stop', resource: service, reason: { because: 'stopped-by-user' } };
  if (!active && !stopped) return { action: 'start', resource: service, reason: { because: 'not-running' } };
  // A step that failed after it had taken the unit over never noted a start.
  if (swallowed)
    return restartOrReload(service, { because: started === null ? 'unfinished' : 'start-swallowed' });
  return { action: ours ? 'none' : 'adopt', resource: service };
}

const MONIT_GONE: Observed = {
  state: 'conflict',
  what: 'monit, which runs its services, does not run',
  remedy: 'Start monit. If it is gone for good, apply once with --replace for this instance.',
};

/** A supervisor that is down for a moment must not make another one take its services. */
function isMonitGone(service: DesiredService, prior: RecordedResource | null, context: KindContext): boolean {
  const former = prior?.attributes['driver'];
  return (former === 'monit' || former === 'package-monit') && serviceDriver(service, context) !== former
    ? context.init === 'none'
    : false;
}

/** What runs services is another one now, and knows nothing of what the former one left: that has to go. */
function isLeftBehind(prior: RecordedResource | null, wanted: AttributeMap): boolean {
  const former = prior?.attributes['driver'];
  return (former === 'monit' || former === 'supervisor') && former !== wanted['driver'];
}

function offAtBoot(wanted: AttributeMap): AttributeMap {
  return { ...wanted, enabled: wanted['enabled'] === null ? null : false };
}

function attributeChanges(
  wanted: AttributeMap,
  there: AttributeMap,
  prior: RecordedResource | null,
): AttributeChange[] {
  const observable = Object.fromEntries(Object.entries(wanted).filter(([name]) => OBSERVED.has(name)));
  const changes = compareAttributes(observable, there);
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
  if (content === null) return null;
  if (wanted.driver === 'monit')
    return unifiedDiff(`slipway-${service.name} (of monit)`, content, renderControl(service));
  if (wanted.driver !== 'unit') return null;
  return unifiedDiff(`${UNIT_FOLDER}/${unitName(service.name)}`, content, renderUnit(service));
}

function restartOrReload(service: DesiredService, reason: Reason): ResourceChange {
  const action = service.reload === null || service.reload === '' ? 'restart' : 'reload';
  return { action, resource: service, reason };
}

/** The change of a service when resources that it depends on change in the same plan; one that is stopped stays so. */
export function withTriggeredRestart(change: ResourceChange, triggeredBy: readonly string[]): ResourceChange {
  if (change.resource.kind !== 'service' || triggeredBy.length === 0) return change;
  if (change.resource.stopped === true) return change;
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
    case 'stop':
    case 'run':
      return change;
    default:
      return unreachable(change);
  }
}

/** What a change does to the running service; null: it runs on, or stays down. */
export function serviceEffect(change: ResourceChange): 'start' | 'restart' | 'reload' | 'stop' | null {
  if (change.resource.kind !== 'service') return null;
  if (change.resource.stopped === true) return effectOnStopped(change);
  switch (change.action) {
    case 'create':
    case 'start':
      return 'start';
    case 'restart':
    case 'reload':
    case 'stop':
      return change.action;
    case 'update': {
      if (change.observed.state !== 'present') return null;
      if (change.observed.attributes.active === false) return 'start';
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

function effectOnStopped(change: ResourceChange): 'stop' | null {
  if (change.action === 'stop') return 'stop';
  if (change.action !== 'update' || change.observed.state !== 'present') return null;
  return change.observed.attributes['active'] === true ? 'stop' : null;
}
