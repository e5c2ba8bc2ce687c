import { DiagnosticsError, errorOnHost, runError, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ClusterLine, HostRecord } from '../../host/record.ts';
import { hostStateOf } from '../../plan/host-state.ts';
import { componentStateOf } from '../../plan/planned.ts';
import { evaluateCluster, type ClusterEvaluation } from '../../spec/cluster.ts';
import { decodeClusterNote, decodeComponent, decodeInstance } from '../../state/codec.ts';
import { DecodeError } from '../../state/decode.ts';
import type { ClusterNote, ComponentState, HostState, InstanceState, State } from '../../state/model.ts';
import { deploymentsSoFar } from '../history-read.ts';
import { outputStates } from '../prepare-plan.ts';
import type { LoadedProject } from '../project.ts';
import type { HostRecords } from './read-records.ts';

/** A state made from the records of hosts, and what people should know of it before it is written. JSON-serialisable but for `state`. */
export interface RebuiltState {
  readonly state: State;
  /** By host: addresses of the instances found there. */
  readonly found: readonly { readonly host: string; readonly instances: readonly string[] }[];
  /** Found, but not in the spec: the next apply removes them. */
  readonly notInSpec: readonly string[];
  /** In the spec, but on none of the hosts that were asked: the next apply installs them. */
  readonly notFound: readonly string[];
  /** Things on a host that belong to an instance which was never completed there, and is not in the state. */
  readonly begun: readonly { readonly host: string; readonly instance: string }[];
  /** How many instances the newest word on record counts, where that is another number than was found. */
  readonly counted: number | null;
  /** Components whose facts were not on record (an older slipway wrote it): taken from the spec. */
  readonly fromSpec: readonly string[];
}

/** One cluster as the records of hosts tell of it. */
interface FoundCluster {
  readonly lineage: string;
  readonly name: string | null;
  readonly instances: number;
  readonly hosts: readonly string[];
  readonly components: readonly string[];
}

/**
 * Puts a state together from what hosts have on record. `lineage`: which of several clusters; null: the only one. Serial 0:
 * the caller counts. Throws `DiagnosticsError` where it would have to guess.
 */
export async function rebuildState(
  records: HostRecords,
  lineage: string | null,
  project: LoadedProject,
  evaluation: ClusterEvaluation,
  hmac: (text: string) => string,
): Promise<RebuiltState> {
  const chosen = chooseLineage(records, lineage);
  const instances = instancesOf(records, chosen);
  const fromSpec: string[] = [];
  const components = componentsOf(records, chosen, instances, evaluation, fromSpec);
  const note = newestNote(records, chosen);
  if (lineage === null) refuseOther(chosen, note, evaluation);
  const placed = placedEvaluation(project, instances, hmac);
  const wanted = new Set(evaluation.instances);
  const hosts = new Map<string, HostState>();
  for (const { host } of instances.values()) {
    const declared = records.declarations.get(host);
    if (declared !== undefined) hosts.set(host, hostStateOf(declared));
  }
  const known = await deploymentsSoFar(null, project.paths.history);
  const state: State = {
    lineage: chosen,
    serial: 0,
    cluster: note?.cluster ?? evaluation.cluster.name,
    specVersion: note?.specVersion ?? evaluation.cluster.version,
    hosts,
    components,
    instances,
    outputs: outputStates(placed.outputs),
    deployments: Math.max(known, note?.deployments ?? 0),
  };
  return {
    state,
    found: [...records.observations.keys()].sort(byNumbers).map((host) => ({
      host,
      instances: [...instances.values()].filter((i) => i.host === host).map((i) => i.address),
    })),
    notInSpec: [...instances.keys()].filter((address) => !wanted.has(address)),
    notFound: evaluation.instances.filter(
      (address) => !instances.has(address) && records.observations.has(hostOf(address)),
    ),
    begun: begunInstances(records, chosen, instances),
    counted: note?.instances === undefined || note.instances === instances.size ? null : note.instances,
    fromSpec,
  };
}

