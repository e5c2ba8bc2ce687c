import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { OVERRIDE_FILE } from '../spec/override.ts';
import { resolveVariables, type VariableArgument } from '../spec/variables.ts';
import { loadWorkspace } from '../spec/workspace.ts';
import type { Json } from '../state/model.ts';
import { redactLike, specRedaction } from './history-redaction.ts';
import { isSpecFile, keptContent, readVersion, type HistoryVersion } from './history-read.ts';
import { keptVariables } from './history-variables.ts';
import { redactOverride } from './override/kept-override.ts';
import type { OfflinePorts } from './ports.ts';
import { projectPaths } from './project-paths.ts';

/** A version of the history by its number, or the working directory as it is. */
export type VersionName = number | 'now';

/** What stands in a version: enough to compare it. */
interface Contents {
  readonly label: string;
  readonly specVersion: string | null;
  readonly variables: Readonly<Record<string, Json>>;
  readonly files: ReadonlyMap<string, FileContents>;
}

interface FileContents {
  readonly digest: string;
  readonly bytes: number | null;
  /** null: not text, too large, or not kept. */
  readonly text: () => Promise<string | null>;
}

/** How two versions differ; JSON-serialisable. */
export interface VersionDiff {
  readonly from: string;
  readonly to: string;
  readonly files: readonly FileDiff[];
  readonly variables: readonly VariableDiff[];
}

export interface FileDiff {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** A unified diff; null where it is no text or was not kept. */
  readonly diff: string | null;
}

/** `before` or `after` is absent where the variable is new or gone. */
export interface VariableDiff {
  readonly name: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** Larger texts are named, not shown. */
const SHOWN_BYTES = 1024 * 1024;

/** Compares two versions: the spec's files, trees of definitions, variables. Sensitive values do not show. */
export async function diffVersions(
  directory: string,
  from: VersionName,
  to: VersionName,
  variables: readonly VariableArgument[],
  ports: OfflinePorts,
): Promise<VersionDiff> {
  const [before, after] = [
    await contentsOf(directory, from, variables, ports),
    await contentsOf(directory, to, variables, ports),
  ];
  const files: FileDiff[] = [];
  for (const name of [...new Set([...before.files.keys(), ...after.files.keys()])].sort(byPlace)) {
    const diff = await diffFile(name, before, after);
    if (diff !== null) files.push(diff);
  }
  return { from: before.label, to: after.label, files, variables: diffVariables(before, after) };
}

async function diffFile(name: string, before: Contents, after: Contents): Promise<FileDiff | null> {
  const [a, b] = [before.files.get(name), after.files.get(name)];
  if (a?.digest === b?.digest) return null;
  const change = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed';
  const [rawA, rawB] = [a === undefined ? '' : await a.text(), b === undefined ? '' : await b.text()];
  if (rawA === null || rawB === null) return { path: name, change, diff: null };
  const [textA, textB] = [redactLike(rawA, rawB), redactLike(rawB, rawA)];
  if (textA === textB) return null;
  const nothing = '/dev/null';
  const diff = createTwoFilesPatch(
    a === undefined ? nothing : `${name} (${before.label})`,
    b === undefined ? nothing : `${name} (${after.label})`,
    textA,
    textB,
    undefined,
    undefined,
    { context: 3, headerOptions: FILE_HEADERS_ONLY },
  );
  return { path: name, change, diff };
}

function diffVariables(before: Contents, after: Contents): readonly VariableDiff[] {
  const names = new Set([...Object.keys(before.variables), ...Object.keys(after.variables)]);
  return [...names].sort().flatMap((name): readonly VariableDiff[] => {
    const [a, b] = [before.variables[name], after.variables[name]];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return [{ name, ...(a === undefined ? {} : { before: a }), ...(b === undefined ? {} : { after: b }) }];
  });
}

async function contentsOf(
  directory: string,
  name: VersionName,
  variables: readonly VariableArgument[],
  ports: OfflinePorts,
): Promise<Contents> {
  if (name === 'now') return contentsNow(directory, variables, ports);
  const { history } = projectPaths(directory);
  const version = await readVersion(history, name);
  return {
    label: `version ${name}`,
    specVersion: version.specVersion,
    variables: version.variables,
    files: new Map(
      version.files.map((file) => [
        file.path,
        {
          digest: file.digest,
          bytes: file.bytes ?? null,
          text: async () => asText(await keptContent(history, file)),
        },
      ]),
    ),
  };
}

/** The working directory, with the same things taken out as a version of it would have. */
async function contentsNow(
  directory: string,
  given: readonly VariableArgument[],
  ports: OfflinePorts,
): Promise<Contents> {
  const { workspace } = await loadWorkspace(directory, { parser: ports.parser });
  const { values } = resolveVariables(workspace, {
    environment: ports.environment,
    arguments: given,
    directory,
  });
  const redact = specRedaction(workspace, values);
  const files = new Map<string, FileContents>();
  const override = redactOverride(workspace, values);
  const texts = [
    ...workspace.files.map((file) => [file.path, redact(file.text).text] as const),
    ...(override === null ? [] : [[OVERRIDE_FILE, override.text] as const]),
  ];
  for (const [name, text] of texts) {
    const digest = createHash('sha256').update(text).digest('hex');
    files.set(name, { digest, bytes: Buffer.byteLength(text), text: () => Promise.resolve(text) });
  }
  for (const [home, definition] of workspace.definitions) {
    const prefix = path.relative(workspace.directory, home);
    for (const { path: name, digest, bytes } of definition.files) {
      const read = async (): Promise<Buffer | null> => {
        const file = path.join(home, name);
        return (await stat(file)).size > SHOWN_BYTES ? null : readFile(file);
      };
      files.set(`${prefix}/${name}`, { digest, bytes, text: async () => asText(await read()) });
    }
  }
  return {
    label: 'now',
    specVersion: null,
    variables: keptVariables(workspace, values).values,
    files,
  };
}

/** Text of a kept file of a version, for showing; null where it is none. */
export async function shownText(
  history: string,
  file: HistoryVersion['files'][number],
): Promise<string | null> {
  return asText(await keptContent(history, file));
}

function asText(content: Buffer | null): string | null {
  if (content === null || content.length > SHOWN_BYTES || content.includes(0)) return null;
  const text = content.toString('utf8');
  return text.includes('\ufffd') ? null : text;
}

/** The spec's own files first. */
function byPlace(a: string, b: string): number {
  const [aSpec, bSpec] = [a, b].map((name) => isSpecFile({ path: name, digest: '' }));
  if (aSpec !== bSpec) return aSpec === true ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
