import { DiagnosticsError, runError, throwOnErrors } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { parseSelectors, selects, type Selectable, type Selector } from '../plan/scope.ts';
import { pruneState } from '../state/fold.ts';
import type { InstanceState, State } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { readStoredState } from './locate-state.ts';
import type { OfflinePorts } from './ports.ts';

/** Who asks for a change of the state, and how long to wait for its lock. */
export interface StateChangeRequest {
  readonly run: string;
  /** `state rm` */
  readonly operation: string;
  readonly lockTimeoutMs: number;
}

/** Instances that selectors name, all of them without any; by component and index. Throws `DiagnosticsError` for unknown names. */
export function selectInstances(state: State, selectors: readonly string[]): readonly InstanceState[] {
  return selectedInstances(state, readSelectors(state, selectors));
}

/** Selectors as typed. Throws `DiagnosticsError` for names that the state does not know. */
export function readSelectors(state: State, selectors: readonly string[]): readonly Selector[] {
  const parsed = parseSelectors(selectors, selectableOf(state));
  throwOnErrors(parsed.diagnostics);
  return parsed.selectors;
}

/** Instances that selectors name now, all of them without any; by component and index. */
export function selectedInstances(state: State, selectors: readonly Selector[]): readonly InstanceState[] {
  return [...state.instances.values()]
    .filter(
      ({ component, host }) => selectors.length === 0 || selectors.some((s) => selects(s, component, host)),
    )
    .sort((a, b) => compareText(a.component, b.component) || a.index - b.index);
}

/** One instance by its address. Throws `DiagnosticsError` with the nearest address. */
export function instanceAt(state: State, address: string): InstanceState {
  const at = address.indexOf('@');
  const name = address.slice(at + 1);
  const [host] = [...state.hosts].find(([, known]) => known.name === name) ?? [name];
  const instance = at < 0 ? undefined : state.instances.get(`${address.slice(0, at)}@${host}`);
  if (instance !== undefined) return instance;
  const hint = didYouMean(address, state.instances.keys());
  throw new DiagnosticsError([
    runError(
      `No instance "${address}"`,
      `The state does not know it.${hint} \`slipway state list\` shows all.`,
    ),
  ]);
}

/** The address of a host of the state, by its address or its name. Throws `DiagnosticsError` with the nearest one. */
export function hostAt(state: State, text: string): string {
  const bare = text.replace(/^@/, '');
  if (state.hosts.has(bare)) return bare;
  for (const [address, host] of state.hosts) if (host.name === bare) return address;
  const known = [...state.hosts].flatMap(([address, { name }]) =>
    name === null ? [address] : [address, name],
  );
  throw new DiagnosticsError([
    runError(`No host is called "${bare}"`, `The state does not know it.${didYouMean(bare, known)}`),
  ]);
}

/** Forgets instances: nothing changes on their hosts. Resolves to their addresses. */
export function forgetInstances(
  store: Store,
  selectors: readonly string[],
  request: StateChangeRequest,
  ports: OfflinePorts,
): Promise<readonly string[]> {
  return changeState(store, request, ports, (state) => {
    const addresses = selectInstances(state, selectors).map((instance) => instance.address);
    if (addresses.length === 0) {
      throw new DiagnosticsError([
        runError('Nothing is selected', `No instance matches ${selectors.join(', ')}. Nothing was changed.`),
      ]);
    }
    return { next: without(state, new Set(addresses)), result: addresses };
  });
}

/** Forgets a host that is no more, with all its instances. Resolves to their addresses. */
export function forgetHost(
  store: Store,
  host: string,
  request: StateChangeRequest,
  ports: OfflinePorts,
): Promise<readonly string[]> {
  return changeState(store, request, ports, (state) => {
    const address = hostAt(state, host);
    const gone = [...state.instances.values()].filter((i) => i.host === address).map((i) => i.address);
    const rest = without(state, new Set(gone));
    const hosts = new Map([...rest.hosts].filter(([known]) => known !== address));
    return { next: { ...rest, hosts }, result: gone };
  });
}

/** Gives the cluster of the state another name, after the spec gave it one. Resolves to the old one. */
export function renameCluster(
  store: Store,
  name: string,
  request: StateChangeRequest,
  ports: OfflinePorts,
): Promise<string | null> {
  return changeState(store, request, ports, (state) => ({
    next: { ...state, cluster: name },
    result: state.cluster,
  }));
}

/** Reads, changes and writes the state under its lock; its serial is raised, and the previous one is kept as backup. */
async function changeState<T>(
  store: Store,
  { run, operation, lockTimeoutMs }: StateChangeRequest,
  ports: OfflinePorts,
  change: (state: State) => { readonly next: State; readonly result: T },
): Promise<T> {
  const lock = await store.lock({ run, operation, owner: ports.owner }, { timeoutMs: lockTimeoutMs });
  try {
    const { state } = await readStoredState(store);
    const { next, result } = change(state);
    await store.write({ ...next, serial: state.serial + 1 });
    return result;
  } finally {
    await lock.release();
  }
}

function without(state: State, addresses: ReadonlySet<string>): State {
  const instances = new Map([...state.instances].filter(([address]) => !addresses.has(address)));
  return pruneState({ ...state, instances });
}

function selectableOf(state: State): Selectable {
  const hostNames = new Map<string, string>();
  for (const [address, { name }] of state.hosts) if (name !== null) hostNames.set(name, address);
  const instances = [...state.instances.values()];
  return {
    components: new Set([...state.components.keys(), ...instances.map((i) => i.component)]),
    instances: new Set(state.instances.keys()),
    hosts: new Set([...state.hosts.keys(), ...instances.map((i) => i.host)]),
    hostNames,
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
