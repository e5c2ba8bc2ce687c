import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import { bindComponents } from './component-block.ts';
import type { ComponentBlock } from './component-block.ts';
import { declareValue } from './declaration.ts';
import type { ValueDeclaration } from './declaration.ts';
import type { Definition } from './definition.ts';
import { fileEnvironment } from './eval/environment.ts';
import type { Environment } from './eval/environment.ts';
import { openFileDigests } from './file-digests.ts';
import type { FileDigests } from './file-digests.ts';
import type { Body } from './hcl/ast.ts';
import { textOf } from './hcl/encoding.ts';
import type { HclParser } from './hcl/parse.ts';
import type { Cluster, Move } from './model.ts';
import { readMoves } from './moves.ts';
import { decodeOverride, overrideHosts } from './override.ts';
import type { Override } from './override.ts';
import { checkOverride, readOverrideFile } from './override-check.ts';
import { bindBlock } from './schema/bind.ts';
import type { BoundAttribute, BoundBlock } from './schema/bind.ts';
import { decodeBodies } from './schema/decode.ts';
import type { DecodedBlock } from './schema/decode.ts';
import { SPEC_SCHEMA } from './schema/spec-file.ts';
import { checkSpec } from './spec-check.ts';
import { readStateSettings } from './state-settings.ts';
import { withoutLine } from './variable-sources.ts';

/** A file of the spec or one that gives values to variables. */
export interface SpecFile {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** `variable "name" { ... }` */
export type VariableDeclaration = ValueDeclaration;

/** Where an older spec is read from, while all else in it means what it means in the working directory. */
export interface WorkspaceSource {
  /** The spec's own files, in place of those in the working directory. */
  readonly files: readonly SpecFile[];
  /** What was laid over it; null: nothing. */
  readonly override: string | null;
  /** Where the tree of a definition lies now, by the absolute directory that the spec names. */
  locate(directory: string): string;
}

/** All that stands in the spec and its definitions, parsed, checked against the schema and compiled; not yet evaluated. */
export interface Workspace {
  /** Absolute. */
  readonly directory: string;
  readonly files: readonly SpecFile[];
  /** `*.auto.vars.json` and `*.auto.vars.hcl`, by name. */
  readonly variableFiles: readonly SpecFile[];
  readonly environment: Environment;
  readonly parser: HclParser;
  readonly variables: ReadonlyMap<string, VariableDeclaration>;
  readonly locals: ReadonlyMap<string, BoundAttribute>;
  readonly cluster: BoundBlock | null;
  readonly run: BoundBlock | null;
  readonly providers: ReadonlyMap<string, BoundBlock>;
  readonly hosts: ReadonlyMap<string, BoundBlock>;
  readonly components: ReadonlyMap<string, ComponentBlock>;
  readonly outputs: ReadonlyMap<string, BoundBlock>;
  /** What is laid over the spec: hosts of components, values of variables. */
  readonly override: Override | null;
  /** Chains are resolved: `a -> b`, `b -> c` give `a -> c` and `b -> c`. */
  readonly moves: readonly Move[];
  /** Where state is kept: known without any variable, so that commands that read state alone need none. */
  readonly state: Cluster['state'];
  /** By absolute directory: one that several components use is loaded once. */
  readonly definitions: ReadonlyMap<string, Definition>;
}

/**
 * Reads every `*.hcl` of a directory (hidden files and `*.vars.hcl` left out) and the definitions that its components name.
 * All that can be said without values is checked here. Rejects only when the directory or a file in it cannot be read.
 * `digests`: what is known of files already; default: nothing. `source`: an older spec of the same directory. `override`: text of the
 * override in place of what is there; null: none.
 */
export async function loadWorkspace(
  directory: string,
  options: {
    readonly parser: HclParser;
    readonly digests?: FileDigests;
    readonly source?: WorkspaceSource;
    readonly override?: string | null;
  },
): Promise<{ workspace: Workspace; diagnostics: Diagnostic[] }> {
  const { parser, digests = openFileDigests(null), source } = options;
  const given = options.override === undefined ? source?.override : options.override;
  const root = resolve(directory);
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);

  const names = (await readdir(root)).filter((name) => !name.startsWith('.')).sort();
  const files = source?.files ?? (await readFiles(root, names.filter(isSpecFile), report));
  const variableFiles = await readFiles(root, names.filter(isVariableFile), (diagnostic) =>
    report(withoutLine(diagnostic)),
  );
  const { bodies, complete } = parseAll(files, parser, report);
  const decoded = decodeBodies(bodies, SPEC_SCHEMA, report);

