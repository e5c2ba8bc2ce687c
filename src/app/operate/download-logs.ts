import path from 'node:path';
import { createSemaphore } from '../../apply/semaphore.ts';
import { HostError, type HostErrorKind } from '../../host/connection.ts';
import { fetchFile, fetchJournal } from '../../host/log-fetch.ts';
import { openLogServer } from '../../host/log-server.ts';
import { findCopy, storeCopy } from './local-copy.ts';
import { localNames } from './local-names.ts';
import type { LogSource } from './log-sources.ts';
import { connectionTo, lookOnce, wordError } from './logs.ts';
import type { OpenCluster } from './open-cluster.ts';

/** More at once are no faster on one controller, and each holds some MiB. */
const MOST_HOSTS = 16;
/** Attempts for one log that bring nothing new. */
const ATTEMPTS = 4;

export interface DownloadRequest {
  /** Absolute. */
  readonly directory: string;
  readonly parallelism: number;
  readonly signal: AbortSignal;
}

/** All other faults are of the host: it is not asked for each of its files. */
const OF_ONE_LOG: ReadonlySet<HostErrorKind> = new Set(['lost', 'protocol', 'denied']);

/** What happens in a download. JSON-serialisable. */
export type DownloadEvent =
  /** What a host will send, once it was asked. */
  | { readonly type: 'found'; readonly host: string; readonly files: number; readonly bytes: number }
  | { readonly type: 'progress'; readonly host: string; readonly bytes: number }
  | {
      readonly type: 'fetched';
      readonly host: string;
      readonly instance: string;
      readonly log: string;
      /** On the host; null: of a journal. */
      readonly path: string | null;
      /** Absolute, on this machine. */
      readonly file: string;
      readonly bytes: number;
      /** So many of them were there already, and were verified. */
      readonly resumedBytes: number;
    }
  | { readonly type: 'retry'; readonly host: string; readonly text: string }
  | { readonly type: 'failed'; readonly host: string; readonly what: string | null; readonly text: string };

/** One thing to fetch. */
interface Item {
  readonly source: LogSource;
  readonly origin:
    { readonly from: 'file'; readonly path: string } | { readonly from: 'journal'; readonly unit: string };
  readonly target: string;
}

/**
 * Fetches all files of logs into `DIR/INSTANCE/LOG/`, hosts side by side, each file verified. What is there already of a file, from
 * an earlier download or a broken one, is verified and not fetched again. Resolves to false when something could not be had.
 */
export async function downloadLogs(
  cluster: OpenCluster,
  sources: readonly LogSource[],
  { directory, parallelism, signal }: DownloadRequest,
  onEvent: (event: DownloadEvent) => void,
): Promise<boolean> {
  const hosts = [...new Set(sources.map(({ host }) => host))];
  const semaphore = createSemaphore(Math.min(parallelism, MOST_HOSTS));
  const ofHost = async (host: string): Promise<boolean> => {
    let isComplete = true;
    let isGone = false;
    const failed = (what: string | null, error: unknown): void => {
      signal.throwIfAborted();
      const text = wordFailure(error);
      if (text === null) throw error;
      isComplete = false;
      isGone = error instanceof HostError && !OF_ONE_LOG.has(error.kind);
      onEvent({ type: 'failed', host, what: isGone ? null : what, text });
    };
    const own = sources.filter((source) => source.host === host);
    try {
      for (const item of await findItems(cluster, host, own, directory, signal, onEvent)) {
        await fetchItem(cluster, item, signal, onEvent).catch((error: unknown) =>
          failed(wordItem(item), error),
        );
        if (isGone) break;
      }
    } catch (error) {
      failed(null, error);
    }
    return isComplete;
  };
  const results = await Promise.all(hosts.map((host) => semaphore.run(() => ofHost(host))));
  return results.every((isComplete) => isComplete);
}

function wordItem({ source, origin }: Item): string {
  return origin.from === 'file' ? origin.path : `the journal of ${origin.unit} (${source.instance})`;
}

/** null: a fault of ours. */
function wordFailure(error: unknown): string | null {
  if (error instanceof HostError) return wordError(error);
  const { code, message } = error as NodeJS.ErrnoException;
  // The disk of this machine, a name that is too long there.
  return typeof code === 'string' && code.startsWith('E') ? message : null;
}

async function findItems(
  cluster: OpenCluster,
  host: string,
  sources: readonly LogSource[],
  directory: string,
  signal: AbortSignal,
  onEvent: (event: DownloadEvent) => void,
): Promise<readonly Item[]> {
  const connection = await connectionTo(cluster, host);
  const server = await openLogServer(connection, signal);
  const items: Item[] = [];
  let bytes = 0;
  try {
    for (const source of sources) {
      const { instance, name, origin } = source;
      const names = localNames(path.join(directory, instance), name);
      if (origin.from === 'journal') {
        items.push({ source, origin, target: names.of(`${origin.unit}.journal`, '') });
        continue;
      }
      for (const file of await lookOnce(server, origin.pattern)) {
        bytes += file.sizeBytes;
        items.push({
          source,
          origin: { from: 'file', path: file.path },
          target: names.of(file.path, origin.pattern),
        });
      }
    }
  } finally {
    server.close();
  }
  onEvent({ type: 'found', host, files: items.length, bytes });
  return items;
}

/** Fetches one, again where it breaks off: it goes on where it stopped. */
async function fetchItem(
  cluster: OpenCluster,
  { source, origin, target }: Item,
  signal: AbortSignal,
  onEvent: (event: DownloadEvent) => void,
): Promise<void> {
  const { host, instance, name } = source;
  let idle = 0;
  const restart = origin.from === 'journal';
  for (;;) {
    // A host that cannot be connected to is given up by its session.
    const connection = await cluster.sessionOf(host).connection();
    const copy = await findCopy(target, restart);
    let bytes = 0;
    let news = 0;
    try {
      const fetched =
        origin.from === 'file'
          ? await fetchFile(connection, origin.path, copy.have, signal)
          : await fetchJournal(connection, origin.unit, signal);
      try {
        await storeCopy(host, copy, fetched, (more) => {
          news += bytes === 0 && fetched.startBytes > 0 ? 0 : more;
          bytes += more;
          onEvent({ type: 'progress', host, bytes: more });
        });
      } finally {
        fetched.close();
      }
      const path = origin.from === 'file' ? origin.path : null;
      const resumedBytes = fetched.startBytes;
      onEvent({ type: 'fetched', host, instance, log: name, path, file: target, bytes, resumedBytes });
      return;
    } catch (error) {
      signal.throwIfAborted();
      onEvent({ type: 'progress', host, bytes: -bytes });
      idle = news > 0 ? 1 : idle + 1;
      if (!(error instanceof HostError) || !error.transient || idle >= ATTEMPTS) throw error;
      onEvent({ type: 'retry', host, text: `${error.message}; going on with ${path.basename(target)}` });
    }
  }
}
