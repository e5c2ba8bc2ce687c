import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { spanText } from './amounts.ts';

const NowContext = createContext(Date.now());

/** One clock for all ages on the page: they are drawn anew together. */
export function NowProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, 5_000);
    return () => clearInterval(timer);
  }, []);
  return <NowContext.Provider value={now}>{children}</NowContext.Provider>;
}

/** Milliseconds since 1970, to some seconds; a component that uses it is drawn anew every 5 s. */
export function useNow(): number {
  return useContext(NowContext);
}

/** `5 min ago`, with the full time as title: the local one, and in UTC. Milliseconds since 1970. */
export function TimeAgo({ ms }: { readonly ms: number }): JSX.Element {
  const seconds = (Math.max(useNow(), Date.now() - 5_000) - ms) / 1000;
  return (
    <time dateTime={new Date(ms).toISOString()} title={fullTime(ms)} class="nowrap">
      {seconds < 5 ? 'just now' : `${spanText(seconds)} ago`}
    </time>
  );
}

/** `21/11/2026, 04:15:00 (2026-11-21 04:15:00 UTC)` */
export function fullTime(ms: number): string {
  const utc = new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  return `${new Date(ms).toLocaleString()} (${utc} UTC)`;
}
