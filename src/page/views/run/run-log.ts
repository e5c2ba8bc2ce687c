import { useEffect, useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import type { Api } from '../../api/client.ts';
import { createLogReader, type LogLine, type LogReader } from './log-reader.ts';

export interface RunLog {
  readonly lines: readonly LogLine[];
  /** Number of the first line that is still here. */
  readonly first: number;
  /** Bytes of the log that lie before what was read. */
  readonly skipped: number;
  /** `awaited`: nothing was written to it yet. */
  readonly state: 'asking' | 'awaited' | 'there';
  readonly error: ApiError | null;
}

/** The end of a log is read first; what lies before it is to be downloaded. */
const TAIL_BYTES = 256 * 1024;
/** So often a log that may grow is asked for: no connection is held, of which a browser has six. */
const ASK_MS = 700;

/** A log of a run (`local`: the server's own), followed while the run goes on. */
export function useRunLog(run: string, name: string, goesOn: boolean): RunLog {
  const api = useApi();
  const [log, setLog] = useState<RunLog & { readonly of: string }>({ ...NOTHING, of: '' });
  const of = `${run} ${name}`;
  useEffect(() => {
    const over = new AbortController();
    const reader = createLogReader();
    const tell = (change: Partial<RunLog>): void => {
      if (!over.signal.aborted)
        setLog((before) => ({ ...(before.of === of ? before : { ...NOTHING, of }), ...change }));
    };
    void follow(
      api,
      `/runs/${encodeURIComponent(run)}/logs/${encodeURIComponent(name)}`,
      goesOn,
      reader,
      tell,
      over.signal,
    );
    return () => over.abort();
    // When the run ends, the rest is read once more.
  }, [api, of, goesOn]);
  return log.of === of ? log : NOTHING;
}

const NOTHING: RunLog = { lines: [], first: 0, skipped: 0, state: 'asking', error: null };

async function follow(
  api: Api,
  path: string,
  goesOn: boolean,
  reader: LogReader,
  tell: (change: Partial<RunLog>) => void,
  signal: AbortSignal,
): Promise<void> {
  let from: number | null = null;
  while (!signal.aborted) {
    try {
      if (from === null) {
        const size = Number(
          (await api.open(path, { signal, query: { limit: 1 } })).headers.get('x-log-size'),
        );
        from = Math.max(0, size - TAIL_BYTES);
        reader.begin(from > 0);
        tell({ skipped: from, state: 'there', lines: [], first: 0, error: null });
      }
      const answer = await api.open(path, { signal, query: { from } });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      from += bytes.length;
      if (reader.take(bytes, !goesOn)) tell({ ...reader.log(), error: null });
    } catch (error) {
      if (signal.aborted) return;
      const problem = asApiError(error);
      const isNotYet = problem.status === 404 && goesOn;
      tell(isNotYet ? { state: 'awaited', error: null } : { error: problem });
      if (problem.status === 404 && !goesOn) return;
    }
    if (!goesOn) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ASK_MS);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
