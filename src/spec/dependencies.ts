import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { orderByNeeds } from '../graph/order.ts';
import type { Needs } from '../graph/order.ts';
import type { Reference } from './eval/compile.ts';
import { referencesOf } from './schema/bind.ts';
import type { BoundBlock } from './schema/bind.ts';
import type { Workspace } from './workspace.ts';

/*
 * What needs what in a spec. The nodes are `local.X`, `host.X`, `component.X` (its inputs, its endpoints and its place in the
 * order) and `component.X.hosts`, which is apart so that peers may know each other's hosts without depending on each other.
 */

/** What evaluation has read, by what it was read for: nodes, and `component.X.endpoints`. */
export type Reads = ReadonlyMap<string, ReadonlySet<string>>;

/** The needs of every node, by reference, by `depends_on` and, where a name is computed (`component[x]`), by what was read. */
export function needsOf(workspace: Workspace, reads: Reads = new Map()): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>();
  const nodesOf = (references: readonly Reference[]) =>
    new Set(references.flatMap((r) => targets(r, workspace)));
  for (const [name, local] of workspace.locals)
    needs.set(`local.${name}`, nodesOf(local.compiled!.references));
  for (const [name, block] of workspace.hosts) needs.set(`host.${name}`, nodesOf(referencesOf(block)));
  for (const [name, { block, dependsOn }] of workspace.components) {
    const hosts = block.attributes.get('hosts')?.compiled?.references ?? [];
    const node = nodesOf(withoutHosts(block));
    node.add(`component.${name}.hosts`);
    for (const other of dependsOn)
      if (workspace.components.has(other.name)) node.add(`component.${other.name}`);
    needs.set(`component.${name}.hosts`, nodesOf(hosts));
    needs.set(`component.${name}`, node);
  }
  for (const [reader, names] of reads) {
    const node = needs.get(nodeOf(reader));
    for (const name of names) node?.add(nodeOf(name));
  }
  return needs;
}

function nodeOf(name: string): string {
  return name.replace(/^(component\.[^.]+)\.endpoints$/, '$1');
}

function withoutHosts(block: BoundBlock): Reference[] {
  const { hosts: _, ...attributes } = Object.fromEntries(block.attributes);
  return referencesOf({ ...block, attributes: new Map(Object.entries(attributes)) });
}

/** The nodes that a reference needs. One that names no single thing (`local[x]`) needs none here: what it reads will tell. */
function targets({ root, path }: Reference, { locals, hosts, components }: Workspace): string[] {
  const [first, second] = path;
  if (typeof first !== 'string') return [];
  if (root === 'local' && locals.has(first)) return [`local.${first}`];
  if (root === 'host' && hosts.has(first)) return [`host.${first}`];
  if (root !== 'component' || !components.has(first)) return [];
  return [second === 'hosts' ? `component.${first}.hosts` : `component.${first}`];
}

/** The first component that a block needs, directly or through locals and hosts. */
export function needsComponent(block: BoundBlock, workspace: Workspace, needs: Needs): string | undefined {
  const seen = new Set(referencesOf(block).flatMap((r) => targets(r, workspace)));
  for (const node of seen) {
    if (node.startsWith('component.')) return node;
    // A set that grows while it is walked is walked to its end.
    for (const next of needs.get(node) ?? []) seen.add(next);
  }
  return undefined;
}

/** Every cycle once, as `[a, b, a]`. */
export function cyclesOf(needs: Needs): string[][] {
  return orderByNeeds(needs).cycles;
}

export function dependencyCycle(workspace: Workspace, cycle: readonly string[]): Diagnostic {
  const path = cycle.join(' -> ');
  return errorAt(
    rangeOf(cycle[0]!, workspace),
    'Cycle',
    `These need each other: ${path}. One of them must do without.`,
  );
}

function rangeOf(node: string, { locals, hosts, components }: Workspace): SourceRange {
  const [kind, name = ''] = node.split('.');
  if (kind === 'local') return locals.get(name)!.source.nameRange;
  return kind === 'host' ? hosts.get(name)!.range : components.get(name)!.block.range;
}

export interface ComponentOrder {
  /** Component names, dependencies before dependants. */
  readonly order: readonly string[];
  /** What each component depends on, directly or through locals and hosts. */
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
}

/** Components in the order in which they are applied. With cycles their members stand at the end. */
export function orderComponents(workspace: Workspace, reads: Reads): ComponentOrder {
  const needs = needsOf(workspace, reads);
  const names = [...workspace.components.keys()].sort();
  const dependsOn = new Map(names.map((name) => [name, componentsNeeded(name, needs)]));
  const { order } = orderByNeeds(dependsOn);
  return { order: [...new Set([...order, ...names])], dependsOn };
}

/** The nearest components on every way from a component. Its peers' hosts are no dependency, but what decides them is. */
function componentsNeeded(name: string, needs: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const queue = [...(needs.get(`component.${name}`) ?? [])];
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i]!;
    if (seen.has(node)) continue;
    seen.add(node);
    const [kind, component, part] = node.split('.');
    if (kind === 'component' && part === undefined) found.add(component!);
    else if (part === undefined || component === name) queue.push(...(needs.get(node) ?? []));
  }
  found.delete(name);
  return [...found].sort();
}
