import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError, throwOnErrors, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { openFileDigests, type FileDigests } from '../../spec/file-digests.ts';
import { OVERRIDE_FILE } from '../../spec/override.ts';
import { Sensitive, type Value } from '../../spec/value.ts';
import { resolveVariables, type VariableArgument } from '../../spec/variables.ts';
import { loadWorkspace, withoutOverride, type SpecFile, type Workspace } from '../../spec/workspace.ts';
import type { Json } from '../../state/model.ts';
import {
  isSpecFile,
  keptContent,
  keptPath,
  readVersion,
  type HistoryVersion,
  type VersionFile,
} from '../history-read.ts';
import { restoreSecrets } from '../history-redaction.ts';
import { keptVariables, restoreValue } from '../history-variables.ts';
import { openStore } from '../locate-state.ts';
import { restoreOverride } from '../override/kept-override.ts';
import type { Ports } from '../ports.ts';
import { undeclaredValues, type ProjectSource } from '../project.ts';
import { projectPaths, type ProjectPaths } from '../project-paths.ts';
import type { Store } from '../../state/store.ts';

/** An older version of the spec, laid out aside so that it can be planned and applied; `dispose` must be called whatever happens. */
export interface Rollback {
  readonly version: HistoryVersion;
  readonly source: ProjectSource;
  /** Directory in which the version's files lie as they do in the working directory, for the lines that messages show. */
  readonly shownFrom: string;
  /** Where the state is kept today, be it elsewhere than at the time of the version; null: the version's own words count. */
  readonly store: Store | null;
  /** What must be known before: values of variables that differ today, a state kept elsewhere. */
  readonly warnings: readonly Diagnostic[];
  readonly dispose: () => Promise<void>;
}

/**
 * Brings a version out of the history: its files, with today's values where literals of sensitive variables were taken out.
 * Changes nothing in the working directory. Throws `DiagnosticsError` naming all that is missing.
 */
