import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useMedia } from './media.ts';
import './drawer.css';

export interface DrawerProps {
  readonly title: string;
  /** Beside the title. */
  readonly badge?: ComponentChildren;
  readonly onClose: () => void;
  /** Selector of what it belongs to: the focus goes there afterwards, also when that was drawn anew meanwhile. */
  readonly returnTo: string;
  readonly children: ComponentChildren;
}

/**
 * Details at the right of what they belong to, which stays in use; where there is no room for both they lie over it as a dialog. Focus goes into
 * it, and back when it is closed. Give it a key: details of another thing are another drawer.
 */
export function Drawer({ title, badge, onClose, returnTo, children }: DrawerProps): JSX.Element {
  const hasRoom = useMedia('(min-width: 64rem)');
  const [isBeside, setIsBeside] = useState(hasRoom);
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    return () => {
      const isInside = element.current?.contains(document.activeElement) ?? true;
      if (!isInside && document.activeElement !== document.body) return;
      requestAnimationFrame(() => document.querySelector<HTMLElement>(returnTo)?.focus());
    };
  }, []);
  useEffect(() => {
    const dialog = element.current;
    // A dialog within would be buried.
    if (dialog === null || dialog.querySelector('dialog[open]') !== null) return;
    setIsBeside(hasRoom);
    if (dialog.open) dialog.close();
    if (hasRoom) dialog.show();
    else dialog.showModal();
  }, [hasRoom]);
  return (
    <dialog
      ref={element}
      class={isBeside ? 'drawer drawer-beside' : 'drawer'}
      aria-labelledby={heading}
      onCancel={(event) => {
        if (event.target !== element.current) return;
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || !isBeside) return;
        if ((event.target as HTMLElement).closest('dialog') !== element.current) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div class="drawer-head">
        <h2 id={heading} tabIndex={-1} autofocus>
          {title}
        </h2>
        {badge}
        <button
          type="button"
          class="button button-quiet button-icon drawer-close"
          aria-label="Close"
          onClick={onClose}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      <div class="drawer-body">{children}</div>
    </dialog>
  );
}
