/** JSON Schema (2020-12), as OpenAPI 3.1 has it; the validator of requests reads the same. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A property that may be absent. */
export interface OptionalSchema {
  readonly optional: JsonSchema;
}

/** A schema for each property of a type: one that is forgotten, or is no longer there, does not compile. */
export type Properties<T> = {
  readonly [K in keyof T]-?: unknown extends T[K]
    ? JsonSchema
    : undefined extends T[K]
      ? OptionalSchema
      : JsonSchema;
};

export function object<T>(properties: Properties<T>, description?: string): JsonSchema {
  const entries = Object.entries<JsonSchema | OptionalSchema>(properties);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name, isOptional(schema) ? schema.optional : schema]),
    ),
    required: entries.flatMap(([name, schema]) => (isOptional(schema) ? [] : [name])),
  };
}

/** What may be asked: other names are refused. */
export function closed(schema: JsonSchema): JsonSchema {
  return { ...schema, additionalProperties: false };
}

export function optional(schema: JsonSchema): OptionalSchema {
  return { optional: schema };
}

export function text(description?: string, rules: JsonSchema = {}): JsonSchema {
  return { type: 'string', ...described(description), ...rules };
}

export function whole(description?: string, rules: JsonSchema = {}): JsonSchema {
  return { type: 'integer', ...described(description), ...rules };
}

export function number(description?: string): JsonSchema {
  return { type: 'number', ...described(description) };
}

export function truth(description?: string): JsonSchema {
  return { type: 'boolean', ...described(description) };
}

export function oneOf(values: readonly string[], description?: string): JsonSchema {
  return { type: 'string', enum: values, ...described(description) };
}

export function list(items: JsonSchema, description?: string): JsonSchema {
  return { type: 'array', items, ...described(description) };
}

/** Any keys, all with values of one kind. */
export function table(values: JsonSchema, description?: string): JsonSchema {
  return { type: 'object', additionalProperties: values, ...described(description) };
}

export function orNull({ description, ...schema }: JsonSchema, why?: string): JsonSchema {
  const words = described(why ?? (description as string | undefined));
  if (typeof schema['type'] === 'string' && !('enum' in schema))
    return { ...schema, type: [schema['type'], 'null'], ...words };
  return { anyOf: [schema, { type: 'null' }], ...words };
}

/** A schema of the document's components, by its name. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export const anything: JsonSchema = {};

function isOptional(schema: JsonSchema | OptionalSchema): schema is OptionalSchema {
  return 'optional' in schema;
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}
