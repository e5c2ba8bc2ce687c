import { useEffect, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { asApiError, isAbort, type ApiError } from '../../api/api-error.ts';
import type { ServerEvent } from '../../api/event-stream.ts';
import type { LogLine } from '../../parts/log-lines.tsx';
import { addressOf, queryOf, type LogChoice } from './choice.ts';
import { createLineBuffer, type BufferedLines } from './line-buffer.ts';
import { lineReader, type Naming } from './line-events.ts';

export interface ShownLines extends BufferedLines<LogLine> {
  /** `waiting`: nothing has come yet; `live`: new lines come; `lost`: it is tried again; `complete`: that is all. */
  readonly status: 'waiting' | 'live' | 'lost' | 'complete';
  /** Why there are none, or no more. */
  readonly error: ApiError | null;
}

const NONE: ShownLines = { lines: [], first: 0, status: 'waiting', error: null };
/** A hidden page draws no frames; its lines are put away all the same. */
const HIDDEN_MS = 500;

/** Lines of what is chosen, drawn anew at most once a frame. */
export function useLines(choice: LogChoice, naming: Naming): ShownLines {
  const api = useApi();
  const key = choice.selectors.length === 0 ? null : addressOf(choice);
  const [shown, setShown] = useState<ShownLines & { readonly key: string | null }>({ ...NONE, key });

  useEffect(() => {
    if (key === null) return undefined;
    const leaving = new AbortController();
    const buffer = createLineBuffer<LogLine>();
    const read = lineReader(naming);
    let status: ShownLines['status'] = 'waiting';
    let error: ApiError | null = null;
    let draw: (() => void) | null = null;
    const redraw = (): void => {
      if (draw !== null || leaving.signal.aborted) return;
      const now = (): void => {
        draw = null;
        setShown({ ...buffer.snapshot(), status, error, key });
      };
      if (document.hidden) {
        const timer = setTimeout(now, HIDDEN_MS);
        draw = () => clearTimeout(timer);
      } else {
        const frame = requestAnimationFrame(now);
        draw = () => cancelAnimationFrame(frame);
      }
    };
    const onEvents = (events: readonly ServerEvent[]): void => {
      for (const part of read(events)) {
        if (part === 'anew') buffer.clear();
        else buffer.add(part);
      }
      redraw();
    };
    const follow = async (): Promise<void> => {
      try {
        await api.events(
          '/logs/lines',
          {
            onEvents,
            onOpen() {
              status = choice.isLive ? 'live' : 'waiting';
              error = null;
              redraw();
            },
            onBreak(problem) {
              status = 'lost';
              error = problem;
              redraw();
            },
          },
          { query: queryOf(choice, Date.now()), signal: leaving.signal },
        );
        status = 'complete';
      } catch (problem) {
        if (isAbort(problem)) return;
        status = 'complete';
        error = asApiError(problem);
      }
      redraw();
    };
    void follow();
    return () => {
      leaving.abort();
      draw?.();
    };
  }, [key, naming]);

  return shown.key === key ? shown : NONE;
}
