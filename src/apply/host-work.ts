import type { HostRecord } from '../host/record.ts';
import { withOwner, withoutOwner } from '../host/record.ts';
import type { HostObservation } from '../host/observation.ts';
import type { HostSession } from '../host/session.ts';
import type { KindContext, ResourceRemoval } from '../resources/resource.ts';
import { kindNamed, kindOf } from '../resources/kinds.ts';
import type { ActiveChange } from './instance-script.ts';

/** A host as a run works on it: one instance at a time. */
export interface HostTurn {
  readonly session: HostSession;
  /** Tasks of this run that still have to touch the host; the last one gives the lock back. */
  remaining: number;
  /** The tail of the host's queue: two instances are never worked on at once. */
  queue: Promise<unknown>;
}

/** The same with the host's record as it stands after what the run did so far. */
export interface HostWork extends HostTurn {
  /** null: the host was not asked (`--refresh=false`). */
  observation: HostObservation | null;
  /** Digests of content that a single resource of the run brings: it may take the blob. */
  readonly soleBlobs: ReadonlySet<string>;
}

/** Runs `work` after everything queued for the host before it. */
export function exclusively<T>(host: HostTurn, work: () => Promise<T>): Promise<T> {
  const result = host.queue.then(work);
  host.queue = result.catch(() => undefined);
  return result;
}

/** Fates as they are now that earlier changes of the run are done: a shared thing goes with its last owner. */
export function currentFates(
  removals: readonly ResourceRemoval[],
  observation: HostObservation | null,
  context: KindContext,
): readonly ResourceRemoval[] {
  if (observation === null) return removals;
  return removals.map((removal) => {
    const shared = removal.fate.fate === 'kept' && removal.fate.why === 'shared';
    if (!shared || removal.recorded.kind === 'script') return removal;
    return {
      ...removal,
      fate: kindNamed(removal.recorded.kind).planRemoval(removal.recorded, observation, context),
    };
  });
}

/** The host's record after a change was carried out. */
export function recordAfter(record: HostRecord, change: ActiveChange, context: KindContext): HostRecord {
  const { lineage } = context;
  if (change.action === 'remove') return withoutOwner(record, lineage, change.address);
  const keys = new Map(change.desired.resources.map((r) => [kindOf(r).key(r, context), r.address]));
  return withOwner(record, { lineage, instance: change.address }, keys);
}
