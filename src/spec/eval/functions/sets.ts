import type { Value } from '../../value.ts';
import { identity, toSet } from '../equality.ts';
import { InputError } from '../error.ts';
import { define, list } from './definition.ts';
import type { EagerFunction } from './definition.ts';

function keep(items: readonly Value[], others: readonly Value[], when: boolean): Value[] {
  const known = new Set(others.map(identity));
  return toSet(items.filter((item) => known.has(identity(item)) === when));
}

function fromSecondOn(
  args: readonly Value[],
  combine: (a: readonly Value[], b: readonly Value[]) => Value[],
): Value[] {
  return args.slice(1).reduce<Value[]>((set, _, i) => combine(set, list(args, i + 1)), toSet(list(args, 0)));
}

const LARGEST_PRODUCT = 100_000;

/** All combinations, the last list turning fastest. */
function product(args: readonly Value[]): Value {
  if (args.length < 2) throw new InputError('at least two lists are needed');
  const lists = args.map((_, i) => list(args, i));
  if (lists.reduce((n, l) => n * l.length, 1) > LARGEST_PRODUCT) {
    throw new InputError(`there are more than ${LARGEST_PRODUCT} combinations`);
  }
  return lists.reduce<Value[][]>((rows, l) => rows.flatMap((row) => l.map((item) => [...row, item])), [[]]);
}

export const setFunctions: readonly EagerFunction[] = [
  define('setintersection(first, others...)', 'The values that are in all sets.', (a) =>
    fromSecondOn(a, (x, y) => keep(x, y, true)),
  ),
  define('setproduct(lists...)', 'All combinations of one element from each list.', product),
  define('setsubtract(set, without)', 'The values of the first set that are not in the second.', (a) =>
    keep(list(a, 0), list(a, 1), false),
  ),
  define('setunion(first, others...)', 'The values that are in any of the sets.', (a) =>
    fromSecondOn(a, (x, y) => toSet([...x, ...y])),
  ),
];
