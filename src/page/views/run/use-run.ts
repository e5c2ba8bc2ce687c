import { useEffect, useRef, useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import type { Api } from '../../api/client.ts';
import type { ServerEvent } from '../../api/event-stream.ts';
import type { RunEnd, RunEvent } from '../../api/run-types.ts';
import type { Run } from '../../api/types.ts';
import { isOver, modelOf, type RunModel } from './model.ts';
import { reduceRun, type RunMessage } from './reduce.ts';

export interface FollowedRun {
  /** null: nothing is known yet. */
  readonly model: RunModel | null;
  readonly error: ApiError | null;
  /** The stream broke off and is tried again. */
  readonly isCut: boolean;
  /** Milliseconds that the browser's clock is ahead of the server's. */
  readonly aheadMs: number;
  readonly reload: () => void;
}

/** A run of another process has no events here: it is asked for so often. */
const ASK_MS = 2_000;

/** A run, followed until its end. */
export function useRun(id: string): FollowedRun {
  const api = useApi();
  const [round, setRound] = useState(0);
  const [state, setState] = useState<Omit<FollowedRun, 'reload'>>(NOTHING);
  const model = useRef<RunModel | null>(null);
  useEffect(() => {
    const over = new AbortController();
    follow(api, id, over.signal, {
      model: () => model.current,
      tell(change) {
        if (over.signal.aborted) return;
        if (change.model !== undefined) model.current = change.model;
        setState((before) => ({ ...before, ...change }));
      },
    }).catch((error: unknown) => {
      if (!over.signal.aborted) setState((before) => ({ ...before, error: asApiError(error) }));
    });
    return () => over.abort();
  }, [api, id, round]);
  return { ...state, reload: () => setRound((count) => count + 1) };
}

const NOTHING: Omit<FollowedRun, 'reload'> = { model: null, error: null, isCut: false, aheadMs: 0 };

interface Follower {
  model(): RunModel | null;
  tell(change: Partial<Omit<FollowedRun, 'reload'>>): void;
}

async function follow(api: Api, id: string, signal: AbortSignal, { model, tell }: Follower): Promise<void> {
  const path = `/runs/${encodeURIComponent(id)}`;
  const read = async (): Promise<RunModel> => {
    const now = modelOf(await api.get<Run>(path, { signal }), model());
    tell({ model: now, error: null });
    return now;
  };
  let current = await read();
  if (current.hasEvents) {
    const frames = perFrame<RunMessage>(signal, (messages) => {
      const before = model();
      if (before !== null) tell({ model: reduceRun(before, messages) });
    });
    let ahead = Infinity;
    const following = api.events(
      `/runs/${encodeURIComponent(current.run)}/events`,
      {
        onEvents(events) {
          for (const event of events) {
            const message = messageOf(event);
            // Some events are gone: what they told stands in the run itself.
            if (message === null) void read().catch(() => undefined);
            else frames.add(message);
            if (message?.type === 'event') ahead = Math.min(ahead, Date.now() - message.event.time);
          }
          // The freshest event tells by how much the clocks differ.
          if (Number.isFinite(ahead)) tell({ aheadMs: ahead });
        },
        onOpen: () => tell({ isCut: false, error: null }),
        onBreak: () => tell({ isCut: true }),
      },
      { signal },
    );
    // A server that was started anew knows nothing of them any more: the run's own account is left.
    await following.catch((error: unknown) => {
      if (asApiError(error).status !== 404) throw error;
    });
    frames.flush();
    tell({ isCut: false });
    // Its summary says more than its last event: when it ended, and what came of each.
    current = await read();
  }
  while (!isOver(current) && !signal.aborted) {
    await pause(ASK_MS, signal);
    if (signal.aborted) return;
    try {
      current = await read();
    } catch (error) {
      tell({ error: asApiError(error) });
    }
  }
}

/** null: some are gone. */
function messageOf({ id, type, data }: ServerEvent): RunMessage | null {
  if (type === 'gap') return null;
  if (type === 'end') return { type: 'end', end: data as RunEnd };
  return { type: 'event', id: Number(id), event: data as RunEvent };
}

/** Takes what comes and gives it on once per frame; while the page is hidden there are no frames, and a timer does it. */
function perFrame<T>(
  signal: AbortSignal,
  give: (items: readonly T[]) => void,
): { add(item: T): void; flush(): void } {
  let waiting: T[] = [];
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = undefined;
  };
  const flush = (): void => {
    stop();
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    give(items);
  };
  signal.addEventListener('abort', stop);
  return {
    add(item) {
      waiting.push(item);
      if (timer !== undefined) return;
      frame = requestAnimationFrame(flush);
      timer = setTimeout(flush, 250);
    },
    flush,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
