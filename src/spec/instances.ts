import type { Definition } from './definition.ts';
import type { DefinitionScope } from './definition-scope.ts';
import { emptyObject } from './eval/marks.ts';
import { unknownFacts } from './facts.ts';
import type { FactsValue } from './facts.ts';
import { instanceAddress } from './model.ts';
import type {
  EndpointDeclaration,
  HostDeclaration,
  InstanceAddress,
  InstanceDeclaration,
  PriorPlacement,
  ResourceDeclaration,
} from './model.ts';
import type { PartProgram } from './parts-program.ts';
import { BROKEN } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Unknown } from './value.ts';
import type { Value, ValueObject } from './value.ts';

/** Directory of a new instance; null while it needs facts that are not known. */
export type InstanceDir = (
  component: string,
  host: HostDeclaration,
  facts: FactsValue | null,
) => string | null;

/** A component whose hosts and inputs are known: what its instances have in common. */
export interface PlacedComponent {
  readonly name: string;
  readonly definition: Definition;
  readonly inputs: ValueObject;
  readonly cluster: ValueObject;
  /** By index. */
  readonly instances: readonly PlacedInstance[];
  /** `instance.peers` of each of them. */
  readonly peers: readonly ValueObject[];
}

export interface PlacedInstance {
  readonly address: InstanceAddress;
  readonly host: HostDeclaration;
  readonly index: number;
  readonly prior: PriorPlacement | undefined;
}

const UNKNOWN_FACTS = unknownFacts();
const UNKNOWN_DIR = new Unknown('instance.dir');

/** Gives every host its instance, in the order of indices. */
export function placeInstances(
  component: string,
  hosts: readonly HostDeclaration[],
  indices: ReadonlyMap<string, number>,
  prior: ReadonlyMap<InstanceAddress, PriorPlacement>,
): PlacedInstance[] {
  return hosts
    .map((host) => {
      const address = instanceAddress(component, host.address);
      return { address, host, index: indices.get(host.address)!, prior: prior.get(address) };
    })
    .sort((a, b) => a.index - b.index);
}

/** `instance.peers`: all instances of a component, the reader among them. */
export function peersOf(instances: readonly PlacedInstance[]): ValueObject[] {
  return instances.map(({ host, index }) =>
    Object.assign(emptyObject(), { host: host.name ?? host.address, address: host.address, index }),
  );
}

function scopeOf(
  component: PlacedComponent,
  { host, index, prior }: PlacedInstance,
  facts: FactsValue | null,
  instanceDir: InstanceDir,
): DefinitionScope {
  const dir: Value = prior?.dir ?? instanceDir(component.name, host, facts) ?? UNKNOWN_DIR;
  const hostValue = emptyObject();
  hostValue.address = host.address;
  // A host without a block goes by its address, so that templates can always name it.
  hostValue.name = host.name ?? host.address;
  hostValue.labels = host.labels;
  hostValue.facts = facts ?? UNKNOWN_FACTS;
  const instance = emptyObject();
  instance.index = index;
  instance.count = component.instances.length;
  instance.peers = component.peers;
  instance.dir = dir;
  return { input: component.inputs, host: hostValue, instance, cluster: component.cluster };
}

/** The endpoints of one instance; they do not depend on facts. */
export function endpointsOf(
  component: PlacedComponent,
  instance: PlacedInstance,
  instanceDir: InstanceDir,
  findings: Findings,
): EndpointDeclaration[] {
  const { endpoints } = component.definition;
  if (endpoints.size === 0) return [];
  const scope = scopeOf(component, instance, null, instanceDir);
  return [...endpoints.values()].flatMap((declare) => declare(scope, findings) ?? []);
}

/** An instance with its resources, checks and logs, evaluated as far as facts allow. */
export function declareInstance(
  component: PlacedComponent,
  instance: PlacedInstance,
  endpoints: readonly EndpointDeclaration[],
  facts: FactsValue | null,
  instanceDir: InstanceDir,
  findings: Pick<Findings, 'report'>,
): InstanceDeclaration {
  const unknowns = new Set<string>();
  const found: Findings = {
    report: findings.report,
    unknown: (missing) => {
      if (missing !== BROKEN) unknowns.add(missing.path);
    },
  };
  const { definition } = component;
  const scope = scopeOf(component, instance, facts, instanceDir);
  const { dir } = scope.instance;
  if (dir instanceof Unknown) found.unknown(dir);
  const declared = {
    address: instance.address,
    component: component.name,
    host: instance.host.address,
    index: instance.index,
    dir: typeof dir === 'string' ? dir : null,
    resources: declareResources(definition, scope, found),
    checks: declareParts(definition.checks, scope, found),
    endpoints,
    logs: declareParts(definition.logs, scope, found),
  };
  return { ...declared, unknowns: unknowns.size === 0 ? NONE : [...unknowns].sort() };
}

/** Plain loops: this runs for every instance, and flatMap took a quarter of its time. */
function declareResources(
  { resources }: Definition,
  scope: DefinitionScope,
  findings: Findings,
): ResourceDeclaration[] {
  const declared: ResourceDeclaration[] = [];
  for (const program of resources) {
    for (const resource of program.declare(scope, findings)) declared.push(resource);
  }
  return declared;
}

function declareParts<T>(
  programs: readonly PartProgram<T>[],
  scope: DefinitionScope,
  findings: Findings,
): T[] {
  const declared: T[] = [];
  for (const declare of programs) {
    const part = declare(scope, findings);
    if (part !== null) declared.push(part);
  }
  return declared;
}

const NONE: readonly string[] = [];

/** An instance of which nothing but its place is known: its component has errors, or waits for a variable. */
export function emptyInstance(
  component: string,
  { address, host, index, prior }: PlacedInstance,
): InstanceDeclaration {
  const nothing = { resources: [], checks: [], endpoints: [], logs: [], unknowns: [] };
  return { address, component, host: host.address, index, dir: prior?.dir ?? null, ...nothing };
}
