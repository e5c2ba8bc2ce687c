import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Scope } from './eval/compile.ts';
import { containsSensitive, revealDeep } from './eval/marks.ts';
import type { BoundBlock } from './schema/bind.ts';
import { BROKEN, evaluate, readAttribute } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import type { Value } from './value.ts';

export interface OutputValue {
  /** Without `Sensitive` at any depth; holds `Unknown` where a variable is missing. */
  readonly value: Value;
  readonly sensitive: boolean;
  readonly description: string;
}

/** The value of an `output` block; undefined after an error. */
export function evaluateOutput(block: BoundBlock, scope: Scope, findings: Findings): OutputValue | undefined {
  const attribute = block.attributes.get('value');
  if (!attribute) return undefined;
  const value = evaluate(attribute, scope, findings);
  if (value === BROKEN) return undefined;
  const sensitive = readAttribute(block, 'sensitive', scope, findings) === true;
  if (!sensitive && containsSensitive(value)) {
    const detail = `output "${block.label}" would show a sensitive value: set sensitive = true.`;
    findings.report(errorAt(attribute.source.expression.range, 'Sensitive value', detail));
    return undefined;
  }
  const description = readAttribute(block, 'description', scope, findings);
  return {
    value: revealDeep(value),
    sensitive,
    description: typeof description === 'string' ? description : '',
  };
}
