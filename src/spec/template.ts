import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { errorAt, hasErrors } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { pathWithin } from './definition-tree.ts';
import type { DefinitionFile } from './definition-tree.ts';
import { compile } from './eval/compile.ts';
import type { Compiled } from './eval/compile.ts';
import type { Environment } from './eval/environment.ts';
import type { SourceRange } from '../diagnostics/diagnostic.ts';
import type { HclParser } from './hcl/parse.ts';

/** A template that was parsed; without `compiled` it has errors. */
export interface Template {
  readonly compiled: Compiled | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The files of a definition by the names that it gives them. Templates are parsed once. */
export interface DefinitionFiles {
  /** Absolute path of a file of the definition; a name that leads nowhere is reported. */
  locate(name: string, at: SourceRange, report: (diagnostic: Diagnostic) => void): string | undefined;
  template(name: string, at: SourceRange, report: (diagnostic: Diagnostic) => void): Template | undefined;
}

export function definitionFiles(options: {
  readonly directory: string;
  /** The directory as messages call it, with a slash at its end. */
  readonly prefix: string;
  readonly tree: readonly DefinitionFile[];
  readonly parser: HclParser;
  readonly environment: Environment;
}): DefinitionFiles {
  const { directory, prefix, tree, parser, environment } = options;
  const known = new Set(tree.map((f) => f.path));
  const templates = new Map<string, Template>();

  function locate(name: string, at: SourceRange, report: (diagnostic: Diagnostic) => void) {
    const absolute = pathWithin(directory, name);
    if (absolute === undefined) {
      const detail = `"${name}" lies outside of the definition. A definition uses only files of its own.`;
      report(errorAt(at, 'File outside of the definition', detail));
      return undefined;
    }
    if (known.has(relative(directory, absolute).split(sep).join('/'))) return absolute;
    report(errorAt(at, 'No such file', `There is no file "${name}" in ${prefix}.${didYouMean(name, known)}`));
    return undefined;
  }

  function template(name: string, at: SourceRange, report: (diagnostic: Diagnostic) => void) {
    const found = templates.get(name);
    if (found) return found;
    const absolute = locate(name, at, report);
    if (absolute === undefined) return undefined;
    const { expression, diagnostics } = parser.parseTemplate(readFileSync(absolute), prefix + name);
    const compiled = compile(expression, environment);
    const all = [...diagnostics, ...compiled.diagnostics];
    const parsed = { compiled: hasErrors(all) ? null : compiled, diagnostics: all };
    templates.set(name, parsed);
    return parsed;
  }

  return { locate, template };
}
