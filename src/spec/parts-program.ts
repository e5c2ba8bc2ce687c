import { errorAt } from '../diagnostics/diagnostic.ts';
import type { DefinitionScope } from './definition-scope.ts';
import type { CheckDeclaration, CheckTarget, EndpointDeclaration, LogDeclaration } from './model.ts';
import { inDirectory } from './resource-program.ts';
import type { BoundBlock } from './schema/bind.ts';
import { attributesReader } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import type { Unknown } from './value.ts';
import type { Value } from './value.ts';

/** A check, endpoint or log block, compiled. Null after an error or while something is unknown. */
export type PartProgram<T> = (scope: DefinitionScope, findings: Findings) => T | null;

const NO_NAMES: ReadonlySet<string> = new Set();

export function compileCheck(block: BoundBlock, constants: Findings): PartProgram<CheckDeclaration> {
  const read = attributesReader(block, NO_NAMES, constants);
  return (scope, findings) => {
    const attributes = read(scope, findings);
    const target = checkTarget(attributes, scope);
    const { interval, timeout } = attributes;
    if (!target || typeof interval !== 'number' || typeof timeout !== 'number') return null;
    if (target.type === 'http' && !/^https?:\/\/[^/]/.test(target.url)) {
      const at = block.attributes.get('http')!.source.expression.range;
      const detail = `"${target.url}" is no URL: http://ADDRESS:PORT/PATH is needed.`;
      findings.report(errorAt(at, 'Invalid URL', detail));
      return null;
    }
    return {
      name: block.label,
      target,
      intervalMs: Math.max(10, Math.round(interval * 1000)),
      timeoutMs: Math.round(timeout * 1000),
    };
  };
}

function checkTarget(
  { tcp, http, command, status, address }: Record<string, Value>,
  scope: DefinitionScope,
): CheckTarget | null {
  if (typeof command === 'string') return { type: 'command', command };
  if (typeof http === 'string') {
    return { type: 'http', url: http, status: typeof status === 'number' ? status : null };
  }
  const at = address ?? scope.host.address;
  return typeof tcp === 'number' && typeof at === 'string' ? { type: 'tcp', address: at, port: tcp } : null;
}

/** Endpoints are what other components see before any host is probed: nothing in them may be unknown. */
export function compileEndpoint(block: BoundBlock, constants: Findings): PartProgram<EndpointDeclaration> {
  const read = attributesReader(block, NO_NAMES, constants);
  return (scope, findings) => {
    const { port, bind } = read(scope, {
      report: findings.report,
      unknown: (missing) => {
        if (missing.path.startsWith('host.facts') || missing.path === 'instance.dir') {
          findings.report(factsInEndpoint(block, missing));
        }
      },
    });
    const address = scope.host.address;
    const bound = bind ?? address;
    if (typeof port !== 'number' || typeof bound !== 'string' || typeof address !== 'string') return null;
    return { name: block.label, address, port, bind: bound };
  };
}

function factsInEndpoint(block: BoundBlock, missing: Unknown) {
  const detail = `An endpoint must be known before its host is probed, but this needs ${missing.path}.`;
  return errorAt(block.range, 'Endpoint depends on facts', detail);
}

export function compileLog(block: BoundBlock, constants: Findings): PartProgram<LogDeclaration> {
  const read = attributesReader(block, NO_NAMES, constants);
  return (scope, findings) => {
    const { path, unit } = read(scope, findings);
    if (typeof unit === 'string') return { name: block.label, source: { type: 'unit', unit } };
    const files = inDirectory(path ?? null, scope.instance.dir!, findings);
    return typeof files === 'string' ? { name: block.label, source: { type: 'files', path: files } } : null;
  };
}
