import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorOnHost } from '../diagnostics/diagnostic.ts';
import type { Facts } from '../host/facts.ts';
import type { HostObservation, ProbeRequest } from '../host/observation.ts';
import { probeKey } from '../host/observation.ts';
import type { ComponentDeclaration } from '../spec/model.ts';
import { kindOf } from '../resources/kinds.ts';
import { decodeInstance } from '../state/codec.ts';
import type { InstanceState } from '../state/model.ts';
import { bindsCollide } from './claims.ts';
import type { DesiredInstance } from './plan.ts';

/** One host with everything that shall run on it. */
export interface HostLoad {
  readonly host: string;
  readonly observation: HostObservation;
  /** What is there already, and what is in scope. */
  readonly desired: readonly DesiredInstance[];
  /** What state says is installed there. */
  readonly prior: readonly InstanceState[];
  readonly inScope: (component: string) => boolean;
}

/** What preflight must ask a host beyond its resources: the ports that instances will listen on. */
export function preflightRequests(desired: readonly DesiredInstance[]): readonly ProbeRequest[] {
  return desired.flatMap(({ declaration, requiredPorts }) =>
    [...declaration.endpoints.map((endpoint) => endpoint.port), ...requiredPorts].map(
      (port): ProbeRequest => ({ probe: 'port', port }),
    ),
  );
}

/** Verifies that a host can carry what the plan puts on it; every shortfall is reported. */
export function checkHost(
  load: HostLoad,
  components: ReadonlyMap<string, ComponentDeclaration>,
  lineage: string,
): readonly Diagnostic[] {
  const desired = load.desired.filter(({ declaration }) => load.inScope(declaration.component));
  const lock = checkLock(load, lineage);
  if (desired.length === 0) return lock;
  const scoped = { ...load, desired };
  return [
    ...lock,
    ...checkRequirements(load, components),
    ...checkPorts(scoped, lineage),
    ...checkForeignOwners(scoped, lineage),
    ...checkPackageManager(scoped),
    ...checkRights(scoped),
  ];
}

function checkLock({ host, observation }: HostLoad, lineage: string): readonly Diagnostic[] {
  const { holder } = observation.lock;
  if (holder === null || holder.lineage === lineage) return [];
  if (holder.leaseSecondsLeft <= 0 && !holder.scriptRunning) return [];
  const until = holder.scriptRunning
    ? 'one of its scripts still runs there'
    : `its lease ends in ${holder.leaseSecondsLeft} s`;
  return [
    errorOnHost(
      host,
      'Another cluster is at work on this host',
      `Run ${holder.run} of ${holder.owner} holds the host's lock; ${until}. Try again when it is done.`,
    ),
  ];
}

function checkRequirements(
  load: HostLoad,
  components: ReadonlyMap<string, ComponentDeclaration>,
): readonly Diagnostic[] {
  const { facts } = load.observation;
  const isNew = newInstances(load);
  const diagnostics: Diagnostic[] = [];
  let memory = 0;
  let disk = 0;
  for (const { declaration } of load.desired) {
    const requires = components.get(declaration.component)?.requires;
    if (requires === undefined) continue;
    memory += requires.memoryBytes ?? 0;
    if (!load.inScope(declaration.component)) continue;
    if (isNew(declaration.address)) disk += requires.diskBytes ?? 0;
    if (requires.cpu !== null && facts.cores < requires.cpu) {
      diagnostics.push(
        errorOnHost(
          load.host,
          'Not enough processors',
          `${declaration.component} needs ${requires.cpu} cores, the host has ${facts.cores}.`,
        ),
      );
    }
    if (requires.os.length > 0 && !runsOn(facts, requires.os)) {
      diagnostics.push(
        errorOnHost(
          load.host,
          'Wrong operating system',
          `${declaration.component} runs on ${requires.os.join(', ')}; the host has ${facts.os.name}.`,
        ),
      );
    }
  }
  if (memory > facts.memoryBytes) {
    diagnostics.push(
      errorOnHost(
        load.host,
        'Not enough memory',
        `${namesOf(load)} together need ${formatBytes(memory)}, the host has ${formatBytes(facts.memoryBytes)}. Move an instance to another host.`,
      ),
    );
  }
  const free = freeDiskBytes(facts, load.desired[0]?.dir ?? '/');
  if (disk > 0 && disk > free) {
    diagnostics.push(
      errorOnHost(
        load.host,
        'Not enough free disk',
        `New instances there need ${formatBytes(disk)}, ${formatBytes(free)} are free. Free some, or place them elsewhere.`,
      ),
    );
  }
  return diagnostics;
}

function runsOn(facts: Facts, wanted: readonly string[]): boolean {
  return wanted.some(
    (os) => facts.os.id === os || facts.os.like.includes(os) || `${facts.os.id}-${facts.os.version}` === os,
  );
}

function namesOf(load: HostLoad): string {
  return [...new Set(load.desired.map((instance) => instance.declaration.component))].join(', ');
}

