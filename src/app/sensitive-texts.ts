import { Sensitive, Unknown, type Value } from '../spec/value.ts';

/** Texts and numbers that stand, at any depth, under a sensitive mark. */
export function sensitiveTexts(values: Iterable<Value>): readonly string[] {
  const found = new Set<string>();
  const visit = (value: Value, hidden: boolean): void => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      if (hidden) found.add(String(value));
    } else if (value instanceof Sensitive) visit(value.reveal(), true);
    else if (value instanceof Unknown || typeof value !== 'object' || value === null) return;
    else
      for (const item of Array.isArray(value) ? (value as readonly Value[]) : Object.values(value))
        visit(item, hidden);
  };
  for (const value of values) visit(value, false);
  return [...found];
}
