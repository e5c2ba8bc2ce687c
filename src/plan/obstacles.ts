import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorAt, errorOnHost, runError } from '../diagnostics/diagnostic.ts';
import { kindOf } from '../resources/kinds.ts';
import type { KindContext } from '../resources/resource.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import type { ComponentState, InstanceState } from '../state/model.ts';
import type { PlanInput } from './input.ts';
import type { RenamedState } from './moves.ts';
import type { InstanceChange } from './plan.ts';
import type { Deadlock } from './run-graph.ts';

/** Resources whose place on the host is taken by something that slipway must not touch. */
export function findConflicts(
  change: InstanceChange,
  context: KindContext,
  input: PlanInput,
): readonly Diagnostic[] {
  if (change.action !== 'install' && change.action !== 'update') return [];
  const record = input.observations.get(change.host)?.record;
  return change.resources.flatMap((planned) => {
    if (planned.action !== 'update' || planned.observed.state !== 'conflict') return [];
    const { resource, observed } = planned;
    // Preflight tells what belongs to another cluster.
    const owners = record?.entries.get(kindOf(resource).key(resource, context))?.owners ?? [];
    if (owners.some((owner) => owner.lineage !== input.lineage)) return [];
    const summary = `${resource.address} of ${change.address} cannot be put in place`;
    return [
      errorAt(
        resource.range,
        summary,
        `On ${change.host}, ${observed.what}. ${observed.remedy ?? 'Move it away, or choose another place.'}`,
      ),
    ];
  });
}

/** `prevent_destroy` binds by the spec, and by state as long as no apply has set it false. */
export function protectedFromRemoval(
  { address, component }: InstanceState,
  fate: 'removed' | 'replaced',
  input: PlanInput,
  prior: RenamedState,
): readonly Diagnostic[] {
  const declared: ComponentDeclaration | undefined = input.cluster?.components.get(component);
  const recorded: ComponentState | undefined = prior.components.get(component);
  if (declared?.preventDestroy !== true && recorded?.preventDestroy !== true) return [];
  const summary = `${address} must not be ${fate}`;
  const way =
    declared === undefined && input.mode === 'apply'
      ? 'Put its block back with prevent_destroy = false, apply that, and then remove it.'
      : 'Set it to false and apply that first' +
        (fate === 'removed' && input.mode === 'apply' ? ', or keep the instance in the spec.' : '.');
  const detail = `Component "${component}" has prevent_destroy = true. ${way}`;
  return [declared === undefined ? runError(summary, detail) : errorAt(declared.range, summary, detail)];
}

/** A handover that no order can do. */
export function tellDeadlock({ giver, taker }: Deadlock): Diagnostic {
  return errorOnHost(
    taker.host,
    `${taker.address} needs what ${giver.address} gives up only after it`,
    `A port, file or unit changes hands, but ${giver.component} is updated after ${taker.component}, because it depends on it or takes something over itself. Apply in two steps: let go first, then take.`,
  );
}
