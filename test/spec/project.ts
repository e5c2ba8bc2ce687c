import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { distinct } from '../../src/diagnostics/distinct.ts';
import { evaluateCluster } from '../../src/spec/cluster.ts';
import type { ClusterEvaluation, InstanceDir } from '../../src/spec/cluster.ts';
import type { FactsValue } from '../../src/spec/facts.ts';
import type { InstanceDeclaration, PriorPlacement } from '../../src/spec/model.ts';
import { resolveVariables } from '../../src/spec/variables.ts';
import type { ResolvedVariables, VariableSources } from '../../src/spec/variables.ts';
import { loadWorkspace } from '../../src/spec/workspace.ts';
import type { Workspace } from '../../src/spec/workspace.ts';
import { testParser } from './language.ts';

const made: string[] = [];
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

/** A working directory with these files. */
export function project(files: Readonly<Record<string, string | Buffer>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-spec-'));
  made.push(directory);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

/** "main.hcl:3:5 Summary: Detail", as a user would see it. */
export function placed({ severity, subject, summary, detail }: Diagnostic): string {
  const range = subject.at === 'source' ? subject.range : undefined;
  const place = range ? `${range.file}:${range.start.line}:${range.start.column} ` : '';
  return `${severity === 'warning' ? 'warning: ' : ''}${place}${summary}: ${detail}`;
}

const parser = testParser();

export interface Evaluated extends ClusterEvaluation {
  readonly workspace: Workspace;
  readonly resolved: ResolvedVariables;
  /** Everything that was said, of all instances as well. */
  readonly said: string[];
  instance(address: string, facts?: FactsValue): InstanceDeclaration;
}

export interface EvaluateOptions {
  readonly sources?: Partial<VariableSources>;
  readonly placements?: Readonly<Record<string, PriorPlacement>>;
  readonly instanceDir?: InstanceDir;
}

/** Loads and evaluates a spec with all its instances. */
export async function evaluateProject(
  files: Readonly<Record<string, string | Buffer>>,
  options: EvaluateOptions = {},
): Promise<Evaluated> {
  const directory = project(files);
  const { workspace, diagnostics } = await loadWorkspace(directory, { parser });
  const resolved = resolveVariables(workspace, {
    environment: {},
    arguments: [],
    directory,
    ...options.sources,
  });
  const evaluation = evaluateCluster(workspace, resolved.values, {
    placements: new Map(Object.entries(options.placements ?? {})),
    instanceDir: options.instanceDir ?? ((component) => `/opt/slipway/${component}`),
    hmac: (text) => createHmac('sha256', 'key').update(text).digest('hex'),
  });
  const instances = evaluation.instances.map((address) => evaluation.evaluateInstance(address, null));
  const said = distinct([
    ...diagnostics,
    ...resolved.diagnostics,
    ...evaluation.diagnostics,
    ...instances.flatMap((i) => i.diagnostics),
  ]).map(placed);
  const instance = (address: string, facts: FactsValue | null = null) =>
    evaluation.evaluateInstance(address, facts).instance;
  return { ...evaluation, workspace, resolved, said, instance };
}

/** What is said of a spec whose one component "app" has this definition. */
export async function saidOfDefinition(
  definition: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { said } = await evaluateProject({
    'main.hcl': 'component "app" {\n  source = "./app"\n  hosts  = ["10.0.0.1"]\n}\n',
    'app/component.hcl': definition,
    ...Object.fromEntries(Object.entries(more).map(([path, text]) => [`app/${path}`, text])),
  });
  return said;
}

/** What is said of a spec that is one file; a definition "app" with an input `port`, an endpoint `http` and a file is there. */
export async function saidOfSpec(text: string, options: EvaluateOptions = {}): Promise<string[]> {
  return (await evaluateProject({ 'main.hcl': text, ...APP }, options)).said;
}

export const APP = {
  'app/component.hcl': [
    'input "port" {',
    '  type    = number',
    '  default = 80',
    '}',
    'file "motd" {',
    '  path    = "motd"',
    '  content = "port ${input.port}"',
    '}',
    'endpoint "http" { port = input.port }',
  ].join('\n'),
};
