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
  /** `once` scripts that another instance of the component has run already, with what it recorded. */
  readonly doneElsewhere: ReadonlyMap<string, AttributeMap>;
  /** The instance's address before a `moved` block renamed it; null otherwise. */
  readonly movedFrom: string | null;
}

/** Compares an instance's resources in order; services see which of their triggers change. */
export function planResources(
  resources: readonly DesiredResource[],
  base: ComparisonBase,
): readonly ResourceChange[] {
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
  const attributes = attributesOf.get(resource.address) ?? {};
  const done = prior === null ? base.doneElsewhere.get(resource.address) : undefined;
  if (done !== undefined && compareAttributes(attributes, done).length === 0)
    return { action: 'adopt', resource };
  if (base.observation === null) return planFromState(resource, prior, base, attributes);
  const entry: RecordEntry | null = base.observation.record.entries.get(key) ?? null;
  const observed: Observed = kind.observe(resource, base.observation, context);
  const change = kind.diff(resource, observed, prior, entry, context);
  if (change.action === 'none' && !isOwnedHere(entry, base)) return { action: 'adopt', resource };
  if (change.action === 'update' && base.ignored.has(resource.address)) return { action: 'none', resource };
  if (base.unfinished && 'reason' in change && change.reason.because === 'drifted') {
    return { ...change, reason: { because: 'unfinished' } } as ResourceChange;
  }
  return change;
}

function isOwnedHere(entry: RecordEntry | null, base: ComparisonBase): boolean {
  const { lineage, instance } = base.context;
  const ours = (owner: string): boolean => owner === instance || owner === base.movedFrom;
  return entry?.owners.some((owner) => owner.lineage === lineage && ours(owner.instance)) ?? false;
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

/** By service address: the digest over its triggers that a successful start is recorded with. */
export function triggersDigests(
  resources: readonly DesiredResource[],
  context: KindContext,
): ReadonlyMap<string, string> {
  const attributesOf = new Map<string, AttributeMap>();
  const digests = new Map<string, string>();
  for (const resource of resources) {
    if (resource.kind === 'service') digests.set(resource.address, digestOfTriggers(resource, attributesOf));
    attributesOf.set(resource.address, kindOf(resource).attributes(resource, context));
  }
  return digests;
}

function digestOfTriggers(service: DesiredService, attributesOf: ReadonlyMap<string, AttributeMap>): string {
  const hash = createHash('sha256');
  for (const address of service.triggers)
    hash.update(JSON.stringify([address, attributesOf.get(address) ?? null]));
  return hash.digest('hex');
}
