import type { JSX } from 'preact';
import { Link, type LinkProps } from '../router.tsx';
import { useCluster } from './cluster-context.tsx';

/** Why some buttons do nothing: the header says it, and readers of the screen hear it at each of them. */
export const READER_NOTE = 'may-only-read';
export const READER_WORDS = 'This token may only read';

/** Whether whoever looks at the page may not change anything. False while that is not known: then the server refuses. */
export function useIsReader(): boolean {
  return useCluster().cluster.data?.role === 'read';
}

/** Of what is there, but not for whoever may only read. */
const DENIED = { 'aria-disabled': true, 'aria-describedby': READER_NOTE, title: READER_WORDS } as const;

export type OperateButtonProps = Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'title'> & {
  readonly title?: string | undefined;
};

/** A button that needs the role `operate`. */
export function OperateButton(props: OperateButtonProps): JSX.Element {
  const isReader = useIsReader();
  if (!isReader) return <button {...props} />;
  const { class: of, children } = props;
  return (
    <button type="button" class={of} {...DENIED}>
      {children}
    </button>
  );
}

/** A link to where something is done at once that needs the role `operate`. */
export function OperateLink(props: LinkProps): JSX.Element {
  const isReader = useIsReader();
  if (!isReader) return <Link {...props} />;
  const { class: of, children } = props;
  return (
    <a role="link" tabIndex={0} class={of} {...DENIED}>
      {children}
    </a>
  );
}

/** Why nothing can be begun here, beside the buttons: where details lie over the page, the header is not seen. */
export function WhyNot({ isBusy }: { readonly isBusy: boolean }): JSX.Element | null {
  const isReader = useIsReader();
  if (isReader) return <p class="soft">{READER_WORDS}.</p>;
  return isBusy ? <p class="soft">A run is going on; others have to wait for it.</p> : null;
}
