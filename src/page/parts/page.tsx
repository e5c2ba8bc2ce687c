import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface PageProps {
  /** Heading and title of the window. */
  readonly title: string;
  /** Buttons and inputs beside the heading. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A view: its heading takes the focus when the view is come to, so that readers hear where they are. */
export function Page({ title, actions, children }: PageProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · slipway`;
  }, [title]);
  useEffect(() => {
    // At the very first load the focus belongs to the top of the document.
    if (document.activeElement !== document.body || isFirstPage()) return;
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions}
      </div>
      {children}
    </>
  );
}

function isFirstPage(): boolean {
  return document.documentElement.dataset['moved'] === undefined;
}
