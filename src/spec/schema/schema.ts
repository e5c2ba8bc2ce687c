import type { Value } from '../value.ts';

/**
 * What an attribute may hold. Beside the plain types of the language:
 * `integer` (not negative), `port` (1 to 65535), `mode` ("0644"), `path` (relative ones lie in `instance.dir`),
 * `size` ("1GiB", or bytes), `duration` ("30s", or seconds), `share` (a number or "25%"),
 * `host name`, `address:port`, `condition` (">= 5", or a value that must be equal), `versions` (">= 5.10, < 6.8"),
 * `limits` (least values by the names of limits.conf),
 * `type` (a type constraint), `component` (`component.NAME`), and `expression` (anything, evaluated by its own rules).
 */
export type AttributeType =
  | 'string'
  | 'number'
  | 'bool'
  | 'bool or string'
  | 'any'
  | 'integer'
  | 'port'
  | 'mode'
  | 'path'
  | 'size'
  | 'duration'
  | 'share'
  | 'list(string)'
  | 'list(port)'
  | 'list(any)'
  | 'map(string)'
  | 'map(any)'
  | 'list(host name)'
  | 'list(address:port)'
  | 'map(condition)'
  | 'versions'
  | 'limits'
  | 'type'
  | 'component'
  | 'list(component)'
  | 'expression';

/** A default that depends on where the block stands. */
export type DefaultFrom = 'label' | 'host.address' | 'all above' | 'the file name';

/** Whether a sensitive value may stand in an attribute. `required`: a secret, which must come from a sensitive variable. */
export type Sensitivity = 'forbidden' | 'allowed' | 'required';

export interface AttributeSchema {
  readonly name: string;
  readonly type: AttributeType;
  readonly description: string;
  readonly required: boolean;
  /** As the attribute's type holds it after conversion (seconds, bytes); null: none. */
  readonly default: Value;
  /** Set where the default is not a fixed value. */
  readonly defaultFrom: DefaultFrom | null;
  /** As one would write the default, where that is not the value itself: "30s". */
  readonly defaultText: string | null;
  readonly oneOf: readonly string[] | null;
  readonly sensitive: Sensitivity;
  /** Where a sensitive value belongs instead; ends the error. */
  readonly instead: string | null;
}

export interface BlockSchema {
  readonly type: string;
  /** What its labels are called in the docs, in order. */
  readonly labels: readonly string[];
  /** What a label may be: a name that expressions can use, or any text. */
  readonly names: 'identifier' | 'text';
  /** The first label must be this: `provider "ssh"` and `provider "local"` are two schemas. */
  readonly variant: string | null;
  /** `one`: at most one in its body (of each variant); `named`: any number, each label once; `many`: any number. */
  readonly occurs: 'one' | 'named' | 'many';
  readonly description: string;
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** Of these attributes exactly one must be given. */
  readonly exactlyOne: readonly string[];
  readonly blocks: readonly BlockSchema[];
  /** Any attribute name is fine, its value an expression: `locals`. */
  readonly open: boolean;
}

type AttributeOptions = Partial<Omit<AttributeSchema, 'name' | 'type' | 'description'>>;

/** One row of a table. */
export function attribute(
  name: string,
  type: AttributeType,
  description: string,
  options: AttributeOptions = {},
): AttributeSchema {
  return {
    name,
    type,
    description,
    required: false,
    default: null,
    defaultFrom: null,
    defaultText: null,
    oneOf: null,
    sensitive: 'forbidden',
    instead: null,
    ...options,
  };
}

type BlockOptions = Partial<Omit<BlockSchema, 'type' | 'description' | 'attributes'>>;

/** One table. */
export function block(
  type: string,
  description: string,
  attributes: readonly AttributeSchema[],
  options: BlockOptions = {},
): BlockSchema {
  return {
    type,
    description,
    labels: [],
    names: 'identifier',
    variant: null,
    occurs: 'one',
    exactlyOne: [],
    blocks: [],
    open: false,
    ...options,
    attributes: new Map(attributes.map((a) => [a.name, a])),
  };
}
