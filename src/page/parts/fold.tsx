import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';

export interface FoldProps {
  /** What opens and closes it. */
  readonly label: ComponentChildren;
  readonly isOpenAtFirst?: boolean;
  /** Made only when it is open. */
  readonly children: () => ComponentChildren;
}

/** Something long that is not in the way, and costs nothing, until somebody wants it. */
export function Fold({ label, isOpenAtFirst = false, children }: FoldProps): JSX.Element {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const id = useId();
  return (
    <div class="fold">
      <button
        type="button"
        class="fold-button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span class="fold-mark" aria-hidden="true" />
        {label}
      </button>
      {isOpen ? <div id={id}>{children()}</div> : null}
    </div>
  );
}
