import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { errorAt, errorOnHost } from '../diagnostics/diagnostic.ts';
import type { HostLayout } from '../host/layout.ts';
import type { AttributeMap, DesiredResource, KindContext } from '../resources/resource.ts';
import { compareAttributes } from '../resources/compare.ts';
import { kindOf } from '../resources/kinds.ts';
import type { InstanceState } from '../state/model.ts';
import type { DesiredInstance } from './plan.ts';
import { placeOf } from './places.ts';

interface Holder {
  readonly instance: string;
  readonly resource: DesiredResource;
  readonly key: string;
  readonly exclusive: boolean;
  readonly attributes: AttributeMap | null;
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
  const holders = new Map<string, Holder>();
  const ports = new Map<string, { bind: string; instance: string; endpoint: string }[]>();
  for (const { declaration, resources } of desired) {
    const { host, address } = declaration;
    const confined = layouts.get(host)?.confined ?? false;
    const machine = confined ? 'this machine' : host;
    const context = contextOf(host, address);
    for (const resource of resources) {
      const kind = kindOf(resource);
      for (const claim of kind.claims(resource)) {
        const place = confined && claim.key.startsWith('unit ') ? host : machine;
        const slot = `${place} ${placeOf(claim.key)}`;
        const attributes = claim.exclusive ? null : kind.attributes(resource, context);
        const held = holders.get(slot);
        if (held === undefined) {
          holders.set(slot, { instance: address, resource, ...claim, attributes });
        } else if (held.resource !== resource) {
          const conflict = describeConflict(
            held,
            { instance: address, resource, ...claim, attributes },
            claim.key,
          );
          if (conflict !== null) diagnostics.push(errorAt(resource.range, conflict.summary, conflict.detail));
        }
      }
    }
    for (const endpoint of declaration.endpoints) {
      const slot = `${machine} ${endpoint.port}`;
      const known = ports.get(slot) ?? [];
      const other = known.find((port) => port.instance !== address && bindsCollide(port.bind, endpoint.bind));
      if (other !== undefined) {
        diagnostics.push({
          severity: 'error',
          summary: `Port ${endpoint.port} is claimed twice on ${host}`,
          detail: `Endpoint "${endpoint.name}" of ${address} and endpoint "${other.endpoint}" of ${other.instance} listen on the same port. Give one of them another port or another host.`,
          subject: { at: 'host', host },
        });
      }
      known.push({ bind: endpoint.bind, instance: address, endpoint: endpoint.name });
      ports.set(slot, known);
    }
  }
  return diagnostics;
}

function describeConflict(a: Holder, b: Holder, key: string): { summary: string; detail: string } | null {
  const who =
    a.instance === b.instance
      ? `${a.resource.address} and ${b.resource.address} of ${a.instance}`
      : `${a.resource.address} of ${a.instance} and ${b.resource.address} of ${b.instance}`;
  if (a.exclusive || b.exclusive || a.key !== b.key) {
    return {
      summary: `${key} is claimed twice`,
      detail: `Both ${who} manage it on one machine. Only one instance may: change one of them, or place them on different hosts.`,
    };
  }
  const differing = compareAttributes(a.attributes ?? {}, b.attributes ?? {}).map((change) => change.name);
  if (differing.length === 0) return null;
  return {
    summary: `${key} is wanted in two ways`,
    detail: `Both ${who} manage it on one machine, but differ in ${differing.join(', ')}. What instances share must be equal.`,
  };
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
