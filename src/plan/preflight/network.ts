import { probeKey } from '../../host/observation.ts';
import { wordTcpPlace } from '../../spec/demands.ts';
import { decodeInstance } from '../../state/codec.ts';
import type { InstanceState } from '../../state/model.ts';
import { bindsCollide } from '../claims.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import { newInstances, type HostLoad } from './host-load.ts';

/** A port that an instance of ours on this host held already, or gives up in this plan, counts as free. */
export function checkPorts(load: HostLoad, lineage: string): readonly PreflightFinding[] {
  const { pass, fail } = findingsOn(load.host);
  const ours = [...load.prior, ...recordedInstances(load, lineage)];
  const held = new Set(ours.flatMap((instance) => instance.endpoints.map((endpoint) => endpoint.port)));
  const findings: PreflightFinding[] = [];
  const free = new Set<number>();
  const isNew = newInstances(load);
  for (const { declaration, requires } of load.desired) {
    const { address, endpoints, component } = declaration;
    const needs = endpoints.map(({ name, port, bind }) => ({
      who: `Endpoint "${name}" of ${address}`,
      port,
      bind,
    }));
    for (const port of isNew(address) ? requires.ports : [])
      if (!needs.some((need) => need.port === port)) needs.push({ who: address, port, bind: '*' });
    for (const { who, port, bind } of needs) {
      if (held.has(port)) continue;
      const answer = load.observation.answers.get(probeKey({ probe: 'port', port }));
      if (answer?.probe !== 'port') continue;
      const taken = answer.listeners.find((listener) => bindsCollide(listener.address, bind));
      if (taken === undefined) {
        free.add(port);
        continue;
      }
      const detail = `${who} needs it, but a program that slipway does not manage listens on ${wordTcpPlace({ address: taken.address, port })}.`;
      const remedy = 'Stop that program or choose another port.';
      findings.push(fail('ports', `Port ${port} is in use`, detail, remedy, component));
    }
  }
  if (free.size > 0) {
    const ports = [...free].sort((a, b) => a - b).join(', ');
    findings.push(pass('ports', `${ports} ${free.size === 1 ? 'is' : 'are'} free`));
  }
  return findings;
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

/** Names that the host must resolve, and TCP ports that it must reach. */
export function checkNetwork(load: HostLoad): readonly PreflightFinding[] {
  const { host, observation } = load;
  const { pass, warn, fail } = findingsOn(host);
  const findings: PreflightFinding[] = [];
  for (const { declaration, requires } of load.desired) {
    const { address, component } = declaration;
    if (!load.changes(address)) continue;
    for (const name of requires.resolves) {
      const answer = observation.answers.get(probeKey({ probe: 'resolve', name }));
      if (answer?.probe !== 'resolve') continue;
      if (answer.addresses === null) {
        const detail = `${component} needs the host to resolve ${name}, but it has no getent to ask with.`;
        findings.push(
          warn('resolves', 'Names cannot be asked for', detail, 'Install getent there.', component),
        );
      } else if (answer.addresses.length === 0) {
        const detail = `${component} needs the host to resolve ${name}, which it cannot.`;
        const remedy = 'Set its name servers in /etc/resolv.conf right, or add the name to its /etc/hosts.';
        findings.push(fail('resolves', `${name} is not resolved`, detail, remedy, component));
      } else findings.push(pass('resolves', `${name} is ${answer.addresses.join(', ')}`, component));
    }
    for (const place of requires.reaches) {
      const answer = observation.answers.get(probeKey({ probe: 'reach', ...place }));
      if (answer?.probe !== 'reach') continue;
      const where = wordTcpPlace(place);
      if (answer.reached) findings.push(pass('reaches', `${where} is reached`, component));
      else {
        const detail = `${component} needs it: ${answer.why ?? 'there is no answer'}.`;
        const remedy = 'Start what listens there, or let this host through firewalls and routes.';
        findings.push(fail('reaches', `${where} is not reached`, detail, remedy, component));
      }
    }
  }
  return findings;
}
