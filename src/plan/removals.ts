import type { HostObservation } from '../host/observation.ts';
import type { KindContext, RecordedResource, ResourceRemoval } from '../resources/resource.ts';
import { kindNamed } from '../resources/kinds.ts';
import type { ResourceState } from '../state/model.ts';

/** Plans the removal of resources, last declared first. */
export function planRemovals(
  resources: readonly ResourceState[],
  observation: HostObservation | null,
  context: KindContext,
  keptOnce: ReadonlySet<string>,
): readonly ResourceRemoval[] {
  return resources.toReversed().map((recorded: RecordedResource) => ({
    action: 'remove',
    recorded,
    reason: { because: 'removed-from-spec' },
    fate: keptOnce.has(recorded.address)
      ? { fate: 'kept', why: 'shared', entries: null, bytes: null }
      : observation === null
        ? { fate: 'deleted' }
        : kindNamed(recorded.kind).planRemoval(recorded, observation, context),
  }));
}
