import type { ClusterSource } from '../app/operate/cluster-watch.ts';
import type { WatchEvent } from './cluster-model.ts';

/** Lines that come within so many milliseconds are handed on together. */
const GATHER_MS = 100;
/** A flood is handed on earlier, so that it takes no memory. */
const MOST_GATHERED = 1000;

/** Tells of one instance until the signal: its last run once, its log as it comes. */
export function followInstance(
  source: ClusterSource,
  instance: string,
  signal: AbortSignal,
  tell: (event: WatchEvent) => void,
): void {
  void source
    .lastRun(instance)
    .catch(() => null)
    .then((run) => {
      if (!signal.aborted) tell({ type: 'last-run', instance, run });
    });
  void followLog(source, instance, signal, tell);
}

async function followLog(
  source: ClusterSource,
  instance: string,
  signal: AbortSignal,
  tell: (event: WatchEvent) => void,
): Promise<void> {
  let gathered: string[] = [];
  let timer: NodeJS.Timeout | null = null;
  const handOn = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const lines = gathered;
    gathered = [];
    if (lines.length > 0 && !signal.aborted) tell({ type: 'log-lines', instance, lines });
  };
  const why = await (async (): Promise<string> => {
    const lines = source.logLines(instance, signal);
    if (lines === null) return 'it has none';
    for await (const line of lines) {
      if (signal.aborted) return '';
      gathered.push(line);
      if (gathered.length >= MOST_GATHERED) handOn();
      else timer ??= setTimeout(handOn, GATHER_MS);
    }
    return 'it has ended';
  })().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  handOn();
  if (!signal.aborted) tell({ type: 'log-ended', instance, why });
}
