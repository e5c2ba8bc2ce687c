import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useRouter } from '../router.tsx';

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
  const { moves } = useRouter();
  useEffect(() => {
    document.title = `${title} · slipway`;
  }, [title]);
  useEffect(() => {
    // At first the focus belongs to the top of the document; what somebody has begun to use is not taken from them.
    const isInUse = (document.activeElement?.closest('main, dialog') ?? null) !== null;
    if (moves > 0 && !isInUse) heading.current?.focus({ preventScroll: true });
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
