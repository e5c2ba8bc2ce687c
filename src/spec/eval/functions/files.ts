import { createHash } from 'node:crypto';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Environment } from '../environment.ts';
import { InputError } from '../error.ts';
import { define, map, text } from './definition.ts';
import type { CallContext, EagerFunction } from './definition.ts';
import { globPattern } from './glob.ts';

const readsFiles = { readsFiles: true } as const;

function environmentOf({ environment }: CallContext): Environment {
  if (!environment) throw new InputError('files cannot be read here');
  return environment;
}

/** The absolute form of a path that the spec names. */
function locate({ baseDir, confined }: Environment, path: string): string {
  const absolute = resolve(baseDir, path);
  const inside = relative(baseDir, absolute);
  if (confined && (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))) {
    throw new InputError('a definition reads only files in its own directory', 0);
  }
  return absolute;
}

function read(path: string, context: CallContext): Buffer {
  const environment = environmentOf(context);
  const absolute = locate(environment, path);
  try {
    return environment.readFile(absolute);
  } catch (error) {
    throw new InputError(`the file "${path}" cannot be read: ${reason(error)}`, 0);
  }
}

function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'it is not there';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function readText(path: string, context: CallContext): string {
  const content = read(path, context);
  const decoded = content.toString('utf8');
  if (!Buffer.from(decoded).equals(content))
    throw new InputError(`the file "${path}" is not text in UTF-8; use filebase64()`, 0);
  return decoded;
}

/** Paths below a directory that match a glob, relative to it, sorted. */
function fileset(directory: string, glob: string, context: CallContext): string[] {
  const environment = environmentOf(context);
  const matching = globPattern(glob);
  try {
    return environment.listFiles(locate(environment, directory)).filter((path) => matching.test(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`the directory "${directory}" cannot be read: ${reason(error)}`, 0);
  }
}

export const fileFunctions: readonly EagerFunction[] = [
  define('basename(path)', 'The last part of a path.', (a) => basename(text(a, 0))),
  define('dirname(path)', 'A path without its last part.', (a) => dirname(text(a, 0))),
  define('file(path)', 'The content of a text file.', (a, c) => readText(text(a, 0), c), readsFiles),
  define(
    'filebase64(path)',
    'The content of a file as Base64.',
    (a, c) => read(text(a, 0), c).toString('base64'),
    readsFiles,
  ),
  define(
    'fileexists(path)',
    'Whether a file is there.',
    (a, c) => environmentOf(c).fileExists(locate(environmentOf(c), text(a, 0))),
    readsFiles,
  ),
  define(
    'fileset(directory, pattern)',
    'The files below a directory that match a pattern with * ? ** [a-z] {a,b}.',
    (a, c) => fileset(text(a, 0), text(a, 1), c),
    readsFiles,
  ),
  define(
    'filesha256(path)',
    'The SHA-256 of the content of a file in hex digits.',
    (a, c) =>
      createHash('sha256')
        .update(read(text(a, 0), c))
        .digest('hex'),
    readsFiles,
  ),
  define(
    'templatefile(path, variables)',
    'The text of a template file with these variables.',
    (a, c) => {
      read(text(a, 0), c);
      return environmentOf(c).renderTemplate(locate(environmentOf(c), text(a, 0)), map(a, 1));
    },
    { readsFiles: true, marks: 'shallow' },
  ),
];
