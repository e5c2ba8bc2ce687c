import type { HostState, InstanceState, OutputState, State } from '../state/model.ts';
import type { StoredState } from './locate-state.ts';

/** A state as people and other programs see it: by host, JSON-serialisable, versioned. */
export interface StateView {
  readonly format: 1;
  /** Where it is kept. */
  readonly location: string;
  readonly lineage: string;
  readonly serial: number;
  readonly cluster: string | null;
  readonly specVersion: string | null;
  readonly hosts: readonly HostStateView[];
  readonly outputs: Readonly<Record<string, OutputState>>;
  /** A run that did not end in order, with the instances it left in the middle; the next apply looks at them anew. */
  readonly unfinishedRun: { readonly run: string; readonly instances: readonly string[] } | null;
}

export interface HostStateView {
  readonly address: string;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: HostState['provider'] | null;
  /** By component and index. */
  readonly instances: readonly InstanceState[];
}

export function stateView({ state, recovered }: StoredState, location: string): StateView {
  const { lineage, serial, cluster, specVersion } = state;
  return {
    format: 1,
    location,
    lineage,
    serial,
    cluster,
    specVersion,
    hosts: hostViews(state),
    outputs: Object.fromEntries(state.outputs),
    unfinishedRun: recovered === null ? null : { run: recovered.run, instances: recovered.unfinished },
  };
}

function hostViews(state: State): readonly HostStateView[] {
  const byHost = new Map<string, InstanceState[]>([...state.hosts.keys()].map((address) => [address, []]));
  for (const instance of state.instances.values()) {
    const list = byHost.get(instance.host);
    if (list === undefined) byHost.set(instance.host, [instance]);
    else list.push(instance);
  }
  const numeric = new Intl.Collator('en', { numeric: true });
  return [...byHost]
    .sort(([a], [b]) => numeric.compare(a, b))
    .map(([address, instances]) => {
      const host = state.hosts.get(address);
      return {
        address,
        name: host?.name ?? null,
        labels: host?.labels ?? {},
        provider: host?.provider ?? null,
        instances: instances.sort((a, b) => numeric.compare(a.component, b.component) || a.index - b.index),
      };
    });
}
