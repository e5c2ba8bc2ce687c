import type { Reason, ResourceChange, ResourceRemoval } from '../resources/resource.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { ComponentState } from '../state/model.ts';
import type { ComponentDeclaration } from '../spec/model.ts';

/** A resource's reason in words, for people. */
export function wordReason(reason: Reason): string {
  switch (reason.because) {
    case 'new':
      return 'new';
    case 'input-changed':
      return 'the spec changed';
    case 'drifted':
      return 'drifted: changed on the host';
    case 'missing':
      return 'drifted: missing on the host';
    case 'replace-requested':
      return 'replacement requested';
    case 'unfinished':
      return 'the last run did not finish it';
    case 'triggered':
      return `${reason.by.join(', ')} ${reason.by.length === 1 ? 'changes' : 'change'}`;
    case 'start-swallowed':
      return 'what it depends on changed since its last start';
    case 'not-running':
      return 'it is not running';
    case 'stopped-by-user':
      return 'it runs, but was stopped with `slipway stop`';
    case 'removed-from-spec':
      return 'no longer in the spec';
    default:
      return unreachable(reason);
  }
}

/** Why an instance is updated: inputs that changed, a new definition, drift, an unfinished run. */
export function explainUpdate(
  changes: readonly ResourceChange[],
  removals: readonly ResourceRemoval[],
  known: { component: ComponentDeclaration; priorComponent: ComponentState | null; movedFrom: string | null },
  unfinished: boolean,
): readonly string[] {
  const notes: string[] = [];
  if (unfinished) notes.push('the last run did not finish it');
  const { component, priorComponent, movedFrom } = known;
  if (movedFrom !== null) notes.push(`renamed from ${movedFrom}`);
  const bySpec = removals.length > 0 || changes.some(isFromSpec);
  if (priorComponent !== null && bySpec) {
    // An input that comes or goes does so with the definition.
    for (const name of Object.keys(component.inputDigests)) {
      const before = priorComponent.inputDigests[name];
      if (before !== undefined && component.inputDigests[name] !== before)
        notes.push(`input.${name} changed`);
    }
    if (component.definitionDigest !== priorComponent.definitionDigest) notes.push('its definition changed');
  }
  for (const change of changes) {
    if (!('reason' in change)) continue;
    if (change.reason.because === 'drifted')
      notes.push(`drifted: ${change.resource.address} was changed on the host`);
    if (change.reason.because === 'missing')
      notes.push(`drifted: ${change.resource.address} is missing on the host`);
    if (change.reason.because === 'not-running')
      notes.push(`drifted: ${change.resource.address} is not running`);
    if (change.reason.because === 'stopped-by-user')
      notes.push(`drifted: ${change.resource.address} runs, but was stopped with \`slipway stop\``);
  }
  // What a run that failed elsewhere has noted of the component, this instance never got.
  if (notes.length === 0 && bySpec) notes.push(wordReason({ because: 'input-changed' }));
  return notes;
}

function isFromSpec(change: ResourceChange): boolean {
  if (!('reason' in change)) return change.action === 'adopt';
  return change.reason.because === 'input-changed' || change.reason.because === 'new';
}
