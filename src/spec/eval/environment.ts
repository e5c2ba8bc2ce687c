import type { Expression } from '../hcl/ast.ts';
import type { HclParser } from '../hcl/parse.ts';

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
  /** The parsed template of a file by absolute path, for `templatefile`; throws `DiagnosticsError` on syntax errors. */
  parseTemplate(path: string): Expression;
}

export interface EnvironmentOptions {
  readonly baseDir: string;
  readonly confined: boolean;
  readonly parser: HclParser;
}

/** An environment on the real file system; every file is read and parsed once for the life of the environment. */
export function fileEnvironment(_options: EnvironmentOptions): Environment {
  throw new Error('not there yet');
}
