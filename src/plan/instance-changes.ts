import type { HostObservation } from '../host/observation.ts';
import type { KindContext, ResourceChange } from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import type { ComponentState, InstanceState, ResourceState } from '../state/model.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import { planRemovals } from './removals.ts';
import { planResources, type ComparisonBase } from './resource-changes.ts';
import type { DoneElsewhere } from './once.ts';
import { instanceState } from './instance-state.ts';
import { explainUpdate } from './reasons.ts';
import type { DesiredInstance, InstanceChange } from './plan.ts';

export interface InstanceInput {
  readonly desired: DesiredInstance;
  readonly component: ComponentDeclaration;
  readonly priorComponent: ComponentState | null;
  readonly prior: InstanceState | null;
  /** null: the host was not asked. */
  readonly observation: HostObservation | null;
  /** The same after what earlier changes of the plan leave: what instances share goes with the last of them. */
  readonly remaining: HostObservation | null;
  readonly context: Omit<KindContext, 'triggersDigest'>;
  readonly unfinished: boolean;
  readonly replace: boolean;
  readonly doneElsewhere: DoneElsewhere;
  /** `once` scripts that the component still has: they outlive the instance that ran them. */
  readonly onceScripts: ReadonlySet<string>;
  readonly leaves: (instance: string, key: string) => boolean;
  /** The instance's address before a `moved` block renamed it; null otherwise. */
  readonly movedFrom: string | null;
}

/** What happens to one instance that the spec wants. */
export function planInstance(given: InstanceInput): InstanceChange {
  const input = given.prior?.stopped === true ? { ...given, desired: asStopped(given.desired) } : given;
  const { desired, prior, movedFrom } = input;
  const { address, component, host } = desired.declaration;
  const common = { address, component, host, desired };
  const context: KindContext = { ...input.context, triggersDigest: '' };
  const unfinished = input.unfinished || (prior !== null && prior.status !== 'installed');
  const base: ComparisonBase = {
    observation: input.observation,
    prior: new Map(prior?.resources.map((resource) => [resource.key, resource])),
    context: input.context,
    ignoreChanges: desired.ignoreChanges,
    unfinished,
    doneElsewhere: input.doneElsewhere,
    vacated: NOTHING,
    replaced: NOTHING,
    leaves: input.leaves,
  };
  if (prior === null) {
    return { ...common, action: 'install', resources: planResources(desired.resources, base), notes: [] };
  }
  if (input.replace) return planReplacement(input, prior, base);
  const wanted = new Set(desired.resources.map((resource) => kindOf(resource).key(resource, context)));
  const dropped = prior.resources.filter((resource) => !wanted.has(resource.key));
  const removals = planRemovals(dropped, input.remaining, context, input.onceScripts);
  const changes = planResources(desired.resources, { ...base, vacated: pathsOf(removals) }).map((change) =>
    causedByRemovals(undoneFirst(change, removals), unfinished ? [] : removals),
  );
  const touched =
    changes.some((change) => change.action !== 'none') ||
    removals.length > 0 ||
    unfinished ||
    movedFrom !== null;
  if (!touched) {
    const { run, specVersion } = prior;
    const after = instanceState(desired, { status: 'installed', run, specVersion, context });
    return { ...common, action: 'none', prior, bookkeeping: !sameState(after, prior) };
  }
  const notes = explainUpdate(changes, removals, input, unfinished);
  return { ...common, action: 'update', prior, movedFrom, resources: changes, removals, notes };
}

/** What `slipway stop` was called for keeps its files up to date, but nothing of it runs. */
function asStopped(desired: DesiredInstance): DesiredInstance {
  const resources = desired.resources.map((resource) =>
    resource.kind === 'service' ? { ...resource, stopped: true as const } : resource,
  );
  return { ...desired, resources, stopped: true };
}

/** A script that is undone in the same run, because it becomes one of another kind (`once`), is not done already. */
function undoneFirst(change: ResourceChange, removals: ReturnType<typeof planRemovals>): ResourceChange {
  const { resource } = change;
  if (change.action !== 'adopt' || resource.kind !== 'script') return change;
  const isUndone = removals.some(
    ({ recorded, fate }) => recorded.address === resource.address && fate.fate === 'deleted',
  );
  return isUndone ? { action: 'run', resource, reason: { because: 'new' } } : change;
}

/** Seen from a service, what its definition lost is a trigger that changed. */
function causedByRemovals(change: ResourceChange, removals: ReturnType<typeof planRemovals>): ResourceChange {
  if (!('reason' in change) || change.reason.because !== 'start-swallowed') return change;
  const by = removals
    .filter(({ recorded }) => recorded.kind !== 'service' && recorded.kind !== 'script')
    .map(({ recorded }) => recorded.address);
  return by.length === 0 ? change : ({ ...change, reason: { because: 'triggered', by } } as ResourceChange);
}

const NOTHING: ReadonlySet<string> = new Set();

/** Paths that are free once these removals are done. */
function pathsOf(removals: ReturnType<typeof planRemovals>): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { recorded, fate } of removals) {
    const { path } = recorded.attributes;
    if (fate.fate === 'deleted' && typeof path === 'string') paths.add(path);
  }
  return paths;
}

/**
 * `--replace`: what slipway made goes and comes again, in one script. What would stay or be put back at a removal (adopted,
 * shared, changed by slipway), and what data lies in or belongs to, is compared as ever.
 */
function planReplacement(input: InstanceInput, prior: InstanceState, base: ComparisonBase): InstanceChange {
  const { desired, movedFrom } = input;
  const { address, component, host } = desired.declaration;
  const context: KindContext = { ...input.context, triggersDigest: '' };
  const wanted = new Set(desired.resources.map((resource) => kindOf(resource).key(resource, context)));
  const removals = planRemovals(prior.resources, input.remaining, context, input.onceScripts).filter(
    ({ recorded, fate }) => !wanted.has(recorded.key) || (fate.fate === 'deleted' && !ownsData(recorded)),
  );
  const replaced = new Set(removals.map(({ recorded }) => recorded.key));
  const resources = planResources(desired.resources, { ...base, replaced });
  const notes = ['replacement requested'];
  return {
    action: 'update',
    address,
    component,
    host,
    desired,
    prior,
    movedFrom,
    resources,
    removals,
    notes,
  };
}

/** A directory whose content is to be kept, and the accounts that such content may belong to: they would get other numbers. */
function ownsData({ kind, attributes }: ResourceState): boolean {
  return (
    kind === 'user' || kind === 'group' || (kind === 'directory' && attributes['on_remove'] !== 'delete')
  );
}

function sameState(a: InstanceState, b: InstanceState): boolean {
  if (a.resources.length !== b.resources.length || a.index !== b.index || a.dir !== b.dir) return false;
  if (a.definitionDigest !== b.definitionDigest || a.status !== b.status) return false;
  if (!a.resources.every((resource, i) => sameResource(resource, b.resources[i]))) return false;
  return JSON.stringify([a.checks, a.endpoints, a.logs]) === JSON.stringify([b.checks, b.endpoints, b.logs]);
}

function sameResource(a: ResourceState, b: ResourceState | undefined): boolean {
  if (b === undefined || a.key !== b.key || a.address !== b.address) return false;
  const names = Object.keys(a.attributes);
  return (
    names.length === Object.keys(b.attributes).length &&
    names.every((name) => a.attributes[name] === b.attributes[name])
  );
}
