import { factsShape } from './facts.ts';
import { nested, shape } from './schema/references.ts';
import type { Shape } from './schema/references.ts';
import type { Value, ValueObject } from './value.ts';

/** What the expressions and templates of a definition can read. */
export interface DefinitionScope {
  readonly [root: string]: Value | undefined;
  readonly input: ValueObject;
  readonly host: ValueObject;
  readonly instance: ValueObject;
  readonly cluster: ValueObject;
}

const SPEC_ROOTS = ['var', 'local', 'component'];

/** The names of that scope. `each` is there only where `for_each` is. */
export function definitionShape(inputs: Iterable<string>, options: { readonly each: boolean }): Shape {
  const roots: [string, Shape][] = [
    ['input', shape('input', inputs)],
    ['cluster', shape('attribute of cluster', ['name', 'version'])],
    ['host', hostShape()],
    ['instance', shape('attribute of instance', ['index', 'count', 'peers', 'dir'])],
  ];
  if (options.each) roots.push(['each', shape('attribute of each', ['key', 'value'])]);
  return nested('name', roots, (name) => {
    if (name === 'each') return '"each" is known only in a resource with for_each.';
    if (SPEC_ROOTS.includes(name)) return `"${name}" belongs to the spec: a definition reads "input".`;
    return undefined;
  });
}

/** What is known before instances are: for `requires`, `instances` and validations of inputs. */
export function inputsShape(inputs: Iterable<string>): Shape {
  return nested(
    'name',
    [
      ['input', shape('input', inputs)],
      ['cluster', shape('attribute of cluster', ['name', 'version'])],
    ],
    (name) =>
      ['host', 'instance', 'each'].includes(name)
        ? `"${name}" is not known here: the expression holds for all instances.`
        : undefined,
  );
}

function hostShape(): Shape {
  return nested('attribute of host', [
    ['address', null],
    ['name', null],
    ['labels', null],
    ['facts', factsShape()],
  ]);
}
