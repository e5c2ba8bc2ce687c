import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useMedia } from './media.ts';
import './drawer.css';

export interface DrawerProps {
  readonly title: string;
  /** Beside the title. */
  readonly badge?: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/**
 * Details at the right of what they belong to, which stays in use; where there is no room for both they lie over it as a dialog. Focus goes into
 * it, and back when it is closed. Give it a key: details of another thing are another drawer.
 */
export function Drawer(props: DrawerProps): JSX.Element {
  const isBeside = useMedia('(min-width: 64rem)');
  return <DrawerDialog key={String(isBeside)} isBeside={isBeside} {...props} />;
}

function DrawerDialog({
  isBeside,
  title,
  badge,
  onClose,
  children,
}: DrawerProps & { readonly isBeside: boolean }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    if (isBeside) element.current?.show();
    else element.current?.showModal();
    return () => {
      const isInside = element.current?.contains(document.activeElement) ?? true;
      const isNowhere = document.activeElement === document.body;
      if ((isInside || isNowhere) && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={isBeside ? 'drawer drawer-beside' : 'drawer'}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || !isBeside) return;
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
