import { throwOnErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Facts } from '../host/facts.ts';
import type { HostLayout } from '../host/layout.ts';
import type { DesiredInstance } from '../plan/plan.ts';
import type { SourceReader } from '../resources/content.ts';
import type { ArchiveFetches } from './archive-fetches.ts';
import { decodeInstance } from '../resources/decode.ts';
import type { ClusterEvaluation } from '../spec/cluster.ts';
import { factsValue } from '../spec/facts.ts';

/** The instances of a spec, evaluated once without facts, and once more where facts are needed and known. */
export interface DesiredInstances {
  /** As far as is known: instances that wait for facts are left out. */
  readonly known: () => ReadonlyMap<string, DesiredInstance>;
  readonly ofHost: (host: string, facts: Facts | null) => readonly DesiredInstance[];
  /** Addresses of instances that still wait for facts, with the facts they miss. */
  readonly waiting: () => ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: () => readonly Diagnostic[];
}

export function desiredInstances(
  evaluation: ClusterEvaluation,
  layoutOf: (host: string) => HostLayout,
  hmac: (text: string) => string,
  fetched: ArchiveFetches['blobOf'],
  readSource: SourceReader,
): DesiredInstances {
  const known = new Map<string, DesiredInstance>();
  const waiting = new Map<string, readonly string[]>();
  const problems = new Map<string, readonly Diagnostic[]>();
  const byHost = new Map<string, string[]>();

  const evaluate = (address: string, facts: Facts | null): void => {
    const { instance, diagnostics } = evaluation.evaluateInstance(
      address,
      facts === null ? null : factsValue(facts),
    );
    problems.set(address, diagnostics);
    if (instance.unknowns.length > 0 || instance.dir === null) {
      waiting.set(address, instance.unknowns);
      return;
    }
    waiting.delete(address);
    if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return;
    const component = evaluation.cluster.components.get(instance.component);
    if (component === undefined) throw new Error(`instance ${address} of an undeclared component`);
    const decoded = decodeInstance(instance, { layout: layoutOf(instance.host), hmac, readSource, fetched });
    problems.set(address, [...diagnostics, ...decoded.diagnostics]);
    known.set(address, {
      declaration: instance,
      dir: instance.dir,
      definitionDigest: component.definitionDigest,
      resources: decoded.resources,
      ignoreChanges: component.ignoreChanges,
      requires: component.requires,
    });
  };
  for (const address of evaluation.instances) {
    evaluate(address, null);
    const host = address.slice(address.indexOf('@') + 1);
    const list = byHost.get(host);
    if (list === undefined) byHost.set(host, [address]);
    else list.push(address);
  }
  throwOnErrors([...problems.values()].flat());

  return {
    known: () => known,
    ofHost(host, facts) {
      const addresses = byHost.get(host) ?? [];
      if (facts !== null) for (const address of addresses) if (waiting.has(address)) evaluate(address, facts);
      return addresses.flatMap((address) => known.get(address) ?? []);
    },
    waiting: () => waiting,
    diagnostics: () => [...problems.values()].flat(),
  };
}
