import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { runError } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/nearest.ts';

/**
 * What a command is about: an instance (`nats@10.0.0.1`), a component (`nats`), a host (`@10.0.0.1` or `@edge`).
 * The same selectors serve every command.
 */
export type Selector =
  | { readonly selects: 'instance'; readonly component: string; readonly host: string }
  | { readonly selects: 'component'; readonly component: string }
  | { readonly selects: 'host'; readonly host: string };

/**
 * What may be selected: the components, instances (by address) and hosts of spec and state together. `hostNames` maps a name to
 * its address.
 */
export interface Selectable {
  readonly components: ReadonlySet<string>;
  readonly instances: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly hostNames: ReadonlyMap<string, string>;
}

/** Reads selectors as typed; unknown components, instances and hosts are reported with the nearest name. */
export function parseSelectors(
  texts: readonly string[],
  selectable: Selectable,
): { readonly selectors: readonly Selector[]; readonly diagnostics: readonly Diagnostic[] } {
  const selectors: Selector[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const at = text.indexOf('@');
    const component = at < 0 ? text : text.slice(0, at);
    const hostText = at < 0 ? null : text.slice(at + 1);
    if (component !== '' && !selectable.components.has(component)) {
      diagnostics.push(
        unknownName(`No component is called "${component}"`, component, selectable.components),
      );
      continue;
    }
    if (hostText === null) {
      selectors.push({ selects: 'component', component });
      continue;
    }
    const host = selectable.hostNames.get(hostText) ?? hostText;
    if (!selectable.hosts.has(host)) {
      const known = new Set([...selectable.hosts, ...selectable.hostNames.keys()]);
      diagnostics.push(unknownName(`No host is called "${hostText}"`, hostText, known));
      continue;
    }
    if (component === '') {
      selectors.push({ selects: 'host', host });
      continue;
    }
    const address = `${component}@${host}`;
    if (selectable.instances.has(address)) selectors.push({ selects: 'instance', component, host });
    else diagnostics.push(unknownName(`No instance is called "${text}"`, address, selectable.instances));
  }
  return { selectors, diagnostics };
}

function unknownName(summary: string, name: string, known: ReadonlySet<string>): Diagnostic {
  const near = nearest(name, [...known]);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return runError(summary, `Neither the spec nor the state knows it.${hint}`);
}

/** Which instances a plan looks at. */
export interface Scope {
  readonly targets: readonly Selector[];
  readonly excludes: readonly Selector[];
  readonly replace: readonly Selector[];
}

export function selects(selector: Selector, component: string, host: string): boolean {
  switch (selector.selects) {
    case 'instance':
      return selector.component === component && selector.host === host;
    case 'component':
      return selector.component === component;
    case 'host':
      return selector.host === host;
  }
}

/**
 * Says for an instance whether it is in scope. Targets draw in what they need: the dependencies of a targeted component
 * or instance when applying, the dependants of a targeted component when destroying. A host draws in nothing else.
 */
export function scopeFilter(
  scope: Scope,
  mode: 'apply' | 'destroy',
  dependsOn: ReadonlyMap<string, readonly string[]>,
): (component: string, host: string) => boolean {
  const neighbours = mode === 'apply' ? dependsOn : reversed(dependsOn);
  const drawnIn = new Set<string>();
  const visit = (component: string): void => {
    for (const next of neighbours.get(component) ?? []) {
      if (drawnIn.has(next)) continue;
      drawnIn.add(next);
      visit(next);
    }
  };
  for (const target of scope.targets) {
    if (target.selects === 'component' || (target.selects === 'instance' && mode === 'apply'))
      visit(target.component);
  }
  return (component, host) => {
    if (scope.excludes.some((selector) => selects(selector, component, host))) return false;
    if (scope.targets.length === 0) return true;
    return drawnIn.has(component) || scope.targets.some((selector) => selects(selector, component, host));
  };
}

function reversed(edges: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const [from, tos] of edges) {
    for (const to of tos) {
      const list = result.get(to);
      if (list === undefined) result.set(to, [from]);
      else list.push(from);
    }
  }
  return result;
}
