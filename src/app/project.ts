import { DiagnosticsError, hasErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { distinct } from '../diagnostics/distinct.ts';
import { openFileDigests, type FileDigests } from '../spec/file-digests.ts';
import { guardedBySpec } from '../spec/guards.ts';
import {
  missingVariables,
  resolveVariables,
  type VariableArgument,
  type VariableSources,
} from '../spec/variables.ts';
import {
  loadWorkspace,
  type VariableDeclaration,
  type Workspace,
  type WorkspaceSource,
} from '../spec/workspace.ts';
import { Sensitive, type Value } from '../spec/value.ts';
import type { Ports } from './ports.ts';
import { projectPaths, type ProjectPaths } from './project-paths.ts';
import { shadowWarnings } from './override/shadowing.ts';
import { checkWorkspace } from './validate.ts';

/** Asks the person at the terminal for a variable; undefined: nobody there. A sensitive one is not echoed. */
export type VariablePrompt = (variable: VariableDeclaration) => Promise<string | undefined>;

export interface LoadedProject {
  readonly paths: ProjectPaths;
  readonly workspace: Workspace;
  readonly variables: ReadonlyMap<string, Value>;
  /** Values given by name, declared or not: a connection that only state knows may need one whose block is gone. */
  readonly undeclared: ReadonlyMap<string, Value>;
  /** One for all that reads files of definitions. */
  readonly digests: FileDigests;
  readonly warnings: readonly Diagnostic[];
}

/** An older spec of the same directory, with the values its variables had. */
export interface ProjectSource extends WorkspaceSource {
  /** A file with values of variables, weaker than what is given on the command line. */
  readonly variableFile: string;
}

/**
 * Reads the spec and gives every variable its value. Throws `DiagnosticsError` with all that is wrong. To `destroy`, what is
 * wrong in the spec is no hindrance: state tells what to remove; variables serve only as secrets of connections. To `look`, nothing
 * is written, not even a cache.
 */
export async function loadProject(
  directory: string,
  variables: readonly VariableArgument[],
  ports: Ports,
  prompt: VariablePrompt | null,
  mode: 'apply' | 'destroy' | 'look' = 'apply',
  source?: ProjectSource,
): Promise<LoadedProject> {
  const paths = projectPaths(directory);
  const digests = openFileDigests(mode === 'look' ? null : paths.digests);
  const { workspace: loaded, diagnostics } = await loadWorkspace(directory, {
    parser: ports.parser,
    digests,
    ...(source === undefined ? {} : { source }),
  });
  let workspace = loaded;
  const recorded: readonly VariableArgument[] =
    source === undefined ? [] : [{ option: 'var-file', path: source.variableFile }];
  const sources = { environment: ports.environment, arguments: [...recorded, ...variables], directory };
  // Without the values of an older version, for they may come from what was laid over it.
  let given: VariableSources = { ...sources, arguments: variables };
  let resolved = resolveVariables(workspace, sources);
  const undeclared = undeclaredValues(variables, ports.environment);
  // One mistake must not hide the others.
  const throwAllErrors = (found: readonly Diagnostic[]): void => {
    if (!hasErrors(found)) return;
    throw new DiagnosticsError(
      distinct([...found, ...checkWorkspace(workspace, resolved.values, directory, digests)]),
    );
  };
  if (mode === 'destroy') {
    return { paths, workspace, variables: resolved.values, undeclared, digests, warnings: [] };
  }
  if (resolved.missing.length > 0 && prompt !== null) {
    throwAllErrors([...diagnostics, ...resolved.diagnostics]);
    const prompted = new Map<string, string>();
    for (const variable of resolved.missing) {
      const answer = await prompt(variable);
      if (answer !== undefined) prompted.set(variable.name, answer);
    }
    resolved = resolveVariables(workspace, { ...sources, prompted });
    given = { ...given, prompted };
  }
  workspace = guardedBySpec(workspace, given);
  const all = [...diagnostics, ...resolved.diagnostics, ...missingVariables(resolved.missing)];
  throwAllErrors(all);
  const warnings = [...all, ...shadowWarnings(workspace, resolved.values, sources)];
  return { paths, workspace, variables: resolved.values, undeclared, digests, warnings };
}

/** Values given by name, in the environment and by `--var`, whatever the spec declares. */
export function undeclaredValues(
  given: readonly VariableArgument[],
  environment: Ports['environment'],
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, text] of Object.entries(environment)) {
    if (name.startsWith('SLIPWAY_VAR_') && text !== undefined) {
      values.set(name.slice('SLIPWAY_VAR_'.length), new Sensitive(text));
    }
  }
  for (const argument of given) {
    if (argument.option !== 'var') continue;
    const at = argument.text.indexOf('=');
    if (at > 0) values.set(argument.text.slice(0, at), new Sensitive(argument.text.slice(at + 1)));
  }
  return values;
}
