import type { Unknown, Value, ValueObject } from '../../value.ts';
import { distinct, equal, identity } from '../equality.ts';
import { InputError } from '../error.ts';
import { emptyObject, isList, isObject, mark, sortedKeys, unmark } from '../marks.ts';
import { asBool, kindOf } from '../primitives.ts';
import { define, integer, list, map, text, texts } from './definition.ts';
import type { EagerFunction } from './definition.ts';
import { graphemes } from './strings.ts';

const shallow = { marks: 'shallow' } as const;

function length(value: Value): number {
  if (typeof value === 'string') return graphemes(value).length;
  if (isList(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new InputError(`a list, a map or a string is needed, and this is ${kindOf(value)}`, 0);
}

/** Wraps around at the end, as Terraform's does. */
function element(items: readonly Value[], index: number): Value {
  if (items.length === 0) throw new InputError('an empty list has no elements', 0);
  return items[((index % items.length) + items.length) % items.length]!;
}

function flatten(items: readonly Value[]): Value {
  const flat: Value[] = [];
  let sensitive = false;
  const visit = (list: readonly Value[]): Unknown | undefined => {
    for (const item of list) {
      const bare = unmark(item);
      if (isList(bare.value)) {
        sensitive ||= bare.sensitive;
        const unknown = visit(bare.value);
        if (unknown) return unknown;
        // An unknown element may be a list of any length.
      } else if (bare.unknown) return bare.unknown;
      else flat.push(item);
    }
    return undefined;
  };
  const unknown = visit(items);
  return mark(unknown ?? flat, sensitive);
}

function lookup(object: ValueObject, key: string, args: readonly Value[]): Value {
  if (Object.hasOwn(object, key)) return object[key]!;
  if (args.length > 2) return args[2]!;
  throw new InputError('the map has no such key, and no default is given', 1);
}

function merge(args: readonly Value[]): Value {
  const all = emptyObject();
  args.forEach((arg, i) => {
    if (arg !== null) Object.assign(all, map(args, i));
  });
  return all;
}

function zipmap(keys: readonly string[], values: readonly Value[]): Value {
  if (keys.length !== values.length) throw new InputError('as many values as keys are needed', 1);
  const object = emptyObject();
  keys.forEach((key, i) => (object[key] = values[i]!));
  return object;
}

function slice(items: readonly Value[], start: number, end: number): Value {
  if (start < 0 || end < start || end > items.length) {
    throw new InputError(`indexes with 0 <= start <= end <= ${items.length} are needed`);
  }
  return items.slice(start, end);
}

function chunks(items: readonly Value[], size: number): Value {
  if (size < 0) throw new InputError('a size of 0 or more is needed', 1);
  if (size === 0) return items.length === 0 ? [] : [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** The first value that is neither null nor an empty string; one that is unknown decides nothing. */
function coalesce(args: readonly Value[]): Value {
  let sensitive = false;
  for (const arg of args) {
    const bare = unmark(arg);
    sensitive ||= bare.sensitive;
    if (bare.value !== null && bare.value !== '') return mark(bare.value, sensitive);
  }
  throw new InputError('all values are null or empty');
}

function coalesceList(args: readonly Value[]): Value {
  let sensitive = false;
  for (const arg of args) {
    const bare = unmark(arg);
    sensitive ||= bare.sensitive;
    if (bare.unknown || (bare.value !== null && length(bare.value) > 0)) return mark(bare.value, sensitive);
  }
  throw new InputError('all lists are null or empty');
}

function one(items: Value): Value {
  if (!isList(items)) throw new InputError(`a list is needed, and this is ${kindOf(items)}`, 0);
  if (items.length > 1)
    throw new InputError(`a list of at most one element is needed, and this one has ${items.length}`, 0);
  return items[0] ?? null;
}

function transpose(object: ValueObject): Value {
  const turned = emptyObject();
  for (const key of sortedKeys(object)) {
    for (const value of texts([object[key]!], 0)) ((turned[value] ??= []) as Value[]).push(key);
  }
  return turned;
}

function matchkeys(values: readonly Value[], keys: readonly Value[], wanted: readonly Value[]): Value {
  if (values.length !== keys.length) throw new InputError('as many keys as values are needed', 1);
  const searched = new Set(wanted.map(identity));
  return values.filter((_, i) => searched.has(identity(keys[i]!)));
}

function index(items: readonly Value[], value: Value): number {
  const found = items.findIndex((item) => equal(item, value));
  if (found < 0) throw new InputError('the list does not contain this value', 1);
  return found;
}

function values(object: ValueObject): Value[] {
  return sortedKeys(object).map((key) => object[key]!);
}

function truths(items: readonly Value[]): boolean[] {
  return items.map((item) => {
    const truth = item === null ? false : asBool(item);
    if (truth === undefined)
      throw new InputError(`a list of bools is needed, and one element is ${kindOf(item)}`, 0);
    return truth;
  });
}

function compact(items: readonly Value[]): Value {
  const given = items.filter((item) => item !== null);
  return texts([given], 0).filter((item) => item !== '');
}

export const collectionFunctions: readonly EagerFunction[] = [
  define('alltrue(list)', 'Whether all elements are true; so it is for an empty list.', (a) =>
    truths(list(a, 0)).every(Boolean),
  ),
  define('anytrue(list)', 'Whether at least one element is true.', (a) => truths(list(a, 0)).some(Boolean)),
  define(
    'chunklist(list, size)',
    'The list in pieces of a size.',
    (a) => chunks(list(a, 0), integer(a, 1)),
    shallow,
  ),
  define('coalesce(values...)', 'The first value that is neither null nor an empty string.', coalesce, {
    marks: 'kept',
  }),
  define('coalescelist(lists...)', 'The first list that is neither null nor empty.', coalesceList, {
    marks: 'kept',
  }),
  define('compact(list)', 'The strings of a list without empty ones and nulls.', (a) => compact(list(a, 0))),
  define(
    'concat(lists...)',
    'All lists one after the other.',
    (a) => a.flatMap((_, i) => list(a, i)),
    shallow,
  ),
  define(
    'contains(list, value)',
    'Whether a list contains a value.',
    (a) => list(a, 0).some((item) => equal(item, a[1]!)),
    { nullable: true },
  ),
  define('distinct(list)', 'The list without repetitions.', (a) => distinct(list(a, 0))),
  define(
    'element(list, index)',
    'An element of a list; beyond the end it starts over.',
    (a) => element(list(a, 0), integer(a, 1)),
    shallow,
  ),
  define(
    'flatten(list)',
    'The list with all lists inside it laid open.',
    (a) => flatten(list(a, 0)),
    shallow,
  ),
  define('index(list, value)', 'The index of the first element that is equal to a value.', (a) =>
    index(list(a, 0), a[1]!),
  ),
  define('keys(map)', 'The keys of a map, sorted.', (a) => sortedKeys(map(a, 0)), shallow),
  define(
    'length(value)',
    'How many elements a list or map has, or characters a string.',
    (a) => length(a[0]!),
    shallow,
  ),
  define(
    'lookup(map, key, default?)',
    'The element of a key, or the default.',
    (a) => lookup(map(a, 0), text(a, 1), a),
    { marks: 'shallow', nullable: true },
  ),
  define(
    'matchkeys(values, keys, wanted)',
    'The values whose key, at the same index, is among the wanted ones.',
    (a) => matchkeys(list(a, 0), list(a, 1), list(a, 2)),
  ),
  define('merge(maps...)', 'All maps in one; later ones win.', merge, { marks: 'shallow', nullable: true }),
  define('one(list)', 'The only element of a list, or null of an empty one.', (a) => one(a[0]!), shallow),
  define('reverse(list)', 'The list backwards.', (a) => [...list(a, 0)].reverse(), shallow),
  define(
    'slice(list, start, end)',
    'The elements from start up to, not including, end.',
    (a) => slice(list(a, 0), integer(a, 1), integer(a, 2)),
    shallow,
  ),
  define('sort(list)', 'The strings of a list in order.', (a) => texts(a, 0).sort()),
  define('transpose(map)', 'A map of lists of strings with keys and elements exchanged.', (a) =>
    transpose(map(a, 0)),
  ),
  define('values(map)', 'The values of a map in the order of its keys.', (a) => values(map(a, 0)), shallow),
  define(
    'zipmap(keys, values)',
    'A map from a list of keys and one of values.',
    (a) => zipmap(texts(a, 0), list(a, 1)),
    shallow,
  ),
];
