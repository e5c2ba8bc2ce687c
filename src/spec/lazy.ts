import { emptyObject } from './eval/marks.ts';
import type { Value, ValueObject } from './value.ts';

/** Evaluates named values on first use and keeps them. A value that needs itself gets what `onCycle` gives. */
export interface LazyValues {
  /** `circle`: the names on the way from a value back to itself, as `[a, b, a]`. */
  readonly onCycle: (circle: readonly string[]) => Value;
  readonly stack: string[];
}

/** An object of the language whose members are computed when they are read. */
export function lazyObject(
  names: Iterable<string>,
  prefix: string,
  compute: (name: string) => Value,
  values: LazyValues,
): ValueObject {
  const object = emptyObject();
  for (const name of names) {
    const get = lazyValue(prefix + name, () => compute(name), values);
    Object.defineProperty(object, name, { enumerable: true, get });
  }
  return object;
}

/** A value that is computed when it is first asked for. `name` is what a cycle calls it. */
export function lazyValue<T extends Value>(
  name: string,
  compute: () => T,
  { onCycle, stack }: LazyValues,
): () => T | Value {
  let done: { readonly value: T } | undefined;
  return () => {
    if (done) return done.value;
    const start = stack.indexOf(name);
    if (start >= 0) return onCycle([...stack.slice(start), name]);
    stack.push(name);
    try {
      done = { value: compute() };
      return done.value;
    } finally {
      stack.pop();
    }
  };
}