function chooseLineage(records: HostRecords, wanted: string | null): string {
  const found = foundClusters(records);
  const [only, ...others] = found;
  if (wanted !== null) {
    if (found.some((cluster) => cluster.lineage === wanted)) return wanted;
    const detail = `No host that was asked has it on record. ${found.length === 0 ? 'None has any.' : `There are: ${found.map(wordCluster).join('; ')}.`}`;
    throw new DiagnosticsError([runError(`No cluster of lineage ${wanted} was found`, detail)]);
  }
  if (only === undefined) {
    const detail =
      'None of them has anything on record. Machines that no longer stand in the spec are named with --host=ADDRESS; where nothing was ever installed, slipway apply makes the state.';
    throw new DiagnosticsError([runError('The hosts know of no cluster', detail)]);
  }
  if (others.length === 0) return only.lineage;
  const list = found.map((cluster) => wordCluster(cluster)).join('; ');
  throw new DiagnosticsError([
    runError(
      `The hosts know of ${found.length} clusters`,
      `Say which one with --lineage=ID. There are: ${list}.`,
    ),
  ]);
}

function foundClusters({ observations }: HostRecords): readonly FoundCluster[] {
  const clusters = new Map<string, Sightings>();
  const seen = (lineage: string, host: string): Sightings => {
    const cluster = clusters.get(lineage) ?? {
      note: null,
      hosts: new Set(),
      components: new Set(),
      count: 0,
    };
    clusters.set(lineage, cluster);
    cluster.hosts.add(host);
    return cluster;
  };
  for (const [host, { record }] of observations) {
    for (const { lineage, instance } of record.instances.values()) {
      const cluster = seen(lineage, host);
      cluster.components.add(componentNameOf(instance));
      cluster.count++;
      cluster.note = newerLine(cluster.note, record.clusters.get(lineage));
    }
    // What was only begun is owned, too: under another lineage it would be in the way.
    for (const { owners } of record.entries.values()) {
      for (const { lineage, instance } of owners)
        seen(lineage, host).components.add(componentNameOf(instance));
    }
  }
  return [...clusters].map(([lineage, { note, hosts, components, count }]) => ({
    lineage,
    name: note === null ? null : noteOf(note.json).cluster,
    instances: count,
    hosts: [...hosts],
    components: [...components].sort(),
  }));
}

interface Sightings {
  note: ClusterLine | null;
  count: number;
  readonly hosts: Set<string>;
  readonly components: Set<string>;
}

function newerLine(known: ClusterLine | null, line: ClusterLine | undefined): ClusterLine | null {
  return line !== undefined && (known === null || line.run > known.run) ? line : known;
}

function wordCluster({ lineage, name, instances, hosts, components }: FoundCluster): string {
  const many = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
  const called = name === null ? '' : ` "${name}"`;
  return `${lineage}${called}, ${many(instances, 'instance')} of ${components.join(', ')} on ${many(hosts.length, 'host')}`;
}

