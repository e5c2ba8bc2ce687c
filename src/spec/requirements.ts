import {
  parseCondition,
  parseLimit,
  parseTcpPlace,
  parseVersionConditions,
  type LimitName,
} from './demands.ts';
import { isList, isObject } from './eval/marks.ts';
import type { Scope } from './eval/compile.ts';
import { NO_REQUIREMENTS, type Requirements } from './model.ts';
import { innerBlock, type BoundBlock } from './schema/bind.ts';
import { readAttribute, type Findings } from './schema/read.ts';
import type { Value } from './value.ts';

/** What a definition's `requires` block says for a component; what is not known yet, or wrong, demands nothing. */
export function requirementsOf(block: BoundBlock | null, scope: Scope, findings: Findings): Requirements {
  if (block === null) return NO_REQUIREMENTS;
  const read = (name: string): Value => readAttribute(block, name, scope, findings);
  return {
    cpu: numberOf(read('cpu')),
    memoryBytes: numberOf(read('memory')),
    diskBytes: numberOf(read('disk')),
    os: textsOf(read('os')),
    ports: itemsOf(read('ports')).filter((port) => typeof port === 'number'),
    resolves: textsOf(read('resolves')),
    reaches: textsOf(read('reaches')).flatMap((text) => parseTcpPlace(text) ?? []),
    sysctl: entriesOf(read('sysctl')).flatMap(([name, value]) => {
      const condition = typeof value === 'string' ? parseCondition(value) : undefined;
      return condition === undefined ? [] : [{ name, ...condition }];
    }),
    limits: entriesOf(read('limits')).flatMap(([name, value]) => {
      const atLeast =
        typeof value === 'string' || typeof value === 'number' ? parseLimit(name, value) : undefined;
      return atLeast === undefined ? [] : [{ name: name as LimitName, atLeast }];
    }),
    kernel: kernelOf(innerBlock(block, 'kernel'), scope, findings),
  };
}

function kernelOf(block: BoundBlock | undefined, scope: Scope, findings: Findings): Requirements['kernel'] {
  if (block === undefined) return NO_REQUIREMENTS.kernel;
  const version = readAttribute(block, 'version', scope, findings);
  return {
    version: (typeof version === 'string' ? parseVersionConditions(version) : undefined) ?? [],
    parameters: textsOf(readAttribute(block, 'parameters', scope, findings)),
  };
}

function numberOf(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}

function itemsOf(value: Value): readonly Value[] {
  return isList(value) ? value : [];
}

function textsOf(value: Value): string[] {
  return itemsOf(value).filter((item) => typeof item === 'string');
}

function entriesOf(value: Value): readonly [string, Value][] {
  return isObject(value) ? Object.entries(value) : [];
}
