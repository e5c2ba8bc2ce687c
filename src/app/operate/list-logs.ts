import { HostError } from '../../host/connection.ts';
import { readJournal } from '../../host/log-journal.ts';
import type { LogFile } from '../../host/log-inventory.ts';
import { createSemaphore } from '../../apply/semaphore.ts';
import type { LogSource } from './log-sources.ts';
import { connectionTo, lookOnce, serverPool, wordError } from './logs.ts';
import type { OpenCluster } from './open-cluster.ts';

/** A source with what lies there now. JSON-serialisable. */
export interface LogListing {
  readonly instance: string;
  readonly host: string;
  readonly log: string;
  /** When it was asked, milliseconds since 1970 by the host's clock, to a second. */
  readonly askedMs: number;
  readonly content:
    | { readonly from: 'files'; readonly pattern: string; readonly files: readonly ListedFile[] }
    /** `lastMs`: of its last entry, milliseconds since 1970; null: it has none. */
    | { readonly from: 'journal'; readonly unit: string; readonly lastMs: number | null }
    | { readonly from: 'nowhere'; readonly problem: string };
}

export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** What each source holds, in the given order; hosts side by side. A host that cannot be asked is a `problem` of its sources. */
export async function listLogs(
  cluster: OpenCluster,
  sources: readonly LogSource[],
  {
    parallelism,
    signal,
    clock,
  }: { readonly parallelism: number; readonly signal: AbortSignal; readonly clock: () => number },
): Promise<readonly LogListing[]> {
  const semaphore = createSemaphore(parallelism);
  const servers = serverPool(signal);
  const list = async (source: LogSource): Promise<LogListing> => {
    const { instance, host, name, origin } = source;
    const entry = (askedMs: number) => ({ instance, host, log: name, askedMs });
    try {
      const connection = await connectionTo(cluster, host);
      if (origin.from === 'files') {
        const server = await servers.of(host, connection);
        const files = await lookOnce(server, origin.pattern);
        const now = clock() + server.clockAheadMs;
        return {
          ...entry(now),
          content: { from: 'files', pattern: origin.pattern, files: files.map(listed) },
        };
      }
      let lastMs: number | null = null;
      const last = { units: [origin.unit], lines: 1, signal };
      for await (const { timeMs } of readJournal(connection, last)) lastMs = timeMs;
      return { ...entry(clock()), content: { from: 'journal', unit: origin.unit, lastMs } };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HostError)) throw error;
      return { ...entry(clock()), content: { from: 'nowhere', problem: wordError(error) } };
    }
  };
  try {
    return await Promise.all(sources.map((source) => semaphore.run(() => list(source))));
  } finally {
    servers.close();
  }
}

function listed({ path, sizeBytes, modifiedSeconds }: LogFile): ListedFile {
  return { path, sizeBytes, modifiedMs: modifiedSeconds * 1000 };
}
