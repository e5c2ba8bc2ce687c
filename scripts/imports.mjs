// Reads which files import which, without a parser: imports begin a line in formatted code, so patterns suffice.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/**
 * @typedef {'static' | 'type' | 'dynamic'} ImportKind `type` is erased by the compiler; `dynamic` is `import('…')`.
 * @typedef {{ file: string, line: number, specifier: string, kind: ImportKind, target: string | undefined }} Import
 *   `file` and `target` are relative to the root, with slashes; `target` is undefined for packages and Node's own modules.
 */

const statement = /^[ \t]*(?:import|export)\b([^'"`;]*?)\bfrom\s*(['"])([^'"\n]+)\2/gm;
const bareImport = /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm;
const dynamicImport = /\bimport\(\s*(['"])([^'"\n]+)\1\s*,?\s*\)/g;

/** Every .ts and .tsx file below the given folders of `root`, sorted. */
export function sourceFiles(root, folders) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
    )
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.tsx?$/.test(file) && statSync(join(root, file)).isFile())
    .sort();
}

/** @returns {Import[]} the imports of one file, in the order of their lines */
export function importsOf(root, file) {
  const text = withoutComments(readFileSync(join(root, file), 'utf8'));
  const found = [
    ...[...text.matchAll(statement)].map((match) => ({
      at: match.index + match[0].search(/\S/),
      specifier: match[3],
      kind: /^\s*type\s+(?!,)/.test(match[1]) ? 'type' : 'static',
    })),
    ...[...text.matchAll(bareImport)].map((match) => ({
      at: match.index + match[0].search(/\S/),
      specifier: match[2],
      kind: 'static',
    })),
    ...[...text.matchAll(dynamicImport)].map((match) => ({
      at: match.index,
      specifier: match[2],
      kind: 'dynamic',
    })),
  ];
  // The compiler adds this one to whatever holds JSX.
  if (file.endsWith('.tsx')) found.push({ at: 0, specifier: 'react/jsx-runtime', kind: 'static' });
  return found
    .sort((a, b) => a.at - b.at)
    .map(({ at, specifier, kind }) => ({
      file,
      line: text.slice(0, at).split('\n').length,
      specifier,
      kind,
      target: specifier.startsWith('.') ? resolve(root, file, specifier) : undefined,
    }));
}

function resolve(root, file, specifier) {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  return target.startsWith('../') ? relative(root, join(root, dirname(file), specifier)) : target;
}

/** Comments become blanks of the same lines. Only those that begin a line: others may stand in a string. */
function withoutComments(text) {
  return text.replace(/^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}
