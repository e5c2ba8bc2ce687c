/** Where decoding went wrong, for a message: `instances[3].dir`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  constructor(
    readonly path: string,
    readonly expected: string,
  ) {
    super(`${path === '' ? 'the document' : path}: ${expected} expected`);
  }
}

/** Checks untyped JSON against a shape; gives it back typed or throws `DecodeError`. */
export type Decoder<T> = (value: unknown, path: string) => T;

export const text: Decoder<string> = (value, path) =>
  typeof value === 'string' ? value : fail(path, 'a string');
export const whole: Decoder<number> = (value, path) =>
  Number.isSafeInteger(value) ? (value as number) : fail(path, 'a whole number');
export const numeric: Decoder<number> = (value, path) =>
  typeof value === 'number' ? value : fail(path, 'a number');
export const truth: Decoder<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : fail(path, 'true or false');

export function orNull<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null ? null : decoder(value, path));
}

export function only<const T>(wanted: T): Decoder<T> {
  return (value, path) => (value === wanted ? wanted : fail(path, String(wanted)));
}

/** An attribute that may be absent. */
export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined ? undefined : decoder(value, path));
}

export function oneOf<const T extends readonly string[]>(...words: T): Decoder<T[number]> {
  return (value, path) =>
    words.includes(value as string) ? (value as T[number]) : fail(path, `one of ${words.join(', ')}`);
}

export function listOf<T>(decoder: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'a list');
    value.forEach((item, i) => decoder(item, `${path}[${i}]`));
    return value as readonly T[];
  };
}

export function recordOf<T>(decoder: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, path) => {
    const object = asObject(value, path);
    for (const name in object) decoder(object[name], `${path}.${name}`);
    return object as Record<string, T>;
  };
}

/** An object with exactly checked attributes; unknown ones are let through, so that a patch release may add some. */
export function shape<T extends object>(decoders: {
  readonly [K in keyof T]-?: Decoder<T[K] | (undefined extends T[K] ? undefined : never)>;
}): Decoder<T> {
  const names = Object.keys(decoders) as (keyof T & string)[];
  return (value, path) => {
    const object = asObject(value, path);
    for (const name of names) decoders[name](object[name], path === '' ? name : `${path}.${name}`);
    return object as T;
  };
}

/** A discriminated union: the decoder is chosen by the value of `tag`. */
export function variant<T extends object>(
  tag: string,
  members: Readonly<Record<string, Decoder<T>>>,
): Decoder<T> {
  return (value, path) => {
    const name = asObject(value, path)[tag];
    const decoder = typeof name === 'string' ? members[name] : undefined;
    if (decoder === undefined) return fail(`${path}.${tag}`, `one of ${Object.keys(members).join(', ')}`);
    return decoder(value, path);
  };
}

export function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'an object');
  return value as Record<string, unknown>;
}

function fail(path: string, expected: string): never {
  throw new DecodeError(path, expected);
}