export async function openRollback(
  directory: string,
  number: number,
  variables: readonly VariableArgument[],
  ports: Ports,
): Promise<Rollback> {
  const paths = projectPaths(directory);
  const version = await readVersion(paths.history, number);
  if (version.operation === 'destroy') {
    const detail = `Version ${number} was a destroy: there is no spec to go back to. To take everything off again: slipway destroy`;
    throw new DiagnosticsError([runError(`Version ${number} cannot be rolled back to`, detail)]);
  }
  const today = await readToday(directory, variables, ports);
  const base = await freshDirectory(path.join(paths.own, 'rollback'), number);
  const dispose = (): Promise<void> => rm(base, { recursive: true, force: true });
  try {
    const aside = (absolute: string): string => path.join(base, 'tree', absolute);
    const { files, override } = await layOut(version, paths, aside, today);
    const variableFile = path.join(base, 'variables.json');
    const kept = keptValues(version);
    const values = wholeValues(version, kept, today);
    await writeFile(variableFile, JSON.stringify(Object.fromEntries(values)), { mode: 0o600 });
    return {
      version,
      source: { files, override, locate: aside, variableFile },
      shownFrom: aside(directory),
      store: today.workspace.files.length === 0 ? null : await openStore(directory, ports),
      warnings: variableWarnings(version.version, kept, today),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Today {
  readonly workspace: Workspace;
  readonly variables: ReadonlyMap<string, Value>;
  /** Of a variable that today's spec has, or that is given by name. */
  readonly valueOf: (name: string) => Value | undefined;
}

/** What the working directory says, as far as it says anything: mistakes in it are no hindrance. */
async function readToday(
  directory: string,
  variables: readonly VariableArgument[],
  ports: Ports,
): Promise<Today> {
  const { workspace } = await loadWorkspace(directory, { parser: ports.parser });
  const sources = { environment: ports.environment, arguments: variables, directory };
  const { values } = resolveVariables(workspace, sources);
  const given = undeclaredValues(variables, ports.environment);
  // A literal of a file of the spec is the spec's own: what was posted is not to get into it.
  const own = resolveVariables(withoutOverride(workspace), sources).values;
  const valueOf = (name: string): Value | undefined => {
    const value = own.get(name) ?? values.get(name) ?? given.get(name);
    // Today it may not be sensitive any more; then it was.
    return value === undefined || value instanceof Sensitive ? value : new Sensitive(value);
  };
  return { workspace, variables: values, valueOf };
}

/** A directory of this process; those that killed ones left are removed. */
async function freshDirectory(parent: string, number: number): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parent)) {
    const pid = Number(name.split('-')[1]);
    if (!isAlive(pid)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const base = path.join(parent, `${number}-${process.pid}`);
  await rm(base, { recursive: true, force: true });
  await mkdir(base, { mode: 0o700 });
  return base;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Puts all files of a version aside. Resolves to those of the spec itself and to its override, whole again. */
async function layOut(
  version: HistoryVersion,
  paths: ProjectPaths,
  aside: (absolute: string) => string,
  { workspace, valueOf }: Today,
): Promise<{ readonly files: readonly SpecFile[]; readonly override: string | null }> {
  const digests = openFileDigests(paths.digests);
  const files: SpecFile[] = [];
  let override: string | null = null;
  const problems: Diagnostic[] = [];
  for (const file of version.files) {
    const absolute = path.resolve(paths.directory, file.path);
    const target = aside(absolute);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    if (!isSpecFile(file)) {
      const from = sourceOf(file, absolute, paths, digests);
      if (from === null) problems.push(notKept(version.version, file));
      else await linkOrCopy(from, target);
      continue;
    }
    const kept = await keptContent(paths.history, file);
    if (kept === null) {
      problems.push(notKept(version.version, file));
      continue;
    }
    const redacted = { text: kept.toString('utf8'), variables: file.redacted ?? [] };
    // Only for the lines that messages show: it holds no secret.
    await writeFile(target, redacted.text, { mode: 0o600 });
    const isOverride = file.path === OVERRIDE_FILE;
    const { text, missing } = isOverride
      ? restoreOverride(redacted, workspace.override, valueOf)
      : restoreSecrets(redacted, valueOf);
    problems.push(...missing.map((name) => noSecret(version.version, file.path, name)));
    if (isOverride) override = text;
    else files.push({ path: file.path, text });
  }
  throwOnErrors(problems);
  return { files, override };
}

/** Where the content of a definition's file is: in the history, or where it was, when it is still the same. */
function sourceOf(
  file: VersionFile,
  absolute: string,
  paths: ProjectPaths,
  digests: FileDigests,
): string | null {
  for (const candidate of [keptPath(paths.history, file), absolute]) {
    try {
      if (digests.digestOf(candidate).digest === file.digest) return candidate;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    }
  }
  return null;
}

/** Nothing is written to what lies aside, so that a link serves; another file system needs a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
}

function notKept(version: number, { path: name, digest, bytes }: VersionFile): Diagnostic {
  const size = bytes === undefined ? '' : ` (${bytes} bytes)`;
  return runError(
    `${name} of version ${version} is not kept`,
    `The history keeps files up to 16 MiB, and the working directory holds another one. Put the file with SHA-256 ${digest}${size} there, and roll back again.`,
  );
}

/** `holder`: the file or the variable in which it stood. */
function noSecret(version: number, holder: string, variable: string): Diagnostic {
  return runError(
    `A secret of version ${version} is not known`,
    `${holder} held the value of var.${variable} as a literal, which the history does not keep. Give it by SLIPWAY_VAR_${variable} or --var-file.`,
  );
}

/** Values of a version's variables, without those that were not kept. */
function keptValues(version: HistoryVersion): ReadonlyMap<string, Json> {
  const hidden = new Set(version.sensitive);
  return new Map(
    Object.entries(version.variables).filter(([name, value]) => !hidden.has(name) && value !== '(sensitive)'),
  );
}

/** With today's secrets where those were taken out. Throws `DiagnosticsError` naming all that are missing. */
function wholeValues(
  { version, redacted = [] }: HistoryVersion,
  kept: ReadonlyMap<string, Json>,
  { variables, valueOf }: Today,
): ReadonlyMap<string, Json> {
  // Such a value may have been posted, and then the secret in it was.
  const secretOf = (name: string): Value | undefined => {
    const value = variables.get(name);
    return value instanceof Sensitive ? value : valueOf(name);
  };
  const problems: Diagnostic[] = [];
  const values = [...kept].map(([name, value]): [string, Json] => {
    const restored = restoreValue(value, redacted, secretOf);
    problems.push(...restored.missing.map((variable) => noSecret(version, `var.${name}`, variable)));
    return [name, restored.value];
  });
  throwOnErrors(problems);
  return new Map(values);
}

function variableWarnings(
  version: number,
  recorded: ReadonlyMap<string, Json>,
  today: Today,
): readonly Diagnostic[] {
  const different: string[] = [];
  // As they are kept, without secrets.
  const { values } = keptVariables(today.workspace, today.variables);
  for (const [name, value] of recorded) {
    const now = today.variables.get(name);
    if (now === undefined || now instanceof Sensitive) continue;
    const [was, is] = [JSON.stringify(value), JSON.stringify(values[name])];
    if (was !== is) different.push(`var.${name} = ${was} (today ${is})`);
  }
  if (different.length === 0) return [];
  const summary = `Variables take the values of version ${version}`;
  return [{ ...runError(summary, `${different.join('; ')}.`), severity: 'warning' }];
}
