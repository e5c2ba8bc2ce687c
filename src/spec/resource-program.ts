import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import type { DefinitionScope } from './definition-scope.ts';
import { EvaluationError } from './eval/error.ts';
import { forEachItems } from './for-each.ts';
import type { ResourceDeclaration, ResourceKindName } from './model.ts';
import type { BoundBlock } from './schema/bind.ts';
import { BROKEN, attributesReader, readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import type { DefinitionFiles } from './template.ts';
import { Unknown } from './value.ts';
import type { Value } from './value.ts';

/** A resource block, compiled: called for every instance. */
export interface ResourceProgram {
  readonly kind: ResourceKindName;
  readonly label: string;
  /** `file.config` */
  readonly address: string;
  declare(scope: DefinitionScope, findings: Findings): readonly ResourceDeclaration[];
}

const META = new Set(['enabled', 'for_each']);
const NONE: readonly ResourceDeclaration[] = [];

/**
 * Compiles a resource block. `addresses` are those of all resources of its definition. What is wrong whatever the scope
 * is goes to `findings`.
 */
export function compileResource(
  block: BoundBlock,
  files: DefinitionFiles,
  addresses: ReadonlySet<string>,
  findings: Findings,
): ResourceProgram {
  const kind = block.schema.type as ResourceKindName;
  const address = `${kind}.${block.label}`;
  const read = attributesReader(block, META, findings);
  const paths = [...block.schema.attributes.values()].filter((a) => a.type === 'path').map((a) => a.name);
  const finish = finisher(kind, block, files, addresses);
  const forEach = block.attributes.get('for_each');
  const hasEnabled = block.attributes.has('enabled');

  function one(instanceAddress: string, scope: DefinitionScope, found: Findings): ResourceDeclaration {
    const attributes = read(scope, found);
    const dir = scope.instance.dir!;
    for (const path of paths) attributes[path] = inDirectory(attributes[path]!, dir, found);
    finish(attributes, scope, found);
    return { kind, address: instanceAddress, label: block.label, attributes, range: block.range };
  }

  function declare(scope: DefinitionScope, found: Findings): readonly ResourceDeclaration[] {
    if (!forEach) {
      if (hasEnabled && readAttribute(block, 'enabled', scope, found) !== true) return NONE;
      return [one(address, scope, found)];
    }
    const declared: ResourceDeclaration[] = [];
    for (const { key, value } of forEachItems(forEach, scope, found)) {
      const each = Object.assign(Object.create(null) as Record<string, Value>, { key, value });
      const inner = { ...scope, each };
      if (hasEnabled && readAttribute(block, 'enabled', inner, found) !== true) continue;
      declared.push(one(`${address}[${JSON.stringify(key)}]`, inner, found));
    }
    return declared;
  }

  return { kind, label: block.label, address, declare };
}

/** A relative path lies in the instance's directory; "~/..." is left to the host. */
export function inDirectory(path: Value, dir: Value, findings: Findings): Value {
  if (typeof path !== 'string' || path.startsWith('/') || path.startsWith('~')) return path;
  if (typeof dir === 'string') return path === '.' ? dir : `${dir}/${path.replace(/^(\.\/)+/, '')}`;
  if (dir instanceof Unknown) findings.unknown(dir);
  return dir;
}

type Finish = (attributes: Record<string, Value>, scope: DefinitionScope, findings: Findings) => void;

/** What a kind needs beside its table. */
function finisher(
  kind: ResourceKindName,
  block: BoundBlock,
  files: DefinitionFiles,
  addresses: ReadonlySet<string>,
): Finish {
  const at = (name: string) => block.attributes.get(name)?.source.expression.range ?? block.range;
  switch (kind) {
    case 'file':
      if (block.attributes.has('template')) return templateFinish(files, at('template'));
      return block.attributes.has('source') ? sourceFinish(files, at('source')) : nothing;
    case 'archive':
      return archiveFinish(files, at);
    case 'service':
      if (!block.attributes.has('restart_on')) return nothing;
      return ({ restart_on: names }, _scope, findings) => {
        checkAddresses(names ?? null, addresses, at('restart_on'), findings.report);
      };
    case 'package':
    case 'group':
    case 'user':
    case 'directory':
    case 'link':
    case 'script':
      return nothing;
  }
}

function nothing(): void {}

/** `content` becomes the rendered text, `template` null. */
function templateFinish(files: DefinitionFiles, at: SourceRange): Finish {
  return (attributes, scope, findings) => {
    const name = attributes.template;
    attributes.template = null;
    attributes.content = typeof name === 'string' ? render(name) : (name ?? BROKEN);

    function render(path: string): Value {
      const template = files.template(path, at, findings.report);
      if (!template?.compiled) {
        template?.diagnostics.forEach((d) => findings.report(d));
        return BROKEN;
      }
      try {
        const text = template.compiled.evaluate(scope);
        if (text instanceof Unknown) findings.unknown(text);
        return text;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        findings.report(error.diagnostic);
        return BROKEN;
      }
    }
  };
}

/** `source` becomes an absolute path on the controller. */
function sourceFinish(files: DefinitionFiles, at: SourceRange): Finish {
  return (attributes, _scope, findings) => {
    const { source } = attributes;
    if (typeof source === 'string') attributes.source = files.locate(source, at, findings.report) ?? BROKEN;
  };
}

function archiveFinish(files: DefinitionFiles, at: (name: string) => SourceRange): Finish {
  const locate = sourceFinish(files, at('source'));
  return (attributes, scope, findings) => {
    const { source, sha256 } = attributes;
    if (typeof source !== 'string') return;
    attributes.format ??= formatOf(source);
    if (attributes.format === null) {
      const detail = `The format of "${source}" cannot be told from its name: set "format".`;
      findings.report(errorAt(at('source'), 'Unknown archive format', detail));
    }
    if (typeof sha256 === 'string' && !/^[0-9a-f]{64}$/.test(sha256)) {
      findings.report(
        errorAt(at('sha256'), 'Invalid digest', 'A SHA-256 digest has 64 hexadecimal digits in lower case.'),
      );
    }
    if (!/^https?:\/\//.test(source)) locate(attributes, scope, findings);
    else if (sha256 === null) {
      findings.report(errorAt(at('source'), 'Missing digest', 'An archive from a URL needs its "sha256".'));
    }
  };
}

function formatOf(name: string): string | null {
  const match = /\.(?:(tar\.gz|tgz)|(tar\.xz|txz)|(zip))(?:[?#].*)?$/i.exec(name);
  if (!match) return null;
  return match[1] ? 'tar.gz' : match[2] ? 'tar.xz' : 'zip';
}

/** Reports addresses that no resource of the definition has. An address may name one item of a `for_each`. */
export function checkAddresses(
  names: Value,
  addresses: ReadonlySet<string>,
  at: SourceRange,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (!Array.isArray(names)) return;
  for (const name of names as readonly Value[]) {
    if (typeof name !== 'string' || addresses.has(name) || addresses.has(name.replace(/\[".*"\]$/s, '')))
      continue;
    const detail = `The definition has no resource "${name}".${didYouMean(name, addresses)}`;
    report(errorAt(at, 'Unknown resource', detail));
  }
}
