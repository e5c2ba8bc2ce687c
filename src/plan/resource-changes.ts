import { createHash } from 'node:crypto';
import type { HostObservation } from '../host/observation.ts';
import type { RecordEntry } from '../host/record.ts';
import type {
  AttributeMap,
  DesiredResource,
  DesiredService,
  KindContext,
  RecordedResource,
  ResourceChange,
} from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import { afterHandover } from '../resources/ownership.ts';
import { withTriggeredRestart } from '../resources/service.ts';
import type { DoneElsewhere } from './once.ts';
import { placeOf } from './places.ts';
import { planFromState } from './unrefreshed.ts';

/** What one instance's resources are compared with. */
export interface ComparisonBase {
  /** null: the host was not asked; what state recorded is taken for what is there. */
  readonly observation: HostObservation | null;
  /** By record key; empty for a new instance. */
  readonly prior: ReadonlyMap<string, RecordedResource>;
  readonly context: Omit<KindContext, 'triggersDigest'>;
  readonly ignoreChanges: readonly string[];
  readonly unfinished: boolean;
  readonly doneElsewhere: DoneElsewhere;
  /** Keys of what goes and comes again (`--replace`). */
  readonly replaced: ReadonlySet<string>;
  /** Paths that this instance leaves in the same plan. */
  readonly vacated: ReadonlySet<string>;
  /** Does an instance leave a shared thing in the same plan? */
  readonly leaves: (instance: string, key: string) => boolean;
}

/** Compares an instance's resources in order; services see which of their triggers change. */
export function planResources(
  resources: readonly DesiredResource[],
  base: ComparisonBase,
): readonly ResourceChange[] {
  const attributesOf = new Map<string, AttributeMap>();
  const changed = new Set<string>();
  const digests = triggersDigests(resources, { ...base.context, triggersDigest: '' }, base.ignoreChanges);
  return resources.map((resource) => {
    const triggersDigest = digests.get(resource.address) ?? '';
    const context: KindContext = { ...base.context, triggersDigest };
    attributesOf.set(resource.address, kindOf(resource).attributes(resource, context));
    let change = planResource(resource, base, context, attributesOf);
    if (resource.kind === 'service') {
      const triggeredBy = resource.triggers.filter((address) => changed.has(address));
      if (triggeredBy.length > 0 && !isInTheWay(change)) change = withTriggeredRestart(change, triggeredBy);
    }
    if (change.action !== 'none' && change.action !== 'adopt') changed.add(resource.address);
    return change;
  });
}

/** It is an error already; nothing follows from it. */
function isInTheWay(change: ResourceChange): boolean {
  return change.action === 'update' && change.observed.state === 'conflict';
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
  if (base.replaced.has(key)) return { action: 'create', resource, reason: { because: 'replace-requested' } };
  const done = prior === null ? base.doneElsewhere(resource.address, attributes) : null;
  if (done !== null) return { action: 'adopt', resource, takenOver: done.made };
  const ignored = prior !== null && isIgnored(resource.address, base.ignoreChanges);
  if (base.observation === null) {
    const change = planFromState(resource, prior, attributes);
    return ignored && change.action !== 'create' ? { action: 'none', resource } : change;
  }
  const entry: RecordEntry | null = base.observation.record.entries.get(key) ?? null;
  let observed = kind.observe(resource, base.observation, context);
  if (observed.state === 'conflict' && isVacated(resource, base)) observed = { state: 'absent' };
  // Its last owners may have taken it along by then.
  else if (prior === null && SHARED_KINDS.has(resource.kind) && isLeftByAll(entry, key, base))
    observed = afterHandover(observed, entry);
  const change = kind.diff(resource, observed, prior, entry, context);
  switch (change.action) {
    case 'none':
    case 'adopt':
      return { action: isOwnedHere(entry, resource.address, base.context) ? 'none' : 'adopt', resource };
    case 'update':
      if (ignored) return { action: 'none', resource };
      break;
    default:
      break;
  }
  return base.unfinished ? asUnfinished(change) : change;
}

