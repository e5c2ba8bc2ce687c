import { runError, throwOnErrors } from '../diagnostics/diagnostic.ts';
import type { State } from '../state/model.ts';

/**
 * Throws `DiagnosticsError` when the state was written for a cluster of another name: planned with it, a copied spec or a
 * wrong `state` block would remove what that cluster runs. A spec or a state without a name goes with any.
 */
export function refuseForeignState(
  state: Pick<State, 'cluster'>,
  name: string | null,
  location: string,
): void {
  if (state.cluster === null || name === null || state.cluster === name) return;
  const remedy =
    `Give this spec a state of its own (a \`state\` block with another path). ` +
    `If it is the same cluster under a new name: slipway state rename ${name}.`;
  throwOnErrors([
    runError(
      `The state belongs to cluster "${state.cluster}"`,
      `The spec is that of cluster "${name}", and ${location} was written for another. ${remedy}`,
    ),
  ]);
}
