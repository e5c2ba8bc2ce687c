import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, hasErrors, runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { format } from '../spec/format/format.ts';
import { notUtf8 } from '../spec/hcl/encoding.ts';
import type { HclParser } from '../spec/hcl/parse.ts';

/** What formatting makes of one file. */
export interface FormattedFile {
  /** Relative to the working directory. */
  readonly path: string;
  readonly before: string;
  /** Equal to `before` where nothing is to do, and where the file has errors. */
  readonly after: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A text in its canonical layout; with syntax errors, or in another encoding than UTF-8, it stays as it is. */
export function formatText(name: string, content: Buffer, parser: HclParser): FormattedFile {
  const before = content.toString();
  const problem = notUtf8(content, name);
  const diagnostics = problem ? [problem] : parser.parseFile(before, name).diagnostics;
  const after = hasErrors(diagnostics) ? before : format(before, parser);
  return { path: name, before, after, diagnostics };
}

/** Formats files and the `*.hcl` files of directories; with `write`, in place. By path, each file once. */
export async function formatFiles(
  directory: string,
  paths: readonly string[],
  options: { readonly write: boolean; readonly parser: HclParser },
): Promise<readonly FormattedFile[]> {
  const files = paths.length === 0 ? await projectFiles(directory) : await namedFiles(directory, paths);
  const formatted: FormattedFile[] = [];
  for (const file of files) {
    const name = path.relative(directory, file) || file;
    const result = formatText(name, await readFile(file), options.parser);
    if (options.write && result.after !== result.before) await writeFile(file, result.after);
    formatted.push(result);
  }
  return formatted;
}

/** The working directory's own files, and all below `components`. */
async function projectFiles(directory: string): Promise<readonly string[]> {
  const own = (await entriesOf(directory)).filter((entry) => entry.isFile() && isHcl(entry.name));
  const components = path.join(directory, 'components');
  const isDirectory = await stat(components).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return [
    ...own.map(({ name }) => path.join(directory, name)),
    ...(isDirectory ? await filesBelow(components) : []),
  ];
}

async function namedFiles(directory: string, paths: readonly string[]): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const given of paths) {
    const absolute = path.resolve(directory, given);
    const found = await stat(absolute).catch(() => null);
    if (found === null) throw new DiagnosticsError([runError('Nothing to format', `There is no ${given}.`)]);
    if (found.isDirectory()) for (const file of await filesBelow(absolute)) files.add(file);
    else if (isHcl(given)) files.add(absolute);
    else throw new DiagnosticsError([runError('Nothing to format', `${given} is no *.hcl file.`)]);
  }
  return [...files];
}

/** At any depth; hidden directories and installed packages are not the user's to lay out. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await entriesOf(directory)) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') files.push(...(await filesBelow(file)));
    else if (entry.isFile() && isHcl(entry.name)) files.push(file);
  }
  return files;
}

async function entriesOf(directory: string) {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isHcl(name: string): boolean {
  return name.endsWith('.hcl');
}
