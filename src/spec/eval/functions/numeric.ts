import type { Value } from '../../value.ts';
import { shrink } from '../../hcl/numbers.ts';
import { InputError } from '../error.ts';
import { calculate, isWhole, power, tidy } from '../numbers.ts';
import type { Numeric } from '../numbers.ts';
import { define, integer, list, number, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';

function numbers(args: readonly Value[]): Numeric[] {
  if (args.length === 0)
    throw new InputError('at least one number is needed (a list is handed over with "..." behind it)');
  return args.map((_, i) => number(args, i));
}

function rounded(value: Numeric, round: (n: number) => number): Numeric {
  return isWhole(value) ? value : tidy(round(value as number));
}

/** Digits to base 62 as in Go: 0-9, a-z, A-Z; up to base 36 case does not matter. */
function parseInteger(source: string, base: number): Numeric {
  if (base < 2 || base > 62) throw new InputError('a base from 2 to 62 is needed', 1);
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, base);
  const digits = source.replace(/^[+-]/, '');
  const values = [...(base <= 36 ? digits.toLowerCase() : digits)].map((digit) => alphabet.indexOf(digit));
  if (values.length === 0 || values.length > 400 || values.includes(-1)) {
    throw new InputError(`a whole number to base ${base} is needed`, 0);
  }
  const magnitude = values.reduce((sum, digit) => sum * BigInt(base) + BigInt(digit), 0n);
  return shrink(source.startsWith('-') ? -magnitude : magnitude);
}

const LONGEST_RANGE = 100_000;

/** Terraform's range: up to `limit`, from `start`, by `step`; without a step towards the limit. */
function range(args: readonly Value[]): Value {
  const [start, limit] = args.length === 1 ? [0, number(args, 0)] : [number(args, 0), number(args, 1)];
  const step = args.length === 3 ? number(args, 2) : limit < start ? -1 : 1;
  if (step === 0) throw new InputError('a step other than 0 is needed', 2);
  const values: Numeric[] = [];
  for (let n: Numeric = start; step > 0 ? n < limit : n > limit; n = calculate('+', n, step)) {
    if (values.length >= LONGEST_RANGE) throw new InputError(`a range has at most ${LONGEST_RANGE} elements`);
    values.push(n);
  }
  return values;
}

function logarithm(value: number, base: number): Numeric {
  if (value <= 0 || base <= 0 || base === 1)
    throw new InputError('numbers above 0 and a base other than 1 are needed');
  // Math.log is off by a hair where whole results are expected.
  const result = Math.log(value) / Math.log(base);
  const near = Math.round(result);
  return tidy(base ** near === value ? near : result);
}

export const numericFunctions: readonly EagerFunction[] = [
  define('abs(number)', 'The number without its sign.', (a) =>
    number(a, 0) < 0 ? -number(a, 0) : number(a, 0),
  ),
  define('ceil(number)', 'The next whole number upwards.', (a) => rounded(number(a, 0), Math.ceil)),
  define('floor(number)', 'The next whole number downwards.', (a) => rounded(number(a, 0), Math.floor)),
  define('log(number, base)', 'The logarithm to a base.', (a) =>
    logarithm(Number(number(a, 0)), Number(number(a, 1))),
  ),
  define('max(numbers...)', 'The greatest of the numbers.', (a) =>
    numbers(a).reduce((x, y) => (y > x ? y : x)),
  ),
  define('min(numbers...)', 'The least of the numbers.', (a) => numbers(a).reduce((x, y) => (y < x ? y : x))),
  define('parseint(string, base)', 'The whole number that a string writes to a base from 2 to 62.', (a) =>
    parseInteger(text(a, 0), integer(a, 1)),
  ),
  define('pow(number, exponent)', 'The number raised to a power.', (a) => power(number(a, 0), number(a, 1))),
  define(
    'range(start, limit?, step?)',
    'The numbers from start up to, not including, limit. range(3) is [0, 1, 2].',
    range,
  ),
  define('signum(number)', '-1, 0 or 1: the sign of a number.', (a) =>
    number(a, 0) < 0 ? -1 : number(a, 0) > 0 ? 1 : 0,
  ),
  define('sum(list)', 'The sum of the numbers of a list.', (a) =>
    numbers(list(a, 0)).reduce((x, y) => calculate('+', x, y)),
  ),
];
