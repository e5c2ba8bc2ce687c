import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import type { State } from '../../state/model.ts';
import { hostAt, selectInstances } from '../state-commands.ts';

/**
 * The hosts on which selectors name something, each once, by address; all hosts of the state without any. Throws
 * `DiagnosticsError` for unknown names, and when there is none.
 */
export function selectHosts(state: State, selectors: readonly string[]): readonly string[] {
  const hosts = new Set(selectInstances(state, selectors).map(({ host }) => host));
  if (selectors.length === 0) for (const host of state.hosts.keys()) hosts.add(host);
  for (const selector of selectors) if (selector.startsWith('@')) hosts.add(hostAt(state, selector));
  if (hosts.size === 0) {
    const what = selectors.length === 0 ? 'The state knows no host' : 'Nothing is selected';
    const detail =
      selectors.length === 0 ? 'Nothing was applied yet.' : `Nothing is placed as ${selectors.join(', ')}.`;
    throw new DiagnosticsError([runError(what, detail)]);
  }
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...hosts].sort(compare);
}

/** The one host that is meant: by its address, its name, or by what runs there. Throws `DiagnosticsError` when it is none, or several. */
export function selectHost(
  state: State,
  text: string,
): { readonly host: string; readonly dir: string | null } {
  const isHost =
    state.hosts.has(text) ||
    [...state.hosts.values()].some(({ name }) => name === text) ||
    text.startsWith('@');
  const isComponent = [...state.instances.values()].some(({ component }) => component === text);
  if (isHost || !(text.includes('@') || isComponent)) return { host: hostAt(state, text), dir: null };
  const instances = selectInstances(state, [text]);
  const [only] = instances;
  if (only === undefined || instances.length > 1) {
    const places = instances.map(({ address }) => address).join(', ');
    throw new DiagnosticsError([
      runError(
        `"${text}" is not one host`,
        places === '' ? 'It is placed nowhere.' : `Name one of ${places}.`,
      ),
    ]);
  }
  return { host: only.host, dir: only.dir };
}
