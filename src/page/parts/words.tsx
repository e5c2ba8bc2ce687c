import type { JSX } from 'preact';

/** A sentence in which code stands between backquotes, as the server writes them. */
export function Words({ text }: { readonly text: string }): JSX.Element {
  const parts = text.split('`');
  // A single backquote is just that.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