  const environment = fileEnvironment({ baseDir: root, confined: false, parser });
  const bind = (type: string) =>
    decoded.filter((b) => b.schema.type === type).map((b) => bindBlock(b, environment, report));
  const componentBlocks = bind('component');
  const locate = (place: string): string => source?.locate(place) ?? place;
  const loading = { root, parser, digests, locate, report };
  const { components, definitions } = await bindComponents(componentBlocks, loading);
  const variables = bind('variable');
  const moves = readMoves(ofType(decoded, 'moved'), new Set(components.keys()), report);
  const overrideFile = given === undefined ? await readOverrideFile(root, report) : { text: given, mode: 0 };
  const override =
    overrideFile === null || overrideFile.text === null ? null : decodeOverride(overrideFile.text, report);
  const workspace: Workspace = {
    directory: root,
    files,
    variableFiles,
    environment,
    parser,
    variables: new Map(variables.map((b) => [b.label, declareValue(b, report)])),
    locals: bindLocals(bind('locals'), report),
    cluster: bind('cluster')[0] ?? null,
    run: bind('run')[0] ?? null,
    providers: byLabel(bind('provider')),
    hosts: byLabel(bind('host')),
    components: override === null ? components : placedBy(override, components, moves),
    outputs: byLabel(bind('output')),
    override,
    moves,
    state: readStateSettings(bind('state')[0], report),
    definitions,
  };
  // With a file left out, a name that is missing may well stand in it.
  if (complete) {
    checkSpec(workspace, report);
    checkOverride(workspace, overrideFile?.mode ?? 0, report);
  }
  return { workspace, diagnostics: distinct(diagnostics) };
}

function placedBy(
  override: Override,
  components: ReadonlyMap<string, ComponentBlock>,
  moves: readonly Move[],
): ReadonlyMap<string, ComponentBlock> {
  const nowhere = { hosts: [], range: override.range, ranges: [] };
  return new Map(
    [...components].map(([name, component]) => [
      name,
      { ...component, placement: overrideHosts(override, name, moves) ?? nowhere },
    ]),
  );
}

/** The spec by itself, without what is laid over it. */
export function withoutOverride(workspace: Workspace): Workspace {
  if (workspace.override === null) return workspace;
  const components = [...workspace.components].map(([name, component]): [string, ComponentBlock] => [
    name,
    { ...component, placement: null },
  ]);
  return { ...workspace, components: new Map(components), override: null };
}

/** `*.vars.hcl` holds values, not blocks. */
function isSpecFile(name: string): boolean {
  return name.endsWith('.hcl') && !name.endsWith('.vars.hcl');
}

function isVariableFile(name: string): boolean {
  return name.endsWith('.auto.vars.json') || name.endsWith('.auto.vars.hcl');
}

async function readFiles(
  root: string,
  names: readonly string[],
  report: (diagnostic: Diagnostic) => void,
): Promise<SpecFile[]> {
  const contents = await Promise.all(names.map((path) => readFile(join(root, path))));
  return names.map((path, i) => ({ path, text: textOf(contents[i]!, path, report) }));
}

function parseAll(files: readonly SpecFile[], parser: HclParser, report: (diagnostic: Diagnostic) => void) {
  const bodies: Body[] = [];
  for (const { path, text } of files) {
    const parsed = parser.parseFile(text, path);
    parsed.diagnostics.forEach(report);
    // Of a file with syntax errors only these are told: the tree has holes.
    if (!hasErrors(parsed.diagnostics)) bodies.push(parsed.body);
  }
  return { bodies, complete: bodies.length === files.length };
}

function ofType(blocks: readonly DecodedBlock[], type: string): DecodedBlock[] {
  return blocks.filter((b) => b.schema.type === type);
}

function byLabel(blocks: readonly BoundBlock[]): ReadonlyMap<string, BoundBlock> {
  return new Map(blocks.map((b) => [b.label, b]));
}

function bindLocals(
  blocks: readonly BoundBlock[],
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, BoundAttribute> {
  const locals = new Map<string, BoundAttribute>();
  for (const [name, attribute] of blocks.flatMap((b) => [...b.attributes])) {
    const first = locals.get(name);
    if (first) report(givenTwice(name, attribute, first));
    else locals.set(name, attribute);
  }
  return locals;
}

function givenTwice(name: string, second: BoundAttribute, first: BoundAttribute): Diagnostic {
  const { file, start } = first.source.nameRange;
  return {
    severity: 'error',
    summary: 'Given twice',
    detail: `local.${name} stands already in ${file}:${start.line}.`,
    subject: { at: 'source', range: second.source.nameRange },
  };
}
