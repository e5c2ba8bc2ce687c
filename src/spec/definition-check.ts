import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { definitionShape, inputsShape } from './definition-scope.ts';
import type { Reference } from './eval/compile.ts';
import { checkAddresses } from './resource-program.ts';
import { attributesOf, referencesOf } from './schema/bind.ts';
import type { BoundAttribute, BoundBlock } from './schema/bind.ts';
import { checkAttribute, checkReference } from './schema/references.ts';
import type { Shape } from './schema/references.ts';
import type { DefinitionFiles } from './template.ts';
import type { Value } from './value.ts';

/** All that can be said of a definition before it has instances: names that are not there, files, addresses. */
export function checkDefinition(
  parts: {
    readonly blocks: readonly BoundBlock[];
    readonly inputs: Iterable<string>;
    readonly addresses: ReadonlySet<string>;
    readonly files: DefinitionFiles;
  },
  report: (diagnostic: Diagnostic) => void,
): void {
  const inputs = [...parts.inputs];
  const plain = definitionShape(inputs, { each: false });
  const withEach = definitionShape(inputs, { each: true });
  const general = inputsShape(inputs);
  const check = (references: readonly Reference[], roots: Shape) =>
    references.forEach((reference) => checkReference(reference, roots, report));

  for (const block of parts.blocks) {
    const { type } = block.schema;
    if (type === 'definition' || type === 'input') {
      attributesOf(block).forEach((attribute) => checkAttribute(attribute, general, report));
      continue;
    }
    const each = block.attributes.has('for_each') ? withEach : plain;
    for (const [name, attribute] of block.attributes) {
      checkAttribute(attribute, name === 'for_each' ? plain : each, report);
    }
    if (type === 'endpoint') refuseFacts(block, report);
    if (type === 'file' || type === 'archive')
      checkFiles(block, parts.files, (references) => check(references, each), report);
    const restartOn = block.attributes.get('restart_on');
    if (restartOn) {
      const at = restartOn.source.expression.range;
      checkAddresses(constantOf(restartOn) ?? null, parts.addresses, at, report);
    }
  }
}

function refuseFacts(block: BoundBlock, report: (diagnostic: Diagnostic) => void): void {
  for (const { root, path, range } of referencesOf(block)) {
    if (root !== 'host' || path[0] !== 'facts') continue;
    const detail = 'Other components read an endpoint before its host is probed: it cannot depend on facts.';
    report(errorAt(range, 'Endpoint depends on facts', detail));
  }
}

/** Templates and files that are named in plain text are looked at right away. */
function checkFiles(
  block: BoundBlock,
  files: DefinitionFiles,
  check: (references: readonly Reference[]) => void,
  report: (diagnostic: Diagnostic) => void,
): void {
  const template = block.attributes.get('template');
  const name = template && constantOf(template);
  if (template && typeof name === 'string') {
    const parsed = files.template(name, template.source.expression.range, report);
    parsed?.diagnostics.forEach(report);
    check(parsed?.compiled?.references ?? []);
  }
  const source = block.attributes.get('source');
  const path = source && constantOf(source);
  if (source && typeof path === 'string' && !isUrl(path))
    files.locate(path, source.source.expression.range, report);
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** The value of an expression that reads nothing; undefined for all others and for those with an error. */
export function constantOf({ compiled }: BoundAttribute): Value | undefined {
  if (!compiled?.constant || compiled.diagnostics.length > 0) return undefined;
  try {
    return compiled.evaluate({});
  } catch {
    return undefined;
  }
}
