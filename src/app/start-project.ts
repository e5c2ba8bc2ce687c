import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import { OVERRIDE_FILE } from '../spec/override.ts';
import { starterFiles, type StarterFile } from '../spec/starter.ts';

/** What must not come under version control: keys and logs, the state, which belongs to one place, and posted secrets. */
const IGNORED = ['.slipway/', '*.state.json', '*.state.json.*', OVERRIDE_FILE];

/**
 * Writes the files of a new spec and a `.gitignore` into a directory, which is made where it is not there. Throws `DiagnosticsError`
 * when there is a spec already; no file is overwritten. Resolves to the paths written, relative to the directory. `secret`: names
 * of files that must not come under version control either.
 */
export async function startProject(
  directory: string,
  files: readonly StarterFile[] = starterFiles(),
  secret: readonly string[] = [],
): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DiagnosticsError([runError(`${directory} cannot be used`, error.message)]);
  });
  const roots = new Set(files.map((file) => file.path.split('/')[0]));
  const inTheWay = names.filter((name) => name.endsWith('.hcl') || roots.has(name));
  if (inTheWay.length > 0) {
    const detail = `${directory} holds ${inTheWay.join(', ')}. Nothing is overwritten: start in an empty directory, as with \`slipway init NAME\`.`;
    throw new DiagnosticsError([runError('There is something here already', detail)]);
  }
  for (const file of files) {
    const target = path.join(directory, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.text, {
      flag: 'wx',
      ...(file.mode === undefined ? {} : { mode: file.mode }),
    });
  }
  const ignores = await addIgnores(path.join(directory, '.gitignore'), [...IGNORED, ...secret]);
  return [...files.map((file) => file.path), ...(ignores ? ['.gitignore'] : [])];
}

/** Appends what is missing there. Resolves to whether anything was. */
async function addIgnores(file: string, ignored: readonly string[]): Promise<boolean> {
  const before = await readFile(file, 'utf8').catch(() => '');
  const lines = new Set(before.split(/\r?\n/));
  const missing = ignored.filter((line) => !lines.has(line));
  if (missing.length === 0) return false;
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  await writeFile(file, `${before}${gap}${missing.join('\n')}\n`);
  return true;
}
