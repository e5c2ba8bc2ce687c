import { createHash } from 'node:crypto';
import type { HostObservation } from '../host/observation.ts';
import type { RecordEntry } from '../host/record.ts';
import type {
  AttributeChange,
  AttributeMap,
  DesiredResource,
  DesiredService,
  KindContext,
  Observed,
  RecordedResource,
  Reason,
  ResourceChange,
} from '../resources/resource.ts';
import { compareAttributes } from '../resources/compare.ts';
import { kindOf } from '../resources/kinds.ts';
import { withTriggeredRestart } from '../resources/service.ts';

/** What one instance's resources are compared with. */
export interface ComparisonBase {
  /** null: the host was not asked; what state recorded is taken for what is there. */
  readonly observation: HostObservation | null;
  /** By record key; empty for a new instance. */
  readonly prior: ReadonlyMap<string, RecordedResource>;
  readonly context: Omit<KindContext, 'triggersDigest'>;
  readonly ignored: ReadonlySet<string>;
  readonly unfinished: boolean;
  /** Addresses of `once` scripts that another instance of the component has run already. */
  readonly doneElsewhere: ReadonlySet<string>;
}

/** Compares an instance's resources in order; services see which of their triggers change. */
export function planResources(resources: readonly DesiredResource[], base: ComparisonBase): readonly ResourceChange[] {
  const attributesOf = new Map<string, AttributeMap>();
  const changed = new Set<string>();
  return resources.map((resource) => {
    const triggersDigest = resource.kind === 'service' ? digestOfTriggers(resource, attributesOf) : '';
    const context: KindContext = { ...base.context, triggersDigest };
    attributesOf.set(resource.address, kindOf(resource).attributes(resource, context));
    let change = planResource(resource, base, context, attributesOf);
    if (resource.kind === 'service') {
      const triggeredBy = resource.triggers.filter((address) => changed.has(address));
      if (triggeredBy.length > 0) change = withTriggeredRestart(change, triggeredBy);
    }
    if (change.action !== 'none' && change.action !== 'adopt') changed.add(resource.address);
    return change;
  });
}

function planResource(
  resource: DesiredResource,
  base: ComparisonBase,
  context: KindContext,
  attributesOf: ReadonlyMap<string, AttributeMap>,
): ResourceChange {
  const kind = kindOf(resource);
  const key = kind.key(resource, context);
  const prior = base.prior.get(key) ?? null;
  if (base.doneElsewhere.has(resource.address) && prior === null) return { action: 'adopt', resource };
  if (base.observation === null) return planFromState(resource, prior, base, attributesOf.get(resource.address) ?? {});
  const entry: RecordEntry | null = base.observation.record.entries.get(key) ?? null;
  const observed: Observed = kind.observe(resource, base.observation, context);
  const change = kind.diff(resource, observed, prior, entry, context);
  if (change.action === 'none' && !isOwnedHere(entry, base.context)) return { action: 'adopt', resource };
  if (change.action === 'update' && base.ignored.has(resource.address)) return { action: 'none', resource };
  if (base.unfinished && 'reason' in change && change.reason.because === 'drifted') {
    return { ...change, reason: { because: 'unfinished' } } as ResourceChange;
  }
  return change;
}

function isOwnedHere(entry: RecordEntry | null, context: { lineage: string; instance: string }): boolean {
  return entry?.owners.some((o) => o.lineage === context.lineage && o.instance === context.instance) ?? false;
}

/** Without asking the host: new resources are created, differing attributes updated, nothing is known of drift. */
function planFromState(
  resource: DesiredResource,
  prior: RecordedResource | null,
  base: ComparisonBase,
  attributes: AttributeMap,
): ResourceChange {
  const reason: Reason = base.unfinished ? { because: 'unfinished' } : { because: 'new' };
  if (prior === null || base.unfinished) return { action: 'create', resource, reason };
  const changes: readonly AttributeChange[] = compareAttributes(attributes, prior.attributes);
  if (changes.length === 0 || base.ignored.has(resource.address)) return { action: 'none', resource };
  return {
    action: 'update',
    resource,
    attributes: changes,
    diff: null,
    reason: { because: 'input-changed' },
    observed: { state: 'present', attributes: prior.attributes, content: null },
  };
}

function digestOfTriggers(service: DesiredService, attributesOf: ReadonlyMap<string, AttributeMap>): string {
  const hash = createHash('sha256');
  for (const address of service.triggers) hash.update(JSON.stringify([address, attributesOf.get(address) ?? null]));
  return hash.digest('hex');
}
