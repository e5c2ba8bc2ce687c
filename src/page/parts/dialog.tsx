import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface DialogProps {
  readonly title: string;
  /** Esc, the close button, a click beside it; null: it cannot be closed. */
  readonly onClose: (() => void) | null;
  /** Buttons below; the one that does what is asked comes last. */
  readonly actions?: ComponentChildren;
  readonly isWide?: boolean;
  /** False: it cannot be left by a click beside it (something was typed, or is going on). */
  readonly isLight?: boolean;
  /** Enter in a field, or a button of type `submit`. */
  readonly onSubmit?: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog while it is drawn. Focus goes into it, to what has `autofocus` first, and back when it is gone. */
export function Dialog({
  title,
  onClose,
  actions,
  isWide = false,
  isLight = true,
  onSubmit,
  children,
}: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      // While it is open, nothing beside it takes the focus.
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={heading}
      onCancel={(event) => {
        if (event.target !== element.current) return;
        event.preventDefault();
        onClose?.();
      }}
      onPointerDown={(event) => {
        // Beside it is the backdrop, which belongs to the dialog itself.
        if (isLight && event.target === element.current) onClose?.();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <div class="dialog-head">
          <h2 id={heading}>{title}</h2>
          {onClose === null ? null : (
            <button
              type="button"
              class="button button-quiet button-icon"
              aria-label="Close"
              onClick={onClose}
            >
              <span aria-hidden="true">✕</span>
            </button>
          )}
        </div>
        <div class="dialog-body">{children}</div>
        {actions === undefined ? null : <div class="dialog-foot">{actions}</div>}
      </form>
    </dialog>
  );
}
