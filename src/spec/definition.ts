import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorAt, hasErrors } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { declareValue } from './declaration.ts';
import type { ValueDeclaration } from './declaration.ts';
import { checkDefinition } from './definition-check.ts';
import { readTree, treeDigest } from './definition-tree.ts';
import type { DefinitionFile } from './definition-tree.ts';
import { fileEnvironment } from './eval/environment.ts';
import type { FileDigests } from './file-digests.ts';
import type { HclParser } from './hcl/parse.ts';
import { RESOURCE_KINDS } from './model.ts';
import type { CheckDeclaration, EndpointDeclaration, LogDeclaration } from './model.ts';
import { compileCheck, compileEndpoint, compileLog } from './parts-program.ts';
import type { PartProgram } from './parts-program.ts';
import { compileResource } from './resource-program.ts';
import type { ResourceProgram } from './resource-program.ts';
import { bindBlock, innerBlock } from './schema/bind.ts';
import type { BoundBlock } from './schema/bind.ts';
import { decodeBodies } from './schema/decode.ts';
import { DEFINITION_SCHEMA } from './schema/definition-file.ts';
import { readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { definitionFiles } from './template.ts';

/** `components/NAME/`: its blocks, compiled once for all its instances, and its tree. */
export interface Definition {
  /** Absolute. */
  readonly directory: string;
  /** SHA-256 over the sorted tree of files (path and content), hidden ones left out. */
  readonly digest: string;
  readonly files: readonly DefinitionFile[];
  /** False when one of its files has syntax errors: names that are missing may stand there. */
  readonly complete: boolean;
  /** False when it has errors; its instances are then not evaluated. */
  readonly valid: boolean;
  readonly description: string;
  readonly inputs: ReadonlyMap<string, ValueDeclaration>;
  readonly requires: BoundBlock | null;
  /** `instances { min, max }` */
  readonly counts: BoundBlock | null;
  /** In the order written. */
  readonly resources: readonly ResourceProgram[];
  /** `file.config` of every resource. */
  readonly addresses: ReadonlySet<string>;
  readonly checks: readonly PartProgram<CheckDeclaration>[];
  readonly endpoints: ReadonlyMap<string, PartProgram<EndpointDeclaration>>;
  readonly logs: readonly PartProgram<LogDeclaration>[];
}

/** Names of the `*.hcl` files of a directory, `component.hcl` first; undefined when it is no directory. */
export async function definitionFileNames(directory: string): Promise<string[] | undefined> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const names = (await readdir(directory)).filter((n) => n.endsWith('.hcl') && !n.startsWith('.')).sort();
  return names.sort((a, b) => Number(b === 'component.hcl') - Number(a === 'component.hcl'));
}

/**
 * Loads a definition. `prefix` is its directory as messages call it, with a slash at its end.
 * Rejects only when a file that is there cannot be read.
 */
export async function loadDefinition(
  directory: string,
  prefix: string,
  parser: HclParser,
  digests: FileDigests,
): Promise<{ definition: Definition; diagnostics: Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  const tree = await readTree(directory, digests);
  const names = (await definitionFileNames(directory)) ?? [];
  const bodies = [];
  for (const name of names) {
    const parsed = parser.parseFile(await readFile(join(directory, name)), prefix + name);
    parsed.diagnostics.forEach(report);
    // Of a file with syntax errors only these are told: what is missing in it would be said falsely.
    if (!hasErrors(parsed.diagnostics)) bodies.push(parsed.body);
  }
  const complete = bodies.length === names.length;
  const environment = fileEnvironment({ baseDir: directory, confined: true, parser });
  const blocks = decodeBodies(bodies, DEFINITION_SCHEMA, report).map((b) =>
    bindBlock(b, environment, report),
  );
  const files = definitionFiles({ directory, prefix, tree, parser, environment });
  const ofType = (type: string) => blocks.filter((b) => b.schema.type === type);
  const constants: Findings = { report, unknown: () => {} };
  const header = ofType('definition')[0];
  const inputs = new Map(ofType('input').map((b) => [b.label, declareValue(b, report)]));
  const resources = blocks.filter((b) => (RESOURCE_KINDS as readonly string[]).includes(b.schema.type));
  const addresses = new Set(resources.map((b) => `${b.schema.type}.${b.label}`));
  if (complete) checkDefinition({ blocks, inputs: inputs.keys(), addresses, files }, report);

  const description = header ? readAttribute(header, 'description', {}, constants) : '';
  const definition = {
    directory,
    digest: treeDigest(tree),
    files: tree,
    complete,
    description: typeof description === 'string' ? description : '',
    inputs,
    requires: (header && innerBlock(header, 'requires')) ?? null,
    counts: (header && innerBlock(header, 'instances')) ?? null,
    resources: resources.map((b) => compileResource(b, files, addresses, constants)),
    addresses,
    checks: ofType('check').map((b) => compileCheck(b, constants)),
    endpoints: new Map(ofType('endpoint').map((b) => [b.label, compileEndpoint(b, constants)])),
    logs: ofType('log').map((b) => compileLog(b, constants)),
  };
  return { definition: { ...definition, valid: !hasErrors(diagnostics) }, diagnostics };
}

/** An error for a definition that is not there. */
export function missingDefinition(source: string, at: SourceRange, detail: string): Diagnostic {
  return errorAt(at, 'No such definition', `There is no definition in "${source}". ${detail}`.trim());
}
