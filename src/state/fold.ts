import { unreachable } from '../diagnostics/unreachable.ts';
import type { ComponentState, HostState, InstanceState, State } from './model.ts';
import type { JournalEntry } from './store.ts';

/** A state before anything was applied. */
export function emptyState(lineage: string): State {
  return {
    lineage,
    serial: 0,
    cluster: null,
    specVersion: null,
    hosts: new Map(),
    components: new Map(),
    instances: new Map(),
    outputs: new Map(),
  };
}

/** The state after what a journal tells, and the instances with an intent but no outcome. The serial stays. */
export function foldJournal(
  state: State,
  entries: Iterable<JournalEntry>,
): { readonly state: State; readonly unfinished: readonly string[] } {
  const hosts = new Map<string, HostState>(state.hosts);
  const components = new Map<string, ComponentState>(state.components);
  const instances = new Map<string, InstanceState>(state.instances);
  const unfinished = new Set<string>();
  let outputs = state.outputs;
  for (const entry of entries) {
    switch (entry.type) {
      case 'intent':
        instances.set(entry.instance.address, entry.instance);
        unfinished.add(entry.instance.address);
        break;
      case 'outcome':
        instances.set(entry.instance.address, entry.instance);
        unfinished.delete(entry.instance.address);
        break;
      case 'removed':
        instances.delete(entry.address);
        unfinished.delete(entry.address);
        break;
      case 'renamed':
        instances.delete(entry.from);
        instances.set(entry.instance.address, entry.instance);
        break;
      case 'host':
        if (entry.host === null) hosts.delete(entry.address);
        else hosts.set(entry.address, entry.host);
        break;
      case 'component':
        if (entry.component === null) components.delete(entry.name);
        else components.set(entry.name, entry.component);
        break;
      case 'outputs':
        outputs = entry.outputs;
        break;
      default:
        unreachable(entry);
    }
  }
  return { state: { ...state, hosts, components, instances, outputs }, unfinished: [...unfinished] };
}

/** Drops hosts and components on which nothing is installed any more. */
export function pruneState(state: State): State {
  const usedHosts = new Set<string>();
  const usedComponents = new Set<string>();
  for (const instance of state.instances.values()) {
    usedHosts.add(instance.host);
    usedComponents.add(instance.component);
  }
  return {
    ...state,
    hosts: new Map([...state.hosts].filter(([address]) => usedHosts.has(address))),
    components: new Map([...state.components].filter(([name]) => usedComponents.has(name))),
  };
}
