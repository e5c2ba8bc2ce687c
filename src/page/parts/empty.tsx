import type { ComponentChildren, JSX } from 'preact';

export interface EmptyProps {
  readonly title: string;
  /** What to do, or why there is nothing. */
  readonly children?: ComponentChildren;
}

/** In place of what is not there. */
export function Empty({ title, children }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** While something is asked for the first time. */
export function Waiting({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="empty" role="status">
      <span class="state" data-state="working">
        <span class="state-shape" aria-hidden="true" />
        {children}
      </span>
    </div>
  );
}