function instancesOf({ observations }: HostRecords, lineage: string): ReadonlyMap<string, InstanceState> {
  const found: InstanceState[] = [];
  const problems: Diagnostic[] = [];
  for (const [host, { record }] of observations) {
    for (const line of record.instances.values()) {
      if (line.lineage !== lineage) continue;
      const decoded = reading(host, line.instance, () => decodeInstance(line.json), problems);
      if (decoded === null) continue;
      // A `rename` line changes the name on the record; the JSON follows with the next script.
      const component = componentNameOf(line.instance);
      const instance: InstanceState = { ...decoded, address: line.instance, component };
      if (instance.host === host) found.push(instance);
      else problems.push(isElsewhere(host, instance));
    }
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  found.sort((a, b) => byNumbers(a.component, b.component) || a.index - b.index);
  return new Map(found.map((instance) => [instance.address, instance]));
}

/** Of each component the newest word of any host; where there is none, the spec's, or as little as removal needs. */
function componentsOf(
  { observations }: HostRecords,
  lineage: string,
  instances: ReadonlyMap<string, InstanceState>,
  { cluster }: ClusterEvaluation,
  fromSpec: string[],
): ReadonlyMap<string, ComponentState> {
  const newest = new Map<string, { readonly run: string; readonly state: ComponentState }>();
  const problems: Diagnostic[] = [];
  for (const [host, { record }] of observations) {
    for (const { lineage: of, component, run, json } of record.components.values()) {
      if (of !== lineage || (newest.get(component)?.run ?? '') > run) continue;
      const state = reading(host, component, () => decodeComponent(json), problems);
      if (state !== null) newest.set(component, { run, state });
    }
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  const components = new Map<string, ComponentState>();
  for (const { component, definitionDigest } of instances.values()) {
    if (components.has(component)) continue;
    const known = newest.get(component);
    if (known !== undefined) {
      components.set(component, known.state);
      continue;
    }
    const declared = cluster.components.get(component);
    if (declared !== undefined) fromSpec.push(component);
    components.set(
      component,
      declared === undefined ? bareComponent(definitionDigest) : componentStateOf(declared, null),
    );
  }
  return components;
}

function bareComponent(definitionDigest: string): ComponentState {
  return {
    source: '',
    definitionDigest,
    dependsOn: [],
    preventDestroy: false,
    inputDigests: {},
    update: { canaries: 0, maxInFlight: { unit: 'percent', amount: 25 }, watchSeconds: 0 },
  };
}

function newestNote({ observations }: HostRecords, lineage: string): ClusterNote | null {
  let newest: ClusterLine | null = null;
  for (const { record } of observations.values()) newest = newerLine(newest, record.clusters.get(lineage));
  return newest === null ? null : noteOf(newest.json);
}

/** The only cluster that is found may still not be the one that is meant. */
function refuseOther(lineage: string, note: ClusterNote | null, { cluster }: ClusterEvaluation): void {
  if (note === null || note.cluster === cluster.name) return;
  const called = (name: string | null): string => (name === null ? 'has no name' : `is called "${name}"`);
  throw new DiagnosticsError([
    runError(
      'The hosts hold another cluster',
      `What is on record there ${called(note.cluster)}; the cluster of this spec ${called(cluster.name)}. If it is meant, say so with --lineage=${lineage}.`,
    ),
  ]);
}

/** Only for names and counts: one that cannot be read is none. */
function noteOf(json: string): ClusterNote {
  try {
    return decodeClusterNote(json);
  } catch {
    return { cluster: null, specVersion: null, deployments: 0 };
  }
}

/** The spec with the indices and directories that its instances have, for outputs. */
function placedEvaluation(
  { workspace, variables }: LoadedProject,
  placements: ReadonlyMap<string, InstanceState>,
  hmac: (text: string) => string,
): ClusterEvaluation {
  return evaluateCluster(workspace, variables, { placements, instanceDir: () => null, hmac });
}

/** Owners on record without an instance line: their first script did not come to its end. */
function begunInstances(
  { observations }: HostRecords,
  lineage: string,
  instances: ReadonlyMap<string, InstanceState>,
): RebuiltState['begun'] {
  return [...observations].flatMap(([host, { record }]) =>
    [...ownersIn(record, lineage)]
      .filter((instance) => !instances.has(instance))
      .map((instance) => ({ host, instance })),
  );
}

function ownersIn(record: HostRecord, lineage: string): ReadonlySet<string> {
  const owners = [...record.entries.values()].flatMap((entry) => entry.owners);
  return new Set(owners.filter((owner) => owner.lineage === lineage).map((owner) => owner.instance));
}

function reading<T>(host: string, what: string, decode: () => T, problems: Diagnostic[]): T | null {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof SyntaxError)) throw error;
    const detail = `What stands there of ${what}: ${error.message}. Leave the host out with --exclude=${host}; the next apply adopts what is there.`;
    problems.push(errorOnHost(host, 'Host record cannot be read', detail));
    return null;
  }
}

function isElsewhere(host: string, { address, host: recorded }: InstanceState): Diagnostic {
  return errorOnHost(
    host,
    'Host has another address on record',
    `${address} was installed when this machine was called ${recorded}. Give it that address in the spec again, or leave it out with --exclude=${host}.`,
  );
}

function componentNameOf(instance: string): string {
  return instance.slice(0, instance.indexOf('@'));
}

function hostOf(instance: string): string {
  return instance.slice(instance.indexOf('@') + 1);
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

function byNumbers(a: string, b: string): number {
  return NUMERIC.compare(a, b);
}
