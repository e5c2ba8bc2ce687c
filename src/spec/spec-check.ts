import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { cyclesOf, dependencyCycle, needsComponent, needsOf } from './dependencies.ts';
import { attributesOf } from './schema/bind.ts';
import type { BoundBlock } from './schema/bind.ts';
import { checkAttribute, nested, shape } from './schema/references.ts';
import type { Shape } from './schema/references.ts';
import type { Workspace } from './workspace.ts';

const DEFINITION_ROOTS = ['input', 'instance', 'cluster', 'each'];

/** Names that are not there, cycles, components without a definition: all that needs no values. */
export function checkSpec(workspace: Workspace, report: (diagnostic: Diagnostic) => void): void {
  const { variables, locals, components, hosts, outputs, providers, cluster, run } = workspace;
  const roots = specShape(workspace);
  const check = (block: BoundBlock) =>
    attributesOf(block).forEach((attribute) => checkAttribute(attribute, roots, report));

  const onlyVariables = nested('name', [['var', shape('variable', variables.keys())]], (name) =>
    roots.names.has(name) ? 'A validation reads variables only.' : undefined,
  );
  for (const rule of [...variables.values()].flatMap((v) => v.validations)) {
    attributesOf(rule).forEach((attribute) => checkAttribute(attribute, onlyVariables, report));
  }
  for (const local of locals.values()) checkAttribute(local, roots, report);
  for (const block of [cluster, run]) if (block) check(block);
  for (const blocks of [hosts, outputs, providers]) [...blocks.values()].forEach(check);
  for (const { name, block, dependsOn } of components.values()) {
    check(block);
    for (const other of dependsOn) {
      if (components.has(other.name)) continue;
      const hint = didYouMean(other.name, components.keys());
      report(
        errorAt(
          other.range,
          'Unknown component',
          `component "${name}" depends on "${other.name}", which is not there.${hint}`,
        ),
      );
    }
  }
  const early = [
    ...hosts.values(),
    ...providers.values(),
    ...(cluster ? [cluster] : []),
    ...(run ? [run] : []),
  ];
  const needs = needsOf(workspace);
  for (const block of early) {
    const needed = needsComponent(block, workspace, needs);
    if (needed === undefined) continue;
    const detail = `A block "${block.schema.type}" is evaluated before components are, and this one needs ${needed}.`;
    report(errorAt(block.range, 'Depends on a component', detail));
  }
  for (const cycle of cyclesOf(needs)) report(dependencyCycle(workspace, cycle));
}

function specShape({ variables, locals, components, hosts }: Workspace): Shape {
  const hostShape = shape('attribute of host', ['address', 'name', 'labels'], (name) =>
    name === 'facts'
      ? 'Facts are known once a host was probed: read host.facts in the definition.'
      : undefined,
  );
  const componentShapes = [...components].map(([name, { definition }]) => {
    const endpoints = definition?.complete ? shape('endpoint', definition.endpoints.keys()) : null;
    const parts: [string, Shape | null][] = [
      ['hosts', null],
      ['endpoints', endpoints],
    ];
    return [name, nested('attribute of component', parts)] as const;
  });
  return nested(
    'name',
    [
      ['var', shape('variable', variables.keys())],
      ['local', shape('local value', locals.keys())],
      [
        'host',
        nested(
          'host',
          [...hosts.keys()].map((name) => [name, hostShape] as const),
        ),
      ],
      ['component', nested('component', componentShapes)],
    ],
    (name) =>
      DEFINITION_ROOTS.includes(name)
        ? `"${name}" belongs to definitions: the spec reads var, local, host and component.`
        : undefined,
  );
}
