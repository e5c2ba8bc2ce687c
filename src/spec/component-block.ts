import { readdir } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { definitionFileNames, loadDefinition, missingDefinition } from './definition.ts';
import type { Definition } from './definition.ts';
import { constantOf } from './definition-check.ts';
import type { HclParser } from './hcl/parse.ts';
import type { FileDigests } from './file-digests.ts';
import { readComponentNames } from './component-reference.ts';
import type { ComponentReference } from './component-reference.ts';
import type { OverrideHosts } from './override.ts';
import type { BoundBlock } from './schema/bind.ts';

/** `component "name" { ... }` with the definition it names. */
export interface ComponentBlock {
  readonly name: string;
  readonly block: BoundBlock;
  /** As written: "./components/nats". */
  readonly source: string;
  readonly dependsOn: readonly ComponentReference[];
  /** Null when it could not be loaded; a diagnostic says why. */
  readonly definition: Definition | null;
  /** Hosts in place of those that the block names; null: it counts. */
  readonly placement: OverrideHosts | null;
  /** `prevent_destroy` in place of what the block comes to; null: it counts. */
  readonly guard: boolean | null;
}

interface Loading {
  /** Absolute working directory. */
  readonly root: string;
  readonly parser: HclParser;
  readonly digests: FileDigests;
  /** Where the definition of this absolute directory is read from. */
  locate(directory: string): string;
  report(diagnostic: Diagnostic): void;
}

/** Loads the definitions of all components, each directory once. */
export async function bindComponents(
  blocks: readonly BoundBlock[],
  loading: Loading,
): Promise<{
  components: ReadonlyMap<string, ComponentBlock>;
  definitions: ReadonlyMap<string, Definition>;
}> {
  const components = new Map<string, ComponentBlock>();
  const definitions = new Map<string, Definition>();
  for (const block of blocks) {
    const source = sourceOf(block, loading.report);
    const definition =
      source === undefined ? undefined : await definitionAt(source.text, source.range, definitions, loading);
    components.set(block.label, {
      name: block.label,
      block,
      source: source?.text ?? '',
      dependsOn: readComponentNames(block.attributes.get('depends_on'), loading.report),
      definition: definition ?? null,
      placement: null,
      guard: null,
    });
  }
  return { components, definitions };
}

/** Definitions are loaded before anything is evaluated. */
function sourceOf(
  block: BoundBlock,
  report: (diagnostic: Diagnostic) => void,
): { text: string; range: SourceRange } | undefined {
  const attribute = block.attributes.get('source');
  if (!attribute) return undefined;
  const { range } = attribute.source.expression;
  const text = constantOf(attribute);
  if (typeof text === 'string' && text !== '') return { text, range };
  report(errorAt(range, 'Source is not constant', 'The path of a definition is written as plain text.'));
  return undefined;
}

async function definitionAt(
  source: string,
  range: SourceRange,
  definitions: Map<string, Definition>,
  { root, parser, digests, locate, report }: Loading,
): Promise<Definition | undefined> {
  const directory = resolve(root, source);
  const known = definitions.get(directory);
  if (known) return known;
  const place = locate(directory);
  const names = await definitionFileNames(place);
  if (!names || names.length === 0) {
    const problem = names
      ? 'The directory holds no *.hcl file; a definition has a component.hcl.'
      : await nearbyDefinitions(source, place);
    report(missingDefinition(source, range, problem));
    return undefined;
  }
  const prefix = `${relative(root, directory).split(sep).join('/')}/`;
  const { definition, diagnostics } = await loadDefinition(place, prefix, parser, digests);
  diagnostics.forEach(report);
  definitions.set(directory, definition);
  return definition;
}

/** What lies beside a directory that is not there. */
async function nearbyDefinitions(source: string, directory: string): Promise<string> {
  const parent = dirname(directory);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return '';
  const names = entries.filter((e) => e.isDirectory() && !e.name.startsWith('.')).map((e) => e.name);
  const name = relative(parent, directory);
  const before = source.slice(0, source.lastIndexOf(name));
  const hint = didYouMean(name, names).replace(/"(.*)"/, (_, found: string) => `"${before}${found}"`);
  return hint.trim();
}
