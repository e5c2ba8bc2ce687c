import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** Says that something was done; gone by itself after a while. */
export type Notify = (text: ComponentChildren) => void;

const NotifyContext = createContext<Notify>(() => undefined);

export function useNotify(): Notify {
  return useContext(NotifyContext);
}

const SHOWN_MS = 8_000;

interface Notice {
  readonly number: number;
  readonly text: ComponentChildren;
}

export function NoticesProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const notify = useCallback<Notify>((text) => {
    setNotices((before) => [...before.slice(-2), { number: (before.at(-1)?.number ?? 0) + 1, text }]);
  }, []);
  const remove = useCallback((number: number) => {
    setNotices((before) => before.filter((notice) => notice.number !== number));
  }, []);
  return (
    <NotifyContext.Provider value={notify}>
      {children}
      <div class="notices" role="status" aria-live="polite">
        {notices.map(({ number, text }) => (
          <NoticeCard key={number} onEnd={() => remove(number)}>
            {text}
          </NoticeCard>
        ))}
      </div>
    </NotifyContext.Provider>
  );
}

function NoticeCard({
  onEnd,
  children,
}: {
  readonly onEnd: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  useEffect(() => {
    const timer = setTimeout(onEnd, SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="notice">
      <div class="grow">{children}</div>
      <button type="button" class="button button-quiet button-icon" aria-label="Dismiss" onClick={onEnd}>
        <span aria-hidden="true">✕</span>
      </button>
    </div>
  );
}
