import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asApiError, isAbort, type ApiError } from './api-error.ts';

/** What was asked of the server. After an error the last data stays, and its age tells how old it is. */
export interface Loaded<T> {
  readonly data: T | null;
  /** What came of the last request; null: it went well. */
  readonly error: ApiError | null;
  /** When `data` came, milliseconds since 1970 by the browser's clock. */
  readonly atMs: number | null;
  readonly isLoading: boolean;
  /** Asks again now. */
  readonly refresh: () => void;
}

/**
 * Asks when it is first drawn, whenever `key` changes (the data of another key is forgotten), and every `intervalMs` after the last answer
 * (null: never again by itself). It does not ask while the page is hidden; null as key: not at all.
 */
export function useLoaded<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number | null = null,
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'refresh'> & { readonly key: string | null }>({
    key,
    ...NOTHING,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const refresh = useCallback(() => setRound((number) => number + 1), []);

  useEffect(() => {
    if (key === null) return undefined;
    const asking = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDue = true;
    const ask = async (): Promise<void> => {
      isDue = false;
      setState((before) =>
        before.key === key ? { ...before, isLoading: true } : { key, ...NOTHING, isLoading: true },
      );
      try {
        const data = await latest.current(asking.signal);
        if (asking.signal.aborted) return;
        setState({ key, data, error: null, atMs: Date.now(), isLoading: false });
      } catch (error) {
        if (asking.signal.aborted || isAbort(error)) return;
        setState((before) => ({ ...before, error: asApiError(error), isLoading: false }));
      }
      if (intervalMs !== null) timer = setTimeout(askOrWait, intervalMs);
    };
    const askOrWait = (): void => {
      isDue = true;
      if (!document.hidden) void ask();
    };
    const onVisibility = (): void => {
      if (isDue && !document.hidden) void ask();
    };
    document.addEventListener('visibilitychange', onVisibility);
    askOrWait();
    return () => {
      asking.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [key, intervalMs, round]);

  // Before the effect has run the data of the key before is still there.
  const { key: _of, ...own } = state.key === key ? state : { key, ...NOTHING };
  return { ...own, refresh };
}

const NOTHING = { data: null, error: null, atMs: null, isLoading: false };
