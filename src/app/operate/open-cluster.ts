import { secretDigests } from '../secret-digests.ts';
import { sensitiveTexts } from '../sensitive-texts.ts';
import { openStore, readStoredState } from '../locate-state.ts';
import { reachableHosts, type HostProblem } from '../host-settings.ts';
import type { LoadedProject } from '../project.ts';
import { projectPaths, type ProjectPaths } from '../project-paths.ts';
import { sessionPool } from '../session-pool.ts';
import type { Ports, ReachableHost } from '../ports.ts';
import type { HostLayout } from '../../host/layout.ts';
import type { HostSession } from '../../host/session.ts';
import type { VariableArgument } from '../../spec/variables.ts';
import type { State } from '../../state/model.ts';
import type { RecoveredRun, Store } from '../../state/store.ts';

/** How a command that operates a cluster gets at it. */
export interface ClusterRequest {
  /** Id of the run, for what is locked and logged. */
  readonly run: string;
  /** `--var` and `--var-file`: connections may need secrets that state knows by the names of their variables. */
  readonly variables: readonly VariableArgument[];
  /** Asks for such a secret when nobody gave it; undefined: nobody there. */
  readonly askSecret?: (variable: string, host: string) => Promise<string | undefined>;
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** How often a host is tried before it counts as unreachable. Default 1: a look must not wait for the dead. */
  readonly connectAttempts?: number;
  /** How long a host that was connected is waited for when it is lost. Default: as in a run, two minutes. */
  readonly outageMs?: number;
}

/** A cluster as its state tells of it, with a way to its hosts. `close` must be called whatever happens. */
export interface OpenCluster {
  readonly paths: ProjectPaths;
  readonly store: Store;
  readonly state: State;
  /** What a killed run left in the middle; null: nothing. */
  readonly recovered: RecoveredRun | null;
  readonly hosts: ReadonlyMap<string, ReachableHost>;
  /** Hosts that cannot be connected to because a setting is missing. */
  readonly problems: readonly HostProblem[];
  readonly hmac: (text: string) => string;
  /** Sensitive texts that must not be passed on when a host prints them, as far as their variables are known. */
  readonly secrets: readonly string[];
  readonly layoutOf: (host: string) => HostLayout;
  /** One session per host, connected when it is first asked for something. */
  readonly sessionOf: (host: string) => HostSession;
  readonly close: () => Promise<void>;
}

/**
 * Opens the cluster of a working directory by its state; the spec is read only as far as a connection needs a variable.
 * Takes no lock and connects to nothing. Throws `DiagnosticsError` when there is no state, `StateError` when it is damaged.
 */
export async function openCluster(
  directory: string,
  request: ClusterRequest,
  ports: Ports,
): Promise<OpenCluster> {
  const paths = projectPaths(directory);
  const store = await openStore(directory, ports);
  const { state, recovered } = await readStoredState(store);
  const variables = await connectionVariables(directory, state, request, ports);
  const { hosts, diagnostics: problems } = await reachableHosts(null, state, variables, request);
  const access = ports.hostAccess(directory);
  const sessions = sessionPool(
    hosts,
    access,
    state.lineage,
    { connectAttempts: request.connectAttempts ?? 1, ...request },
    ports,
  );
  return {
    paths,
    store,
    state,
    recovered,
    hosts,
    problems,
    hmac: secretDigests(paths, ports.environment),
    secrets: sensitiveTexts(variables.variables.values()),
    layoutOf(address) {
      const host = hosts.get(address);
      if (host === undefined) throw new Error(`state does not know host ${address}`);
      return access.layout(host);
    },
    sessionOf: sessions.of,
    close: sessions.closeAll,
  };
}

/** Reading the spec takes longer than all the rest of a look at the hosts: only where a connection needs it. */
async function connectionVariables(
  directory: string,
  state: State,
  request: ClusterRequest,
  ports: Ports,
): Promise<Pick<LoadedProject, 'variables' | 'undeclared'>> {
  const needed = [...state.hosts.values()].some(({ settings }) =>
    Object.values(settings).some(
      (setting) => typeof setting === 'object' && setting !== null && 'variable' in setting,
    ),
  );
  if (!needed) return { variables: new Map(), undeclared: new Map() };
  const { loadProject } = await import('../project.ts');
  return loadProject(directory, request.variables, ports, null, 'destroy');
}
