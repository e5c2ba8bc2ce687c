import { shrink } from '../hcl/numbers.ts';
import { InputError } from './error.ts';

/** A number of the language: a bigint only where the integer lies beyond 2^53. */
export type Numeric = number | bigint;

type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** Beyond this many bits (about 400 digits) a number is an accident. */
const MOST_BITS = 1330;

/** Integers stay exact at any size; fractions are doubles, rounded to 15 digits so that 0.1 + 0.2 is 0.3. */
export function calculate(operator: Arithmetic, a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = onDoubles(operator, a, b);
    if (Number.isSafeInteger(result)) return result;
    if (!Number.isInteger(a) || !Number.isInteger(b))
      return operator === '/' ? tidy(result) : tidy(Number(result.toPrecision(15)));
    if (operator === '/') return tidy(result);
    return onIntegers(operator, BigInt(a), BigInt(b));
  }
  if (isWhole(a) && isWhole(b)) {
    const x = BigInt(a);
    const y = BigInt(b);
    if (operator !== '/') return onIntegers(operator, x, y);
    if (y !== 0n && x % y === 0n) return shrink(x / y);
  }
  return tidy(onDoubles(operator, Number(a), Number(b)));
}

function onDoubles(operator: Arithmetic, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new InputError('a number cannot be divided by zero');
      return a / b;
    case '%':
      if (b === 0) throw new InputError('a number cannot be divided by zero');
      return a % b;
  }
}

function onIntegers(operator: Exclude<Arithmetic, '/'>, a: bigint, b: bigint): Numeric {
  switch (operator) {
    case '+':
      return bounded(a + b);
    case '-':
      return bounded(a - b);
    case '*':
      return bounded(a * b);
    case '%':
      if (b === 0n) throw new InputError('a number cannot be divided by zero');
      return shrink(a % b);
  }
}

/** Brings a double to the form that the language keeps; refuses infinities. */
export function tidy(value: number): Numeric {
  if (!Number.isFinite(value)) throw new InputError('the result is too large for a number');
  if (value === 0) return 0;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? bounded(BigInt(value)) : value;
}

function bounded(value: bigint): Numeric {
  if (value > 1n << BigInt(MOST_BITS) || value < -(1n << BigInt(MOST_BITS))) {
    throw new InputError('the result is too large for a number');
  }
  return shrink(value);
}

/** Integer power, exact; anything else as doubles. */
export function power(base: Numeric, exponent: Numeric): Numeric {
  if (!isWhole(base) || !isWhole(exponent) || exponent < 0) return tidy(Number(base) ** Number(exponent));
  const bits = Math.abs(Number(base)) <= 1 ? 1 : Math.log2(Math.abs(Number(base))) * Number(exponent);
  if (bits > MOST_BITS) throw new InputError('the result is too large for a number');
  return shrink(BigInt(base) ** BigInt(exponent));
}

export function isWhole(value: Numeric): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** The decimal form, never with an exponent. */
export function numberText(value: Numeric): string {
  const text = String(value);
  if (Number.isSafeInteger(value)) return text;
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', first = '', rest = '', exponent = ''] = match;
  const shift = Number(exponent);
  return shift < 0
    ? `${sign}0.${'0'.repeat(-shift - 1)}${first}${rest}`
    : `${sign}${first}${rest.padEnd(shift, '0')}`;
}