/** `file.motd` names all items of a `for_each`. */
function isIgnored(address: string, ignoreChanges: readonly string[]): boolean {
  return ignoreChanges.some((name) => address === name || address.startsWith(`${name}[`));
}

/** What stands in the way, but goes before, does not stand in the way. */
function isVacated(resource: DesiredResource, base: ComparisonBase): boolean {
  if (!('path' in resource)) return false;
  if (base.vacated.has(resource.path)) return true;
  const entries = base.observation?.record.entries ?? new Map<string, RecordEntry>();
  const isLeft = (entry: RecordEntry | undefined): boolean =>
    entry !== undefined && entry.before === null && isLeftByAll(entry, entry.key, base);
  if (['file', 'link', 'archive'].some((what) => isLeft(entries.get(`${what} ${resource.path}`))))
    return true;
  // A directory goes with what lies in it, also one that was made only for that.
  return (
    isLeft(entries.get(`directory ${resource.path}`)) &&
    [...entries.values()].every(
      (entry) => !placeOf(entry.key).startsWith(`${resource.path}/`) || isLeft(entry),
    )
  );
}

function isOwnedHere(
  entry: RecordEntry | null,
  address: string,
  { lineage, instance }: ComparisonBase['context'],
): boolean {
  if (entry === null) return false;
  return entry.owners.some(
    (owner) => owner.instance === instance && owner.resource === address && owner.lineage === lineage,
  );
}

const SHARED_KINDS: ReadonlySet<string> = new Set(['package', 'group', 'user', 'directory']);

/** Also what nobody owns any more: a directory that was made only because something was to lie in it. */
function isLeftByAll(entry: RecordEntry | null, key: string, base: ComparisonBase): boolean {
  if (entry === null) return false;
  return entry.owners.every(
    (owner) => owner.lineage === base.context.lineage && base.leaves(owner.instance, key),
  );
}

/** Nothing has drifted that was never finished. */
function asUnfinished(change: ResourceChange): ResourceChange {
  if (!('reason' in change)) return change;
  switch (change.reason.because) {
    case 'drifted':
    case 'missing':
    case 'not-running':
    case 'stopped-by-user':
      return { ...change, reason: { because: 'unfinished' } } as ResourceChange;
    default:
      return change;
  }
}

/** By service address: the digest over its triggers that a successful start is recorded with. */
export function triggersDigests(
  resources: readonly DesiredResource[],
  context: KindContext,
  ignoreChanges: readonly string[],
): ReadonlyMap<string, string> {
  const attributesOf = new Map<string, AttributeMap>();
  // These digests lie in the record of the host alone, which is root's, as what they are made of is. So they need no key, and a
  // key that is lost restarts nothing.
  const keyless: KindContext = { ...context, hmac: (text) => digestOnHost(context.lineage, text) };
  const digests = new Map<string, string>();
  for (const resource of resources) {
    if (resource.kind === 'service')
      digests.set(resource.address, digestOfTriggers(resource, attributesOf, ignoreChanges));
    attributesOf.set(resource.address, kindOf(resource).attributes(resource, keyless));
  }
  return digests;
}

function digestOnHost(lineage: string, text: string): string {
  return createHash('sha256').update(`${lineage}\0${text}`).digest('hex');
}

/** Neither the name of a trigger in its definition nor what the spec tells to ignore makes a service restart. */
function digestOfTriggers(
  service: DesiredService,
  attributesOf: ReadonlyMap<string, AttributeMap>,
  ignoreChanges: readonly string[],
): string {
  const hash = createHash('sha256');
  for (const address of service.triggers)
    if (!isIgnored(address, ignoreChanges))
      hash.update(JSON.stringify(attributesOf.get(address) ?? null) + '\n');
  return hash.digest('hex');
}
