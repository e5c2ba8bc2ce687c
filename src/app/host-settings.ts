import { runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { HostDeclaration } from '../spec/model.ts';
import { Sensitive, type Value } from '../spec/value.ts';
import type { ClusterEvaluation } from '../spec/cluster.ts';
import type { HostState, State } from '../state/model.ts';
import type { ReachableHost } from './ports.ts';
import type { PlanRequest } from './prepare-plan.ts';
import type { LoadedProject } from './project.ts';

/** A declared host with its secrets revealed: the edge at which the connection needs them. */
export function reachableDeclared(host: HostDeclaration): ReachableHost {
  const settings = Object.entries(host.provider.settings).map(
    ([name, { value }]) => [name, reveal(value)] as const,
  );
  return { address: host.address, provider: host.provider.provider, settings: Object.fromEntries(settings) };
}

/** A host that only state knows; what stands there as the name of a variable is looked up among today's variables. */
export function reachableRecorded(
  address: string,
  host: HostState,
  variables: ReadonlyMap<string, Value>,
): { readonly host: ReachableHost; readonly diagnostics: readonly Diagnostic[] } {
  const settings: Record<string, Value> = {};
  const diagnostics: Diagnostic[] = [];
  for (const [name, setting] of Object.entries(host.settings)) {
    const variable = variableOf(setting);
    if (variable === null) settings[name] = setting as Value;
    else {
      const value = variables.get(variable);
      if (value !== undefined) settings[name] = reveal(value);
      else {
        diagnostics.push(
          runError(
            `No value for variable "${variable}"`,
            `The connection to ${address} needs it as ${name}. Give it with --var ${variable}=... or SLIPWAY_VAR_${variable}.`,
          ),
        );
      }
    }
  }
  return { host: { address, provider: host.provider, settings }, diagnostics };
}

function variableOf(setting: HostState['settings'][string]): string | null {
  if (typeof setting !== 'object' || setting === null || Array.isArray(setting)) return null;
  const { variable } = setting as { readonly variable?: unknown };
  return typeof variable === 'string' ? variable : null;
}

function reveal(value: Value): Value {
  return value instanceof Sensitive ? value.reveal() : value;
}

export interface HostProblem {
  readonly host: string;
  readonly diagnostic: Diagnostic;
}

/** Hosts of the spec, and those that only state knows; a secret that one of those needs and nobody gave is asked for, once. */
export async function reachableHosts(
  evaluation: ClusterEvaluation | null,
  state: State,
  project: Pick<LoadedProject, 'variables' | 'undeclared'>,
  request: Pick<PlanRequest, 'askSecret'>,
): Promise<{
  readonly hosts: ReadonlyMap<string, ReachableHost>;
  readonly diagnostics: readonly HostProblem[];
}> {
  const hosts = new Map<string, ReachableHost>();
  const diagnostics: HostProblem[] = [];
  const variables = new Map([...project.undeclared, ...project.variables]);
  for (const declared of evaluation?.cluster.hosts.values() ?? []) {
    hosts.set(declared.address, reachableDeclared(declared));
  }
  for (const [address, recorded] of state.hosts) {
    if (hosts.has(address)) continue;
    for (const setting of Object.values(recorded.settings)) {
      const variable = variableOf(setting);
      if (variable === null || variables.has(variable)) continue;
      const answer = await request.askSecret?.(variable, address);
      if (answer !== undefined) variables.set(variable, new Sensitive(answer));
    }
    const resolved = reachableRecorded(address, recorded, variables);
    hosts.set(address, resolved.host);
    diagnostics.push(...resolved.diagnostics.map((diagnostic) => ({ host: address, diagnostic })));
  }
  return { hosts, diagnostics };
}
