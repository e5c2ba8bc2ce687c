import { emptyObject } from './eval/marks.ts';
import type { Value, ValueObject } from './value.ts';

/** Evaluates named values on first use and keeps them. */
export interface LazyValues {
  /** What a value gets that needs itself. */
  readonly onCycle: Value;
  /** Names of what is being computed, the innermost last. */
  readonly stack: string[];
  /** By name, the values that its computing has read. */
  readonly reads: Map<string, Set<string>>;
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

/** A value that is computed when it is first asked for. */
export function lazyValue<T extends Value>(
  name: string,
  compute: () => T,
  values: LazyValues,
): () => T | Value {
  const { onCycle, stack, reads } = values;
  let done: { readonly value: T } | undefined;
  return () => {
    const reader = stack.at(-1);
    if (reader !== undefined) reads.set(reader, (reads.get(reader) ?? new Set()).add(name));
    if (done) return done.value;
    if (stack.includes(name)) return onCycle;
    done = { value: computing(name, compute, values) };
    return done.value;
  };
}

/** Computes a value under a name: what it reads is noted there. */
export function computing<T>(name: string, compute: () => T, { stack }: LazyValues): T {
  stack.push(name);
  try {
    return compute();
  } finally {
    stack.pop();
  }
}
