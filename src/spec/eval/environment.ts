import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { leadsOutOf } from '../definition-tree.ts';
import type { HclParser } from '../hcl/parse.ts';
import type { Value } from '../value.ts';
import { compile } from './compile.ts';
import type { Compiled, Scope } from './compile.ts';
import { EvaluationError, InputError } from './error.ts';

/** What the file functions of an expression see. Paths given to them are relative to `baseDir`. */
export interface Environment {
  /** Absolute path. */
  readonly baseDir: string;
  /** With `true`, no path may leave `baseDir` (definitions are self-contained). */
  readonly confined: boolean;
  /** Content of a file by absolute path; throws as `fs.readFileSync` does. May cache. */
  readFile(path: string): Buffer;
  /** Whether a regular file is there, by absolute path. */
  fileExists(path: string): boolean;
  /** All regular files below an absolute directory, relative to it, with `/`, sorted. */
  listFiles(directory: string): readonly string[];
  /** The text of a template file by absolute path, for `templatefile`. Throws `EvaluationError`. */
  renderTemplate(path: string, variables: Scope): Value;
}

export interface EnvironmentOptions {
  readonly baseDir: string;
  readonly confined: boolean;
  readonly parser: HclParser;
}

/** An environment on the real file system; every file is read and parsed once for the life of the environment. */
export function fileEnvironment({ baseDir, confined, parser }: EnvironmentOptions): Environment {
  const files = new Map<string, Buffer>();
  const templates = new Map<string, { compiled: Compiled; problem: Diagnostic | undefined }>();
  const rendering = new Set<string>();

  const stay = (path: string): void => {
    if (confined && leadsOutOf(baseDir, path)) throw new InputError('it is a link out of the definition', 0);
  };
  const environment: Environment = {
    baseDir,
    confined,
    readFile: (path) =>
      remember(files, path, () => {
        stay(path);
        return readFileSync(path);
      }),
    fileExists(path) {
      stay(path);
      return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
    },
    listFiles(directory) {
      stay(directory);
      return listFiles(directory);
    },
    renderTemplate(path, variables) {
      const { compiled, problem } = remember(templates, path, () => {
        const name = relative(process.cwd(), path);
        const { expression, diagnostics } = parser.parseTemplate(environment.readFile(path), name);
        return {
          compiled: compile(expression, environment),
          problem: diagnostics.find((d) => d.severity === 'error'),
        };
      });
      if (problem) throw new EvaluationError(problem);
      if (rendering.has(path)) throw new InputError('the template includes itself', 0);
      rendering.add(path);
      try {
        return compiled.evaluate(variables);
      } finally {
        rendering.delete(path);
      }
    },
  };
  return environment;
}

function remember<V>(known: Map<string, V>, key: string, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
