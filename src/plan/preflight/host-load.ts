import type { HostObservation, ProbeRequest } from '../../host/observation.ts';
import type { InstanceState } from '../../state/model.ts';
import type { DesiredInstance } from '../plan.ts';

/** One host with everything that shall run on it. */
export interface HostLoad {
  readonly host: string;
  readonly observation: HostObservation;
  /** What is there already, and what is in scope. */
  readonly desired: readonly DesiredInstance[];
  /** What state says is installed there. */
  readonly prior: readonly InstanceState[];
  readonly inScope: (component: string) => boolean;
  /** Whether an instance is new or changed: one that stays as it is needs nothing more of its host. */
  readonly changes: (address: string) => boolean;
}

/** What preflight must ask a host beyond its resources: the ports that instances will listen on, and what they require. */
export function preflightRequests(desired: readonly DesiredInstance[]): readonly ProbeRequest[] {
  return desired.flatMap(({ declaration, requires }): readonly ProbeRequest[] => [
    ...[...declaration.endpoints.map((endpoint) => endpoint.port), ...requires.ports].map(
      (port) => ({ probe: 'port', port }) as const,
    ),
    ...requires.resolves.map((name) => ({ probe: 'resolve', name }) as const),
    ...requires.reaches.map((place) => ({ probe: 'reach', ...place }) as const),
    ...requires.sysctl.map(({ name }) => ({ probe: 'sysctl', name }) as const),
    ...(requires.limits.length > 0 ? [{ probe: 'limits' } as const] : []),
    ...(requires.kernel.parameters.length > 0 ? [{ probe: 'kernel-command-line' } as const] : []),
  ]);
}

export function newInstances({ prior }: HostLoad): (address: string) => boolean {
  const known = new Set(prior.map((instance) => instance.address));
  return (address) => !known.has(address);
}
