import { ConversionError, convert } from '../eval/types.ts';
import type { Type } from '../eval/types.ts';
import {
  isHostName,
  isSysctlName,
  LIMIT_NAMES,
  parseCondition,
  parseLimit,
  parseTcpPlace,
  parseVersionConditions,
} from '../demands.ts';
import { parseBytes, parseSeconds } from '../units.ts';
import { Sensitive, Unknown } from '../value.ts';
import type { Value, ValueObject } from '../value.ts';
import { emptyObject } from '../eval/marks.ts';
import type { AttributeType } from './schema.ts';

const TEXT: Type = { kind: 'string' };
const NUMBER: Type = { kind: 'number' };
const BOOL: Type = { kind: 'bool' };
const ANY: Type = { kind: 'any' };
const TEXT_LIST: Type = { kind: 'list', element: TEXT };
const TEXT_MAP: Type = { kind: 'map', element: TEXT };

/** A value as an attribute's type holds it: sizes in bytes, durations in seconds. Marks are kept. Throws `ConversionError`. */
export function convertAttribute(value: Value, type: AttributeType): Value {
  if (value instanceof Unknown) return value;
  if (value instanceof Sensitive) return new Sensitive(convertAttribute(value.reveal(), type));
  switch (type) {
    case 'string':
    case 'path':
      return typeof value === 'string' ? value : convert(value, TEXT);
    case 'number':
      return typeof value === 'number' ? value : convert(value, NUMBER);
    case 'bool':
      return typeof value === 'boolean' ? value : convert(value, BOOL);
    case 'bool or string':
      return typeof value === 'boolean' || typeof value === 'string' ? value : convert(value, TEXT);
    case 'integer':
      return integer(value, 0, Number.MAX_SAFE_INTEGER, 'a whole number that is not negative is needed');
    case 'port':
      return integer(value, 1, 65_535, 'a port is needed: a number from 1 to 65535');
    case 'mode':
      return mode(value);
    case 'size':
      return quantity(
        value,
        parseBytes,
        'a size such as "512MiB" or "1GiB", or a number of bytes, is needed',
      );
    case 'duration':
      return quantity(
        value,
        parseSeconds,
        'a duration such as "30s" or "5m", or a number of seconds, is needed',
      );
    case 'share':
      return share(value);
    case 'list(string)':
      return elements(value, TEXT_LIST);
    case 'list(port)':
      return list(value).map((item, i) => within(i, () => convertAttribute(item, 'port')));
    case 'list(any)':
      return list(value);
    case 'map(string)':
      return elements(value, TEXT_MAP);
    case 'map(any)':
      return convert(value, { kind: 'map', element: ANY });
    case 'list(host name)':
      return texts(value, isHostName, 'the name of a host is needed, such as "db.internal"');
    case 'list(address:port)':
      return texts(
        value,
        (text) => parseTcpPlace(text) !== undefined,
        'an address and a port are needed, such as "10.0.0.5:5432", "db.internal:5432" or "[2001:db8::5]:5432"',
      );
    case 'map(condition)':
      return conditions(value);
    case 'versions':
      return versions(value);
    case 'limits':
      return limits(value);
    case 'any':
    case 'expression':
    case 'type':
    case 'component':
    case 'list(component)':
      return value;
  }
}

/** A list or map of texts; null is no text. */
function elements(value: Value, type: Type): Value {
  const converted = convert(value, type);
  if (typeof converted !== 'object' || converted === null) return converted;
  const entries = Array.isArray(converted) ? converted.entries() : Object.entries(converted);
  for (const [key, item] of entries) {
    if (item === null) throw new ConversionError([key as string | number], 'null is not allowed here');
  }
  return converted;
}

/** A list of texts of one form; elements that are not known yet are left as they are. */
function texts(value: Value, isOne: (text: string) => boolean, needed: string): Value {
  return list(value).map((item, i) =>
    within(i, () => {
      if (item instanceof Unknown) return item;
      if (typeof item === 'string' && isOne(item)) return item;
      throw new ConversionError([], needed);
    }),
  );
}

/** By the names of sysctl(8); every value as the text of a condition. */
function conditions(value: Value): Value {
  return mapped(value, (name, item) => {
    if (!isSysctlName(name))
      throw new ConversionError([], 'the name of a kernel setting is needed, such as "vm.max_map_count"');
    const text = ['string', 'number', 'bigint'].includes(typeof item) ? String(item as string | number) : '';
    const condition = parseCondition(text);
    const ordered = condition !== undefined && !['=', '!='].includes(condition.operator);
    if (condition === undefined || (ordered && !/^-?\d+$/.test(condition.value)))
      throw new ConversionError(
        [],
        'a number, or a condition such as ">= 262144", "!= 0" or "= 4096 87380 6291456", is needed',
      );
    return text;
  });
}

function versions(value: Value): Value {
  if (typeof value === 'string' && parseVersionConditions(value) !== undefined) return value;
  throw new ConversionError(
    [],
    'conditions on a version are needed as text, such as ">= 5.10" or ">= 5.10, < 6.8"',
  );
}

/** Numbers, bytes where a limit counts them; "unlimited" stays. */
function limits(value: Value): Value {
  return mapped(value, (name, item) => {
    if (!(LIMIT_NAMES as readonly string[]).includes(name))
      throw new ConversionError([], `a limit is one of ${LIMIT_NAMES.join(', ')}`);
    const least = typeof item === 'number' || typeof item === 'string' ? parseLimit(name, item) : undefined;
    if (least === undefined)
      throw new ConversionError(
        [],
        'a whole number, a size where bytes are counted, or "unlimited" is needed',
      );
    return least === Infinity ? 'unlimited' : least;
  });
}

function mapped(value: Value, convertItem: (name: string, item: Value) => Value): Value {
  const map = convert(value, { kind: 'map', element: ANY });
  if (typeof map !== 'object' || map === null || map instanceof Unknown || map instanceof Sensitive)
    return map;
  const result = emptyObject();
  for (const [name, item] of Object.entries(map as ValueObject))
    result[name] = item instanceof Unknown ? item : within(name, () => convertItem(name, item));
  return result;
}

function list(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  throw new ConversionError([], 'a list is needed');
}

function within<T>(key: number | string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConversionError) throw new ConversionError([key, ...error.path], error.reason);
    throw error;
  }
}

function integer(value: Value, least: number, most: number, needed: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most)
    return number;
  throw new ConversionError([], needed);
}

function mode(value: Value): string {
  if (typeof value === 'string' && /^0?[0-7]{3,4}$/.test(value)) return value.padStart(4, '0').slice(-4);
  throw new ConversionError([], 'permissions are needed as text in octal digits, such as "0644"');
}

function quantity(value: Value, parse: (text: string) => number | undefined, needed: string): number {
  const number = typeof value === 'string' ? parse(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
  throw new ConversionError([], needed);
}

/** Kept as written: a number, or text such as "25%". */
function share(value: Value): Value {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  if (typeof value === 'string' && /^[1-9]\d*$/.test(value)) return Number(value);
  const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value) : null;
  if (percent && Number(percent[1]) > 0 && Number(percent[1]) <= 100) return `${percent[1]}%`;
  throw new ConversionError([], 'a number from 1, or a share such as "25%", is needed');
}
