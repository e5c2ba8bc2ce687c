import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import { declareComponent } from './component.ts';
import { cyclesOf, dependencyCycle, needsOf, orderComponents } from './dependencies.ts';
import { digestSpec } from './digest.ts';
import { containsSensitive } from './eval/marks.ts';
import type { FactsValue } from './facts.ts';
import { declareInstance, emptyInstance } from './instances.ts';
import type { InstanceDir } from './instances.ts';
import type {
  Cluster,
  ComponentDeclaration,
  InstanceAddress,
  InstanceDeclaration,
  PriorPlacement,
} from './model.ts';
import { evaluateOutput } from './outputs.ts';
import type { OutputValue } from './outputs.ts';
import { readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { createSpecValues } from './spec-values.ts';
import type { Value } from './value.ts';
import type { Workspace } from './workspace.ts';

export type { InstanceDir } from './instances.ts';
export type { OutputValue } from './outputs.ts';

export interface ClusterOptions {
  /** What state knows, keyed by instance address after the workspace's `moves`. */
  readonly placements: ReadonlyMap<InstanceAddress, PriorPlacement>;
  /** Asked where no placement has a directory. */
  readonly instanceDir: InstanceDir;
  /** Digest of a text that must not be known, for the spec's digest and the digests of inputs. */
  hmac(text: string): string;
}

export interface InstanceEvaluation {
  readonly instance: InstanceDeclaration;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ClusterEvaluation {
  readonly cluster: Cluster;
  /** Every instance of the spec: components in dependency order, then by index. */
  readonly instances: readonly InstanceAddress[];
  /**
   * One instance with its resources. `facts` is null until its host was probed: what needs them is then `Unknown`, and `unknowns`
   * says so. Many instances may have the same diagnostic: show them through `distinct`. Throws on an address that is not in `instances`.
   */
  evaluateInstance(address: InstanceAddress, facts: FactsValue | null): InstanceEvaluation;
  readonly outputs: ReadonlyMap<string, OutputValue>;
  /** What each component depends on, also of those that are left out. */
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Evaluates the spec with the values of its variables. A variable without a value counts as unknown: components placed by it
 * are left out, so that `validate` needs no values. Instances are evaluated on demand by `evaluateInstance`.
 */
export function evaluateCluster(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
  options: ClusterOptions,
): ClusterEvaluation {
  const diagnostics: Diagnostic[] = [];
  const findings: Findings = { report: (diagnostic) => void diagnostics.push(diagnostic), unknown: () => {} };
  const spec = createSpecValues(workspace, variables, options, findings);
  for (const name of workspace.components.keys()) spec.component(name);
  const { order, dependsOn } = orderComponents(workspace, spec.reads);

  const components = new Map<string, ComponentDeclaration>();
  for (const name of order) {
    const component = workspace.components.get(name)!;
    const placed = spec.component(name);
    if (!placed) continue;
    const evaluated = {
      hosts: placed.hosts,
      inputs: placed.inputs,
      dependsOn: dependsOn.get(name)!,
      cluster: spec.cluster,
    };
    components.set(
      name,
      declareComponent(component, placed.definition, evaluated, spec.scope, options.hmac, findings),
    );
  }

  const outputs = new Map<string, OutputValue>();
  for (const [name, block] of workspace.outputs) {
    const output = evaluateOutput(block, spec.scope, findings);
    if (output) outputs.set(name, output);
  }
  // Asks for the endpoints of all components, so that their errors are found here.
  for (const name of order) spec.endpoints(name);
  // Cycles that the source shows are reported when the spec is loaded; these hide behind computed names.
  if (cyclesOf(needsOf(workspace)).length === 0) {
    for (const cycle of cyclesOf(needsOf(workspace, spec.reads)))
      findings.report(dependencyCycle(workspace, cycle));
  }

  const parallelism = workspace.run && readAttribute(workspace.run, 'parallelism', spec.scope, findings);
  const quota =
    workspace.cluster && readAttribute(workspace.cluster, 'max_deployments', spec.scope, findings);
  const cluster: Cluster = {
    name: workspace.cluster?.label ?? null,
    version: typeof spec.cluster.version === 'string' ? spec.cluster.version : null,
    hosts: spec.hosts,
    components,
    order: order.filter((name) => components.has(name)),
    moves: workspace.moves,
    parallelism: typeof parallelism === 'number' && parallelism > 0 ? parallelism : null,
    maxDeployments: typeof quota === 'number' ? quota : null,
    state: workspace.state,
    digest: digestSpec(workspace, variables, options.hmac),
    variables: describeVariables(workspace, variables),
  };

  const byAddress = new Map(
    cluster.order.flatMap((name) => {
      const placed = spec.component(name)!;
      return placed.instances.map((instance) => [instance.address, { placed, instance }] as const);
    }),
  );

  function evaluateInstance(address: InstanceAddress, facts: FactsValue | null): InstanceEvaluation {
    const found = byAddress.get(address);
    if (!found) throw new Error(`no instance ${address} in the spec`);
    const { placed, instance } = found;
    if (!placed.definition.valid) return { instance: emptyInstance(placed.name, instance), diagnostics: [] };
    const problems: Diagnostic[] = [];
    const endpoints = spec.endpoints(placed.name).get(address) ?? [];
    const report = (diagnostic: Diagnostic) => void problems.push(diagnostic);
    const declared = declareInstance(placed, instance, endpoints, facts, options.instanceDir, { report });
    return { instance: declared, diagnostics: problems };
  }

  return {
    cluster,
    instances: [...byAddress.keys()],
    evaluateInstance,
    outputs,
    dependsOn,
    diagnostics: distinct(diagnostics),
  };
}

function describeVariables(
  { variables }: Workspace,
  values: ReadonlyMap<string, Value>,
): Cluster['variables'] {
  return new Map(
    [...values].map(([name, value]) => {
      const sensitive = variables.get(name)?.sensitive === true || containsSensitive(value);
      return [name, { value, sensitive }] as const;
    }),
  );
}
