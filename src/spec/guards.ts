import { unmark } from './eval/marks.ts';
import { readAttribute } from './schema/read.ts';
import { createSpecValues } from './spec-values.ts';
import type { VariableSources } from './variable-sources.ts';
import { resolveVariables } from './variables.ts';
import { withoutOverride, type Workspace } from './workspace.ts';

/**
 * Components that the spec guards by `prevent_destroy`, as it stands by itself: what is laid over it never takes a guard off. One whose guard
 * cannot be known without it is guarded.
 */
export function specGuards(workspace: Workspace, sources: VariableSources): ReadonlySet<string> {
  const bare = withoutOverride(workspace);
  const silent = { report: () => undefined, unknown: () => undefined };
  const nowhere = { placements: new Map(), instanceDir: () => null };
  const { scope } = createSpecValues(bare, resolveVariables(bare, sources).values, nowhere, silent);
  const guarded = [...bare.components].filter(([, { block }]) => {
    const { value, unknown } = unmark(readAttribute(block, 'prevent_destroy', scope, silent));
    return unknown !== undefined || value === true;
  });
  return new Set(guarded.map(([name]) => name));
}

/** The workspace with those guards in place, where something is laid over it. */
export function guardedBySpec(workspace: Workspace, sources: VariableSources): Workspace {
  if (workspace.override === null) return workspace;
  const guards = specGuards(workspace, sources);
  const components = [...workspace.components].map(
    ([name, component]) => [name, { ...component, guard: guards.has(name) }] as const,
  );
  return { ...workspace, components: new Map(components) };
}
