import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorAt, errorOnHost } from '../diagnostics/diagnostic.ts';
import type { HostLayout } from '../host/layout.ts';
import type { Claim, DesiredResource, KindContext } from '../resources/resource.ts';
import { kindOf } from '../resources/kinds.ts';
import type { InstanceState } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';
import { placeOf } from './places.ts';

interface Holder {
  readonly instance: string;
  readonly resource: DesiredResource;
  readonly claim: Claim;
}

interface PortHolder {
  readonly instance: string;
  readonly endpoint: string;
  readonly bind: string;
}

/** What is held on one machine: by place, and by port. */
interface Machine {
  readonly holders: Map<string, Holder>;
  readonly ports: Map<number, PortHolder[]>;
}

/**
 * Finds two instances that want one thing of one machine: the same file, unit or port, or a shared thing with unequal
 * attributes. Under `local` all addresses are one machine, but units are claimed per address.
 */
export function findClaimConflicts(
  desired: Iterable<DesiredInstance>,
  layouts: ReadonlyMap<string, HostLayout>,
  contextOf: (host: string, instance: string) => KindContext,
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const machines = new Map<string, Machine>();
  const machineOf = (name: string): Machine => {
    const known = machines.get(name) ?? { holders: new Map(), ports: new Map() };
    machines.set(name, known);
    return known;
  };
  for (const { declaration, resources } of desired) {
    const { host, address } = declaration;
    const confined = layouts.get(host)?.confined ?? false;
    const machine = machineOf(confined ? 'this machine' : host);
    const units = confined ? machineOf(host) : machine;
    for (const resource of resources) {
      for (const claim of kindOf(resource).claims(resource)) {
        const { holders } = resource.kind === 'service' ? units : machine;
        const place = 'path' in resource ? resource.path : claim.key;
        const held = holders.get(place);
        if (held === undefined) holders.set(place, { instance: address, resource, claim });
        else if (held.resource !== resource) {
          const conflict = describeConflict(
            held,
            { instance: address, resource, claim },
            contextOf(host, address),
          );
          if (conflict !== null) diagnostics.push(conflict);
        }
      }
    }
    for (const { name, port, bind } of declaration.endpoints) {
      const known = machine.ports.get(port) ?? [];
      const other = known.find((holder) => holder.instance !== address && bindsCollide(holder.bind, bind));
      if (other !== undefined) {
        const detail = `Endpoint "${name}" of ${address} and endpoint "${other.endpoint}" of ${other.instance} listen on the same port. Give one of them another port or another host.`;
        diagnostics.push(errorOnHost(host, `Port ${port} is claimed twice on ${host}`, detail));
      }
      known.push({ bind, instance: address, endpoint: name });
      machine.ports.set(port, known);
    }
  }
  return diagnostics;
}

function describeConflict(a: Holder, b: Holder, context: KindContext): Diagnostic | null {
  const who =
    a.instance === b.instance
      ? `${a.resource.address} and ${b.resource.address} of ${a.instance}`
      : `${a.resource.address} of ${a.instance} and ${b.resource.address} of ${b.instance}`;
  const { key } = b.claim;
  if (a.claim.exclusive || b.claim.exclusive || a.claim.key !== key) {
    const detail = `Both ${who} manage it on one machine. Only one instance may: change one of them, or place them on different hosts.`;
    return errorAt(b.resource.range, `${key} is claimed twice`, detail);
  }
  const [one, other] = [a, b].map(({ resource }) => kindOf(resource).attributes(resource, context));
  const names = Object.keys({ ...one, ...other });
  const differing = names.filter((name) => (one?.[name] ?? null) !== (other?.[name] ?? null));
  if (differing.length === 0) return null;
  const detail = `Both ${who} manage it on one machine, but differ in ${differing.join(', ')}. What instances share must be equal.`;
  return errorAt(b.resource.range, `${key} is wanted in two ways`, detail);
}

/**
 * Finds what an instance in scope wants and another one still holds that gives it up by the spec, but is left out of this plan by
 * `--target` or `--exclude`.
 */
export function findHeldClaims(
  desired: Iterable<DesiredInstance>,
  prior: Iterable<InstanceState>,
  inScope: (component: string, host: string) => boolean,
): readonly Diagnostic[] {
  const held = new Map<string, { key: string; address: string }>();
  const ports = new Map<string, { bind: string; instance: string }[]>();
  for (const { address, component, host, resources, endpoints } of prior) {
    if (inScope(component, host)) continue;
    for (const { key } of resources) held.set(`${host} ${placeOf(key)}`, { key, address });
    for (const { port, bind } of endpoints) {
      const slot = `${host} ${port}`;
      ports.set(slot, [...(ports.get(slot) ?? []), { bind, instance: address }]);
    }
  }
  if (held.size === 0 && ports.size === 0) return [];
  const diagnostics: Diagnostic[] = [];
  const report = (what: string, wanting: string, holder: string, host: string): void => {
    const detail = `${wanting} takes it over from ${holder}, which this plan leaves out. Plan both together.`;
    diagnostics.push(errorOnHost(host, `${what} is still held by ${holder}`, detail));
  };
  for (const { declaration, resources } of desired) {
    const { address, component, host } = declaration;
    if (!inScope(component, host)) continue;
    for (const resource of resources) {
      for (const claim of kindOf(resource).claims(resource)) {
        const holder = held.get(`${host} ${placeOf(claim.key)}`);
        if (holder === undefined || holder.address === address) continue;
        if (claim.exclusive || holder.key !== claim.key) report(claim.key, address, holder.address, host);
      }
    }
    for (const { port, bind } of declaration.endpoints) {
      const holder = ports.get(`${host} ${port}`)?.find((other) => bindsCollide(other.bind, bind));
      if (holder !== undefined && holder.instance !== address)
        report(`Port ${port}`, address, holder.instance, host);
    }
  }
  return diagnostics;
}

/** `0.0.0.0` and `::` listen everywhere. */
export function bindsCollide(a: string, b: string): boolean {
  return a === b || isWildcard(a) || isWildcard(b);
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '*';
}
