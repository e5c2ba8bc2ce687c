/**
 * Values of the language at run time. Plain JavaScript where possible, so that evaluation stays cheap:
 * an HCL list, tuple or set is an array (a set is sorted and has no duplicates), a map or object is a plain object
 * with a null prototype; an integer beyond 2^53 is a bigint.
 * `Unknown` and `Sensitive` are marks that propagate through every operation.
 */
export type Value =
  string | number | bigint | boolean | null | readonly Value[] | ValueObject | Unknown | Sensitive;
export interface ValueObject {
  readonly [key: string]: Value;
}

/** A value that is not known yet: a fact of a host that was not probed. */
export class Unknown {
  /** `path` says which fact is missing, as in "host.facts.cores"; for messages. */
  constructor(readonly path: string) {}
}

/** A value that must never be shown. Prints as `(sensitive)` however it is converted. */
export class Sensitive {
  readonly #value: Value;
  constructor(value: Value) {
    this.#value = value instanceof Sensitive ? value.reveal() : value;
  }
  /** The bare value. Call it only at the edge that needs it, never for display. */
  reveal(): Value {
    return this.#value;
  }
  toString(): string {
    return '(sensitive)';
  }
  toJSON(): string {
    return '(sensitive)';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(sensitive)';
  }
}
