import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Scope } from './eval/compile.ts';
import { unmark } from './eval/marks.ts';
import type { BoundAttribute } from './schema/bind.ts';
import { evaluate } from './schema/read.ts';
import type { Findings } from './schema/read.ts';
import { Unknown } from './value.ts';
import type { Value } from './value.ts';

export interface EachItem {
  readonly key: string;
  readonly value: Value;
}

const NONE: readonly EachItem[] = [];

/** What `for_each` goes over; nothing after an error, and nothing while it is unknown, which `findings` then says. */
export function forEachItems(
  attribute: BoundAttribute,
  scope: Scope,
  findings: Findings,
): readonly EachItem[] {
  const { value, sensitive, unknown } = unmark(evaluate(attribute, scope, findings));
  const at = attribute.source.expression.range;
  if (unknown) {
    findings.unknown(unknown);
    return NONE;
  }
  if (sensitive) {
    const detail =
      'The keys stand in addresses of resources, which are shown. Go over names that are not sensitive.';
    findings.report(errorAt(at, 'Sensitive value', `"for_each" must not be sensitive. ${detail}`));
    return NONE;
  }
  if (Array.isArray(value)) return fromList(value as readonly Value[], attribute, findings);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, item]) => ({ key, value: item as Value }));
  }
  findings.report(
    errorAt(at, 'Wrong type', 'for_each: a map, or a set or list of different strings, is needed.'),
  );
  return NONE;
}

function fromList(
  items: readonly Value[],
  attribute: BoundAttribute,
  findings: Findings,
): readonly EachItem[] {
  const at = attribute.source.expression.range;
  const unknown = items.find((item) => item instanceof Unknown);
  if (unknown instanceof Unknown) {
    findings.unknown(unknown);
    return NONE;
  }
  const keys = items.filter((item) => typeof item === 'string');
  if (keys.length !== items.length) {
    findings.report(
      errorAt(at, 'Wrong type', 'for_each: every item of the list must be a string that is not sensitive.'),
    );
    return NONE;
  }
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    findings.report(errorAt(at, 'Given twice', `for_each: "${twice}" is in the list twice.`));
    return NONE;
  }
  return keys.map((key) => ({ key, value: key }));
}
