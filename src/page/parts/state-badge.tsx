import type { JSX } from 'preact';

/** Any state that the page shows; style/parts.css gives each its shape and colour. */
export type ShownState =
  | 'running'
  | 'degraded'
  | 'failed'
  | 'drifted'
  | 'stopped'
  | 'changing'
  | 'unreachable'
  | 'unknown'
  | 'working'
  | 'waiting'
  | 'succeeded'
  | 'skipped'
  | 'untouched'
  | 'interrupted'
  | 'broken'
  | 'refused';

export interface StateBadgeProps {
  readonly state: ShownState;
  /** Instead of the state's own word. */
  readonly label?: string;
  /** With a ground of its own. */
  readonly isPill?: boolean;
}

/** A state by shape, colour and word. */
export function StateBadge({ state, label = state, isPill = false }: StateBadgeProps): JSX.Element {
  return (
    <span class={isPill ? 'state state-pill' : 'state'} data-state={state}>
      <span class="state-shape" aria-hidden="true" />
      {label}
    </span>
  );
}
