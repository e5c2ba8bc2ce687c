import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { openStore } from '../app/locate-state.ts';
import type { ClusterReport } from '../app/operate/cluster-report.ts';
import { clusterSource } from '../app/operate/cluster-source.ts';
import { openCluster } from '../app/operate/open-cluster.ts';
import { projectPaths } from '../app/project-paths.ts';
import { loadProject } from '../app/project.ts';
import { newRunId } from '../app/run-id.ts';
import { openRunDesk } from '../app/serve/open-run-desk.ts';
import type { ServeGround } from '../app/serve/serve-options.ts';
import { openAuditLog } from './audit-log.ts';
import type { ServerUseCases } from './use-cases.ts';

/** Hosts asked at the same time. */
const PARALLELISM = 64;
/** Connections of looks that nobody asked for so long are given up. */
const IDLE_MS = 60_000;

/** The use cases of a working directory; `close` gives its connections up and writes what waits to be written. */
export function openUseCases({
  directory,
  variables,
  ports,
  onProblem,
}: ServeGround): ServerUseCases & { close(): Promise<void> } {
  const desk = openRunDesk(directory, variables, ports);
  const auditLog = openAuditLog(path.join(projectPaths(directory).own, 'audit.log'), onProblem);
  const looks = sharedLooks({ directory, variables, ports });
  return {
    directory,
    ports,
    variables,
    desk,
    openCluster: (signal) =>
      openCluster(directory, { run: newRunId(ports.clock()), variables, signal }, ports),
    loadProject: (mode = 'look') => loadProject(directory, variables, ports, null, mode),
    look: looks.look,
    lastLook: looks.last,
    async interruptedRun() {
      if (desk.current() !== null) return null;
      const store = await openStore(directory, ports);
      // Another process's run is one that goes on.
      if ((await store.lockInfo()) !== null) return null;
      return (await store.read())?.recovered ?? null;
    },
    clock: ports.clock,
    audit: auditLog.add,
    async close() {
      await Promise.all([looks.close(), auditLog.flush()]);
    },
  };
}

/** One look at a time, for all who ask; its connections are kept while somebody asks. */
function sharedLooks({ directory, variables, ports }: Omit<ServeGround, 'onProblem'>): {
  readonly look: NonNullable<ServerUseCases['look']>;
  readonly last: () => ClusterReport | null;
  readonly close: () => Promise<void>;
} {
  const closing = new AbortController();
  // All that a look asks at the same time ends by it.
  setMaxListeners(0, closing.signal);
  let source: ReturnType<typeof clusterSource> | null = null;
  let last: { readonly report: ClusterReport; readonly atMs: number } | null = null;
  let going: Promise<ClusterReport> | null = null;
  let idle: NodeJS.Timeout | undefined;

  const giveUp = async (): Promise<void> => {
    clearTimeout(idle);
    const open = source;
    source = null;
    await open?.close();
  };
  const lookNow = async (): Promise<ClusterReport> => {
    clearTimeout(idle);
    source ??= clusterSource(
      directory,
      {
        run: newRunId(ports.clock()),
        variables,
        signal: closing.signal,
        selectors: [],
        parallelism: PARALLELISM,
        intervalMs: 0,
      },
      ports,
    );
    try {
      const report = await source.look(last?.report ?? null, closing.signal);
      last = { report, atMs: performance.now() };
      return report;
    } finally {
      going = null;
      idle = setTimeout(() => void giveUp().catch(() => undefined), IDLE_MS);
      idle.unref();
    }
  };
  return {
    look({ maxAgeMs = 0 } = {}) {
      if (last !== null && maxAgeMs > 0 && performance.now() - last.atMs <= maxAgeMs)
        return Promise.resolve(last.report);
      return (going ??= lookNow());
    },
    last: () => last?.report ?? null,
    async close() {
      closing.abort();
      await going?.catch(() => undefined);
      await giveUp();
    },
  };
}
