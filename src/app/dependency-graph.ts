import { throwOnErrors } from '../diagnostics/diagnostic.ts';
import { evaluateCluster } from '../spec/cluster.ts';
import { resolveVariables, type VariableArgument } from '../spec/variables.ts';
import { loadWorkspace } from '../spec/workspace.ts';
import type { OfflinePorts } from './ports.ts';

/** Components and what they depend on, by name. */
export interface DependencyGraph {
  readonly cluster: string | null;
  readonly components: readonly GraphComponent[];
}

export interface GraphComponent {
  readonly name: string;
  /** Null while the value of a variable decides it. */
  readonly instances: number | null;
  readonly dependsOn: readonly string[];
}

/** The graph of a spec; values of variables are not needed. Throws `DiagnosticsError`. */
export async function dependencyGraph(
  directory: string,
  variables: readonly VariableArgument[],
  ports: OfflinePorts,
): Promise<DependencyGraph> {
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser: ports.parser });
  const resolved = resolveVariables(workspace, {
    environment: ports.environment,
    arguments: variables,
    directory,
  });
  throwOnErrors([...diagnostics, ...resolved.diagnostics]);
  const {
    cluster,
    dependsOn,
    diagnostics: problems,
  } = evaluateCluster(workspace, resolved.values, {
    placements: new Map(),
    hmac: () => '',
    instanceDir: () => null,
  });
  throwOnErrors(problems);
  return {
    cluster: cluster.name,
    components: [...dependsOn].map(([name, needs]) => ({
      name,
      instances: cluster.components.get(name)?.hosts.length ?? null,
      dependsOn: [...needs].sort(),
    })),
  };
}
