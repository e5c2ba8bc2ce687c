import type { DependencyGraph, GraphComponent } from '../app/dependency-graph.ts';
import { count } from '../terminal/amounts.ts';
import { VARIABLE_OPTIONS, type Command } from './command.ts';
import { variableArguments } from './plan-request.ts';
import { positionals } from './positionals.ts';

export const graph: Command = {
  name: 'graph',
  summary: 'print components and their dependencies as DOT',
  usage: '[options]',
  options: VARIABLE_OPTIONS,
  details:
    'An arrow leads from a component to what it depends on. As a picture: slipway graph | dot -Tsvg > graph.svg',
  async run(context) {
    const { args, directory, terminal } = context;
    positionals(args, graph, { max: 0 });
    const [{ dependencyGraph }, ports] = await Promise.all([
      import('../app/dependency-graph.ts'),
      context.offline(),
    ]);
    terminal.stdout.write(dot(await dependencyGraph(directory, variableArguments(args), ports)));
    return 0;
  },
};

function dot({ cluster, components }: DependencyGraph): string {
  const lines = [
    `digraph ${quoted(cluster ?? 'slipway')} {`,
    '  rankdir = "LR"',
    '  node [shape = "box"]',
    ...components.map((component) => `  ${quoted(component.name)} [label = ${quoted(labelOf(component))}]`),
    ...components.flatMap(({ name, dependsOn }) =>
      dependsOn.map((needed) => `  ${quoted(name)} -> ${quoted(needed)}`),
    ),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function labelOf({ name, instances }: GraphComponent): string {
  return instances === null ? name : `${name}\n${count(instances, 'instance')}`;
}

/** Only quotes, backslashes and line ends mean anything in a quoted DOT string. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
