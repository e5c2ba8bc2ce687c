import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { useApi } from '../api/api-context.ts';
import { useLoaded, type Loaded } from '../api/loaded.ts';
import type { Cluster, ClusterReport, Run } from '../api/types.ts';
import { markChanging } from './changing.ts';

/** What every view may want to know; asked for once for all of them. */
export interface KnownCluster {
  readonly cluster: Loaded<Cluster>;
  /** `data` is null also while nothing was applied yet: then there is nothing to look at. */
  readonly report: Loaded<ClusterReport>;
  /** The run that goes on in the server, as it stood a moment ago; null: none. */
  readonly run: Run | null;
}

const ClusterContext = createContext<KnownCluster | null>(null);

export function useCluster(): KnownCluster {
  const known = useContext(ClusterContext);
  if (known === null) throw new Error('there is no ClusterProvider around this');
  return known;
}

const QUIET_MS = 5_000;
/** While a run goes on things change. */
const BUSY_MS = 2_000;

export function ClusterProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const api = useApi();
  const cluster = useLoaded('', (signal) => api.get<Cluster>('/cluster', { signal }), QUIET_MS);
  const runId = cluster.data?.run ?? null;
  const pace = runId === null ? QUIET_MS : BUSY_MS;
  const run = useLoaded(runId, (signal) => api.get<Run>(`/runs/${runId ?? ''}`, { signal }), BUSY_MS);
  const isApplied = cluster.data !== null && cluster.data.serial > 0;
  const report = useLoaded(
    isApplied ? 'look' : null,
    (signal) =>
      api.get<ClusterReport>('/instances', { signal, query: { maxAgeMs: Math.floor(pace * 0.75) } }),
    pace,
  );

  // What it has done is looked at as soon as it has ended.
  const hasEnded = run.data !== null && run.data.outcome !== 'running';
  useEffect(() => {
    if (hasEnded) cluster.refresh();
  }, [hasEnded]);
  const serial = cluster.data?.serial ?? 0;
  useEffect(() => {
    if (report.data !== null) report.refresh();
  }, [serial, runId]);

  const current = runId === null ? null : run.data;
  const marked = useMemo(() => markChanging(report.data, current), [report.data, current]);
  const known: KnownCluster = {
    cluster,
    // Everything may have been taken away while we looked.
    report:
      report.error?.status === 404 ? { ...report, data: null, error: null } : { ...report, data: marked },
    run: current,
  };
  return <ClusterContext.Provider value={known}>{children}</ClusterContext.Provider>;
}
