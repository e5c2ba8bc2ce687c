import { compareAttributes } from '../resources/compare.ts';
import type {
  AttributeMap,
  DesiredResource,
  KindContext,
  RecordedResource,
  ResourceChange,
} from '../resources/resource.ts';
import type { InstanceState } from '../state/model.ts';

/** Without asking the host: new resources are created, differing attributes updated, nothing is known of drift. */
export function planFromState(
  resource: DesiredResource,
  prior: RecordedResource | null,
  attributes: AttributeMap,
): ResourceChange {
  if (prior === null) return { action: 'create', resource, reason: { because: 'new' } };
  const changes = compareAttributes(attributes, prior.attributes);
  if (changes.length === 0) return { action: 'none', resource };
  const reason = { because: 'input-changed' } as const;
  if (resource.kind === 'script' && changes.some(({ name }) => name === 'triggers'))
    return { action: 'run', resource, reason };
  return {
    action: 'update',
    resource,
    attributes: changes,
    diff: null,
    reason,
    observed: { state: 'present', attributes: prior.attributes, content: null },
  };
}

/** By host, what runs services there: what ran them when state last heard of it. */
export function recordedInits(instances: Iterable<InstanceState>): ReadonlyMap<string, KindContext['init']> {
  const inits = new Map<string, KindContext['init']>();
  for (const { host, resources } of instances) {
    if (inits.has(host)) continue;
    const service = resources.find((resource) => resource.kind === 'service');
    if (service !== undefined) inits.set(host, initOfDriver(service.attributes['driver'] ?? null));
  }
  return inits;
}

function initOfDriver(driver: AttributeMap[string]): KindContext['init'] {
  switch (driver) {
    case 'supervisor':
      return 'none';
    case 'monit':
    case 'package-monit':
      return 'monit';
    default:
      return 'systemd';
  }
}
