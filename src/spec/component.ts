import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import type { ComponentBlock } from './component-block.ts';
import type { Definition } from './definition.ts';
import type { Scope } from './eval/compile.ts';
import { emptyObject, isList } from './eval/marks.ts';
import type { Expression } from './hcl/ast.ts';
import type { HostRegistry } from './hosts.ts';
import { digestInputs } from './inputs.ts';
import type { ComponentDeclaration, UpdateRules } from './model.ts';
import { requirementsOf } from './requirements.ts';
import { checkAddresses } from './resource-program.ts';
import { innerBlock } from './schema/bind.ts';
import type { BoundBlock } from './schema/bind.ts';
import { readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import type { Value, ValueObject } from './value.ts';
import { withoutLine } from './variable-sources.ts';

/** Canonical addresses of a component's hosts, in the order of the spec; null while they are unknown or wrong. */
export function evaluateHosts(
  { block, placement }: ComponentBlock,
  hosts: HostRegistry,
  scope: Scope,
  findings: Findings,
): readonly string[] | null {
  if (placement !== null) {
    const report = (diagnostic: Diagnostic) => findings.report(withoutLine(diagnostic));
    return hosts.resolve(placement.hosts, (i) => placement.ranges[i]!, { ...findings, report });
  }
  const entries = readAttribute(block, 'hosts', scope, findings);
  const list = block.attributes.get('hosts')?.source.expression;
  return list && isList(entries) ? hosts.resolve(entries, (i) => entryPlace(i, list), findings) : null;
}

/** An entry by itself where the list is written out, else the whole list. */
function entryPlace(index: number, list: Expression): SourceRange {
  return (list.kind === 'tuple' ? list.items[index]?.range : undefined) ?? list.range;
}

/** Too few or too many hosts, as the definition counts them. */
export function checkCounts(
  { block, name, placement }: ComponentBlock,
  { counts }: Definition,
  placed: number,
  scope: Scope,
  findings: Findings,
): void {
  if (!counts || placed === 0) return;
  const min = readAttribute(counts, 'min', scope, findings);
  const max = readAttribute(counts, 'max', scope, findings);
  const at = placement?.range ?? block.attributes.get('hosts')!.source.expression.range;
  const report = (summary: string, detail: string): void => {
    const error = errorAt(at, summary, detail);
    findings.report(placement === null ? error : withoutLine(error));
  };
  const given = `component "${name}" is placed on ${placed} host${placed === 1 ? '' : 's'}`;
  if (typeof min === 'number' && placed < min) {
    report('Too few hosts', `${given}; its definition needs at least ${min}.`);
  }
  if (typeof max === 'number' && placed > max) {
    report('Too many hosts', `${given}; its definition allows at most ${max}.`);
  }
}

/** The component as plan and state know it. */
export function declareComponent(
  component: ComponentBlock,
  definition: Definition,
  evaluated: {
    readonly hosts: readonly string[];
    readonly inputs: ValueObject;
    readonly dependsOn: readonly string[];
    readonly cluster: ValueObject;
  },
  scope: Scope,
  hmac: (text: string) => string,
  findings: Findings,
): ComponentDeclaration {
  const { block } = component;
  const { hosts, inputs, dependsOn, cluster } = evaluated;
  const ignored = readAttribute(block, 'ignore_changes', scope, findings);
  const at = block.attributes.get('ignore_changes')?.source.expression.range ?? block.range;
  checkAddresses(ignored, definition.addresses, at, findings.report);
  const preventDestroy = readAttribute(block, 'prevent_destroy', scope, findings) === true;
  return {
    name: component.name,
    source: component.source,
    range: block.range,
    definitionDigest: definition.digest,
    description: definition.description,
    hosts,
    dependsOn,
    requires: requirementsOf(definition.requires, { input: inputs, cluster }, findings),
    update: updateRules(innerBlock(block, 'update'), scope, findings),
    ignoreChanges: texts(ignored),
    preventDestroy: component.guard ?? preventDestroy,
    inputDigests: digestInputs(inputs, hmac),
  };
}

function updateRules(block: BoundBlock | undefined, scope: Scope, findings: Findings): UpdateRules {
  const read = (name: string, otherwise: Value) =>
    block ? readAttribute(block, name, scope, findings) : otherwise;
  const share = read('max_in_flight', '25%');
  return {
    canaries: numberOr(read('canaries', 0), 0),
    maxInFlight:
      typeof share === 'number'
        ? { unit: 'instances', amount: share }
        : { unit: 'percent', amount: typeof share === 'string' ? Number.parseFloat(share) : 25 },
    watchSeconds: numberOr(read('watch', 0), 0),
  };
}

function numberOr<T>(value: Value, otherwise: T): number | T {
  return typeof value === 'number' ? value : otherwise;
}

function texts(value: Value): string[] {
  return isList(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `cluster` in definitions. */
export function clusterValue(name: string | null, version: string | null): ValueObject {
  return Object.assign(emptyObject(), { name, version });
}
