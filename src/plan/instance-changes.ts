import type { HostObservation } from '../host/observation.ts';
import type { AttributeMap, KindContext, ResourceChange } from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import type { ComponentState, InstanceState, ResourceState } from '../state/model.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import { planRemovals } from './removals.ts';
import { planResources } from './resource-changes.ts';
import { instanceState } from './instance-state.ts';
import { explainUpdate } from './reasons.ts';
import type { DesiredInstance, InstanceChange } from './plan.ts';

export interface InstanceInput {
  readonly desired: DesiredInstance;
  readonly component: ComponentDeclaration;
  readonly priorComponent: ComponentState | null;
  readonly prior: InstanceState | null;
  readonly observation: HostObservation | null;
  readonly context: Omit<KindContext, 'triggersDigest'>;
  readonly unfinished: boolean;
  readonly replace: boolean;
  readonly doneElsewhere: ReadonlyMap<string, AttributeMap>;
  readonly movedFrom: string | null;
  readonly specVersion: string | null;
}

/** What happens to one instance that the spec wants. */
export function planInstance(input: InstanceInput): InstanceChange {
  const { desired, prior } = input;
  const { address, component, host } = desired.declaration;
  if (input.replace && prior !== null) return planReplacement(input, prior);
  const context: KindContext = { ...input.context, triggersDigest: '' };
  const unfinished = input.unfinished || (prior !== null && prior.status !== 'installed');
  const changes = planResources(desired.resources, {
    observation: input.observation,
    prior: new Map(prior?.resources.map((resource) => [resource.key, resource])),
    context: input.context,
    ignored: new Set(input.component.ignoreChanges),
    unfinished,
    doneElsewhere: input.doneElsewhere,
    movedFrom: input.movedFrom,
  });
  if (prior === null) {
    return { action: 'install', address, component, host, desired, resources: changes, notes: [] };
  }
  const wanted = new Set(desired.resources.map((resource) => kindOf(resource).key(resource, context)));
  const dropped = prior.resources.filter((resource) => !wanted.has(resource.key));
  const removals = planRemovals(dropped, input.observation, context, new Set());
  const touched =
    changes.some((change) => change.action !== 'none') ||
    removals.length > 0 ||
    unfinished ||
    input.movedFrom !== null;
  if (!touched) {
    const after = instanceState(desired, {
      status: 'installed',
      run: prior.run,
      specVersion: prior.specVersion,
      context,
    });
    return {
      action: 'none',
      address,
      component,
      host,
      desired,
      prior,
      bookkeeping: !sameState(after, prior),
    };
  }
  const notes = explainUpdate(changes, removals, input, unfinished);
  return {
    action: 'update',
    address,
    component,
    host,
    desired,
    prior,
    movedFrom: input.movedFrom,
    resources: changes,
    removals,
    notes,
  };
}

/** `--replace`: everything off, everything on again, in one script. */
function planReplacement(input: InstanceInput, prior: InstanceState): InstanceChange {
  const { desired } = input;
  const { address, component, host } = desired.declaration;
  const context: KindContext = { ...input.context, triggersDigest: '' };
  const removals = planRemovals(prior.resources, input.observation, context, new Set());
  const resources = desired.resources.map((resource): ResourceChange => ({
    action: 'create',
    resource,
    reason: { because: 'replace-requested' },
  }));
  const notes = ['replacement requested'];
  return {
    action: 'update',
    address,
    component,
    host,
    desired,
    prior,
    movedFrom: input.movedFrom,
    resources,
    removals,
    notes,
  };
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
