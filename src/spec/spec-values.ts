import { checkCounts, clusterValue, evaluateHosts } from './component.ts';
import type { Reads } from './dependencies.ts';
import type { Scope } from './eval/compile.ts';
import { emptyObject } from './eval/marks.ts';
import { createHostRegistry, evaluateHostBlock } from './hosts.ts';
import type { HostRegistry } from './hosts.ts';
import { evaluateInputs } from './inputs.ts';
import { endpointsOf, peersOf, placeInstances } from './instances.ts';
import type { InstanceDir, PlacedComponent } from './instances.ts';
import { computing, lazyObject } from './lazy.ts';
import type { LazyValues } from './lazy.ts';
import type { EndpointDeclaration, HostDeclaration, InstanceAddress, PriorPlacement } from './model.ts';
import { allocateIndices, placementsByComponent } from './placement.ts';
import { BROKEN, evaluate, readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';
import { variableScope } from './variables.ts';
import type { Workspace } from './workspace.ts';

/** The values of a spec, each computed when it is first needed: so the order of blocks means nothing. */
export interface SpecValues {
  /** `var`, `local`, `host` and `component`. */
  readonly scope: Scope;
  /** `cluster` in definitions. */
  readonly cluster: ValueObject;
  readonly hosts: ReadonlyMap<string, HostDeclaration>;
  /** Undefined while its hosts or inputs are unknown or wrong. */
  component(name: string): (PlacedComponent & { readonly hosts: readonly string[] }) | undefined;
  endpoints(name: string): ReadonlyMap<InstanceAddress, readonly EndpointDeclaration[]>;
  /** What was read so far, under names that are computed as well. */
  readonly reads: Reads;
}

interface Options {
  readonly placements: ReadonlyMap<InstanceAddress, PriorPlacement>;
  readonly instanceDir: InstanceDir;
}

type Placed = PlacedComponent & { readonly hosts: readonly string[] };
type Endpoints = ReadonlyMap<InstanceAddress, readonly EndpointDeclaration[]>;

export function createSpecValues(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
  { placements, instanceDir }: Options,
  findings: Findings,
): SpecValues {
  const lazy: LazyValues = { onCycle: BROKEN, stack: [], reads: new Map() };
  const prior = placementsByComponent(placements);
  const scope: Record<string, Value> = { var: variableScope(workspace.variables, variables) };
  const localOf = (name: string) => evaluate(workspace.locals.get(name)!, scope, findings);
  const hostOf = (name: string) => evaluateHostBlock(workspace.hosts.get(name)!, scope, findings);
  const namedHosts = lazyObject(workspace.hosts.keys(), 'host.', hostOf, lazy);
  scope.local = lazyObject(workspace.locals.keys(), 'local.', localOf, lazy);
  scope.host = namedHosts;

  // Hosts and the cluster block come before components; the check of the spec refuses those that need one.
  const early: { registry: HostRegistry | null; cluster: ValueObject } = {
    registry: null,
    cluster: clusterValue(null, null),
  };
  const hostLists = new Map<string, readonly string[] | null>();
  const placed = new Map<string, Placed | undefined>();
  const endpoints = new Map<string, Endpoints>();
  const componentOf = (name: string) =>
    lazyObject(
      ['hosts', 'endpoints'],
      `component.${name}.`,
      (part) =>
        part === 'hosts' ? (hostsOf(name) ?? new Unknown(`component.${name}.hosts`)) : endpointsValue(name),
      lazy,
    );
  scope.component = lazyObject(workspace.components.keys(), 'component.', componentOf, {
    ...lazy,
    stack: [],
  });

  function hostsOf(name: string): readonly string[] | null {
    const known = hostLists.get(name);
    if (known !== undefined) return known;
    if (!early.registry) return null;
    const hosts = evaluateHosts(workspace.components.get(name)!, early.registry, scope, findings);
    hostLists.set(name, hosts);
    return hosts;
  }

  function place(name: string): Placed | undefined {
    const component = workspace.components.get(name)!;
    const { definition } = component;
    const hosts = hostsOf(name);
    const { registry, cluster } = early;
    if (!definition?.complete || !registry) return undefined;
    const context = { cluster, environment: workspace.environment };
    const inputs = evaluateInputs(component, definition, scope, context, findings);
    if (!hosts || !inputs) return undefined;
    checkCounts(component, definition, hosts.length, { input: inputs, cluster }, findings);
    const known = prior.get(name) ?? new Map<InstanceAddress, PriorPlacement>();
    const indices = allocateIndices(name, hosts, known);
    const machines = hosts.map((host) => registry.declarations.get(host)!);
    const instances = placeInstances(name, machines, indices, known);
    return { name, definition, inputs, cluster, hosts, instances, peers: peersOf(instances) };
  }

  function component(name: string): Placed | undefined {
    if (!placed.has(name)) {
      placed.set(
        name,
        computing(`component.${name}`, () => place(name), lazy),
      );
    }
    return placed.get(name);
  }

  function endpointMap(name: string): Endpoints {
    const known = endpoints.get(name);
    if (known) return known;
    const owner = component(name);
    const made = new Map<InstanceAddress, readonly EndpointDeclaration[]>();
    for (const instance of owner?.definition.valid ? owner.instances : []) {
      made.set(instance.address, endpointsOf(owner!, instance, instanceDir, findings));
    }
    endpoints.set(name, made);
    return made;
  }

  /** `component.X.endpoints`: for each name a list by index. */
  function endpointsValue(name: string): Value {
    const owner = component(name);
    if (!owner?.definition.valid) return new Unknown(`component.${name}.endpoints`);
    const value = emptyObject();
    const lists = new Map([...owner.definition.endpoints.keys()].map((key) => [key, [] as Value[]]));
    const all = endpointMap(name);
    for (const { address: instance, host, index } of owner.instances) {
      for (const { name: key, address, port } of all.get(instance) ?? []) {
        const item = Object.assign(emptyObject(), { host: host.name ?? host.address, address, port, index });
        lists.get(key)!.push(item);
      }
    }
    for (const [key, list] of lists) value[key] = list;
    return value;
  }

  const registry = createHostRegistry(workspace, namedHosts, scope, findings);
  const cluster = evaluateClusterBlock(workspace, scope, findings);
  Object.assign(early, { registry, cluster });
  const { reads } = lazy;
  return { scope, cluster, hosts: registry.declarations, component, endpoints: endpointMap, reads };
}

function evaluateClusterBlock({ cluster }: Workspace, scope: Scope, findings: Findings): ValueObject {
  const version = cluster && readAttribute(cluster, 'version', scope, findings);
  return clusterValue(cluster?.label ?? null, typeof version === 'string' ? version : null);
}
