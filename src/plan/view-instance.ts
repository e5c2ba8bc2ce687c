import { serviceEffect } from '../resources/service.ts';
import type { ResourceChange, ResourceRemoval } from '../resources/resource.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { InstanceChange } from './plan.ts';
import { wordReason } from './reasons.ts';
import type { InstanceView, ResourceView, RestartView } from './view.ts';
import { changedResourceView, removedResourceView } from './view-resource.ts';

type ActiveChange = Exclude<InstanceChange, { action: 'none' }>;

/** The view of what happens to one instance. */
export function instanceView(change: ActiveChange, mode: 'apply' | 'destroy'): InstanceView {
  const { address, component } = change;
  switch (change.action) {
    case 'install':
      return {
        address,
        component,
        action: 'install',
        movedFrom: null,
        reasons: change.notes,
        resources: change.resources.filter(isShown).map((resource) => changedResourceView(resource)),
        unchanged: countUnchanged(change.resources),
        restarts: restartsOf(change.resources),
      };
    case 'update':
      return updateView(change);
    case 'remove':
      return {
        address,
        component,
        action: 'remove',
        movedFrom: null,
        reasons: change.notes.length > 0 || mode === 'destroy' ? change.notes : ['no longer in the spec'],
        resources: change.removals.map(removedResourceView),
        unchanged: 0,
        restarts: [],
      };
    default:
      return unreachable(change);
  }
}

/** Is it an instance whose services stay down whatever else happens to it? */
export function staysStopped(change: InstanceChange): boolean {
  return change.action !== 'remove' && change.desired.stopped === true;
}

function updateView(change: Extract<ActiveChange, { action: 'update' }>): InstanceView {
  const { address, component, movedFrom, notes } = change;
  const common = {
    address,
    component,
    movedFrom,
    reasons: notes,
    ...(staysStopped(change) ? { staysStopped: true as const } : {}),
  };
  if (isReplacement(change)) {
    const fates = new Map(change.removals.map((removal) => [removal.recorded.address, removal]));
    const resources = change.resources
      .filter(isShown)
      .map((resource) => replaced(changedResourceView(resource), fates.get(resource.resource.address)));
    const kept = new Set(resources.map((resource) => resource.address));
    const gone = change.removals.filter((removal) => !kept.has(removal.recorded.address));
    const restarts = resources
      .filter(({ kind, action }) => kind === 'service' && action === 'replace' && !staysStopped(change))
      .map((service): RestartView => ({
        service: service.address,
        how: 'restart',
        because: 'it is replaced',
      }));
    return {
      ...common,
      action: 'replace',
      resources: [...gone.map(removedResourceView), ...resources],
      unchanged: countUnchanged(change.resources),
      restarts: [...restarts, ...restartsOf(change.resources)],
    };
  }
  return {
    ...common,
    action: 'update',
    resources: [
      ...change.removals.map(removedResourceView),
      ...change.resources.filter(isShown).map((resource) => changedResourceView(resource)),
    ],
    unchanged: countUnchanged(change.resources),
    restarts: restartsOf(change.resources),
  };
}

/** `--replace` takes everything off and puts everything on again. */
function isReplacement(change: Extract<ActiveChange, { action: 'update' }>): boolean {
  return change.resources.some(
    (resource) => resource.action === 'create' && resource.reason.because === 'replace-requested',
  );
}

function replaced(view: ResourceView, removal: ResourceRemoval | undefined): ResourceView {
  return removal === undefined ? view : { ...view, action: 'replace', fate: removal.fate };
}

function isShown(change: ResourceChange): boolean {
  return change.action !== 'none';
}

function countUnchanged(changes: readonly ResourceChange[]): number {
  return changes.filter((change) => !isShown(change)).length;
}

/** Interruptions that follow for services which run already. */
function restartsOf(changes: readonly ResourceChange[]): readonly RestartView[] {
  return changes.flatMap((change): RestartView[] => {
    const how = serviceEffect(change);
    if (how !== 'restart' && how !== 'reload') return [];
    return [{ service: change.resource.address, how, because: causeOf(change) }];
  });
}

function causeOf(change: ResourceChange): string {
  if (!('reason' in change)) return 'it changes';
  if (change.reason.because === 'triggered') return wordReason(change.reason);
  return change.action === 'update' ? 'its own unit changes' : wordReason(change.reason);
}
