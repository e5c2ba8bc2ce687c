import { probeHost } from '../../host/probe.ts';
import { evaluate } from '../prepare-plan.ts';
import { reachableHosts } from '../host-settings.ts';
import { openStore } from '../locate-state.ts';
import { emptyState } from '../../state/fold.ts';
import type { HostLayout } from '../../host/layout.ts';
import type { Ports } from '../ports.ts';
import { loadProject } from '../project.ts';
import { sessionPool } from '../session-pool.ts';
import { onEachHost, type EachHostOptions, type HostAccess, type HostOutcome } from './each-host.ts';
import { holdingFileSystem } from './holding-file-system.ts';
import { openCluster, type ClusterRequest, type OpenCluster } from './open-cluster.ts';

const PROBE_TIMEOUT_MS = 15_000;

/** What a host has for what is put there. */
export interface HostResources {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the file system that holds the instances; 0: not known. */
  readonly diskBytes: number;
}

/**
 * Asks hosts of the spec or the state what they have, whether anything was put there yet or not. Changes nothing. A host that cannot be
 * asked is an outcome. Throws `DiagnosticsError` when a host stands in the spec only, and that cannot be read.
 */
export async function resourcesOfHosts(
  directory: string,
  hosts: readonly string[],
  request: ClusterRequest & EachHostOptions,
  ports: Ports,
): Promise<readonly HostOutcome<HostResources>[]> {
  const store = await openStore(directory, ports);
  const state = (await store.read())?.state ?? null;
  const isInstalled = hosts.every((host) => state?.hosts.has(host) === true);
  const open = isInstalled
    ? await openCluster(directory, { outageMs: 0, ...request }, ports)
    : await openDeclared(directory, state, request, ports);
  try {
    return await onEachHost(open, hosts, request, async (connection) => {
      const { facts } = await probeHost(connection, [], {
        timeoutMs: PROBE_TIMEOUT_MS,
        signal: request.signal,
      });
      const { instancesDir } = open.layoutOf(connection.host);
      const diskBytes = holdingFileSystem(facts, instancesDir)?.sizeBytes ?? 0;
      return { cores: facts.cores, memoryBytes: facts.memoryBytes, diskBytes };
    });
  } finally {
    await open.close();
  }
}

/** A way to the hosts of the spec as well, before there is a state that tells of them. Throws `DiagnosticsError`. */
async function openDeclared(
  directory: string,
  state: OpenCluster['state'] | null,
  request: ClusterRequest,
  ports: Ports,
): Promise<HostAccess & Pick<OpenCluster, 'layoutOf' | 'close'>> {
  const project = await loadProject(directory, request.variables, ports, null, 'look');
  const access = ports.hostAccess(directory);
  const layouts = new Map<string, HostLayout>();
  const prior = state ?? emptyState('');
  // Nothing is compared with digests here.
  const evaluation = evaluate(project, prior, (text) => text, layouts, access);
  const { hosts, diagnostics: problems } = await reachableHosts(evaluation, prior, project, request);
  const sessions = sessionPool(
    hosts,
    access,
    prior.lineage,
    { connectAttempts: 1, outageMs: 0, ...request },
    ports,
  );
  return {
    problems,
    sessionOf: sessions.of,
    layoutOf(address) {
      const host = hosts.get(address);
      if (host === undefined) throw new Error(`host ${address} is not declared`);
      return access.layout(host);
    },
    close: sessions.closeAll,
  };
}