/** Free bytes of the file system that holds a path: the longest mount point that is its prefix. */
export function freeDiskBytes(facts: Facts, path: string): number {
  let best: { mount: string; availableBytes: number } | null = null;
  for (const disk of facts.disks) {
    const covers = disk.mount === '/' || path === disk.mount || path.startsWith(`${disk.mount}/`);
    if (covers && (best === null || disk.mount.length > best.mount.length)) best = disk;
  }
  return best?.availableBytes ?? Number.MAX_SAFE_INTEGER;
}

/** A port that an instance of ours on this host held already, or gives up in this plan, counts as free. */
function checkPorts(load: HostLoad, lineage: string): readonly Diagnostic[] {
  const ours = [...load.prior, ...recordedInstances(load, lineage)];
  const held = new Set(ours.flatMap((instance) => instance.endpoints.map((endpoint) => endpoint.port)));
  const diagnostics: Diagnostic[] = [];
  const isNew = newInstances(load);
  for (const { declaration, requiredPorts } of load.desired) {
    const { address, endpoints } = declaration;
    const needs = endpoints.map(({ name, port, bind }) => ({
      who: `Endpoint "${name}" of ${address}`,
      port,
      bind,
    }));
    for (const port of isNew(address) ? requiredPorts : [])
      if (!needs.some((need) => need.port === port)) needs.push({ who: address, port, bind: '*' });
    for (const { who, port, bind } of needs) {
      if (held.has(port)) continue;
      const answer = load.observation.answers.get(probeKey({ probe: 'port', port }));
      if (answer?.probe !== 'port') continue;
      const taken = answer.listeners.find((listener) => bindsCollide(listener.address, bind));
      if (taken === undefined) continue;
      const place = taken.address.includes(':') ? `[${taken.address}]` : taken.address;
      diagnostics.push(
        errorOnHost(
          load.host,
          `Port ${port} is in use`,
          `${who} needs it, but a program that slipway does not manage listens on ${place}:${port}. Stop that program or choose another port.`,
        ),
      );
    }
  }
  return diagnostics;
}

/** What the host itself knows of this cluster: the state may have lost it, or was told to forget it. */
function recordedInstances({ observation }: HostLoad, lineage: string): readonly InstanceState[] {
  const lines = [...observation.record.instances.values()].filter((line) => line.lineage === lineage);
  return lines.flatMap(({ json }) => {
    try {
      return [decodeInstance(json)];
    } catch {
      return [];
    }
  });
}

function newInstances({ prior }: HostLoad): (address: string) => boolean {
  const known = new Set(prior.map((instance) => instance.address));
  return (address) => !known.has(address);
}

/** What another cluster holds exclusively on the host. */
function checkForeignOwners(load: HostLoad, lineage: string): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { declaration, resources } of load.desired) {
    for (const resource of resources) {
      for (const claim of kindOf(resource).claims(resource)) {
        if (!claim.exclusive) continue;
        const owners = load.observation.record.entries.get(claim.key)?.owners ?? [];
        const other = owners.find((owner) => owner.lineage !== lineage);
        if (other !== undefined) {
          diagnostics.push(
            errorOnHost(
              load.host,
              `${claim.key} belongs to another cluster`,
              `${resource.address} of ${declaration.address} would take it from ${other.instance} of the cluster with lineage ${other.lineage}. Remove it there first, or choose another name.`,
            ),
          );
        }
      }
    }
  }
  return diagnostics;
}

function checkPackageManager(load: HostLoad): readonly Diagnostic[] {
  if (load.observation.facts.packageManager !== 'none') return [];
  const wanting = load.desired.find((instance) =>
    instance.resources.some((resource) => resource.kind === 'package'),
  );
  if (wanting === undefined) return [];
  return [
    errorOnHost(
      load.host,
      'No package manager',
      `${wanting.declaration.address} declares packages, which slipway installs with apt, and the host has none. Use an archive or a file instead.`,
    ),
  ];
}

const ROOT_ONLY: ReadonlySet<string> = new Set(['package', 'user', 'group']);

/** Without root, files of our own and supervised services are all that can be managed. */
function checkRights({ host, observation, desired }: HostLoad): readonly Diagnostic[] {
  if (observation.facts.uid === 0) return [];
  const addresses = desired.flatMap(({ declaration, resources }) =>
    resources
      .filter(({ kind }) => ROOT_ONLY.has(kind))
      .map(({ address }) => `${address} of ${declaration.address}`),
  );
  if (addresses.length === 0) return [];
  const detail = `${addresses.join(', ')} can only be managed by root. Connect as root, or set become = "sudo" in provider "ssh".`;
  return [errorOnHost(host, 'Root is needed', detail)];
}

/** `1.5 GiB`; bytes below 1 KiB as `512 B`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 || Number.isInteger(amount) ? amount : amount.toFixed(1)} ${units[unit] ?? 'B'}`;
}
