import { readStoredState } from '../locate-state.ts';
import type { Selector } from '../../plan/scope.ts';
import { readSelectors, selectedInstances } from '../state-commands.ts';
import type { Ports } from '../ports.ts';
import type { ClusterSource } from './cluster-watch.ts';
import { instanceLogLines } from './follow-logs.ts';
import { lastRunOf } from './last-run.ts';
import { logSourcesOf } from './log-sources.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import { openCluster, type ClusterRequest, type OpenCluster } from './open-cluster.ts';

export interface ClusterSourceRequest extends ClusterRequest {
  readonly selectors: readonly string[];
  readonly parallelism: number;
  readonly intervalMs: number;
}

/** Of each log of an instance that is opened; then those that come. */
const LOG_LINES = 100;

/**
 * Looks at the cluster of a working directory, again and again over the same connections. Each look reads the state anew: what a
 * run changes meanwhile is seen. `close` must be called whatever happens.
 */
export function clusterSource(
  directory: string,
  { selectors, parallelism, intervalMs, ...request }: ClusterSourceRequest,
  ports: Ports,
): ClusterSource & { close(): Promise<void> } {
  let cluster: OpenCluster | null = null;
  /** As the first look read them: what they name may go while one watches. */
  let wanted: readonly Selector[] | null = null;

  /** Connections live as long as the state tells of the same hosts. */
  async function current(): Promise<OpenCluster> {
    if (cluster !== null) {
      const { state, recovered } = await readStoredState(cluster.store);
      if (sameHosts(cluster, state.hosts)) return (cluster = { ...cluster, state, recovered });
      await cluster.close();
      cluster = null;
    }
    // A host that is lost in mid-look is a row at once; the next look tries it again.
    cluster = await openCluster(directory, { outageMs: 0, ...request }, ports);
    return cluster;
  }

  return {
    intervalMs,
    async look(previous, signal) {
      const open = await current();
      wanted ??= readSelectors(open.state, selectors);
      const instances = selectedInstances(open.state, wanted);
      const currentRun = (await open.store.lockInfo())?.run ?? null;
      return lookAtCluster(open, instances, {
        parallelism,
        clock: ports.clock,
        signal,
        previous,
        currentRun,
      });
    },
    logLines(address, signal) {
      const instance = cluster?.state.instances.get(address);
      if (cluster === null || instance === undefined || logSourcesOf(instance).length === 0) return null;
      return instanceLogLines(cluster, instance, { lines: LOG_LINES, signal, clock: ports.clock });
    },
    async lastRun(address) {
      const instance = cluster?.state.instances.get(address);
      return cluster === null || instance === undefined
        ? null
        : lastRunOf(instance, cluster.paths.runs, directory);
    },
    close: async () => void (await cluster?.close()),
  };
}

function sameHosts({ state }: OpenCluster, hosts: OpenCluster['state']['hosts']): boolean {
  return JSON.stringify([...state.hosts]) === JSON.stringify([...hosts]);
}
