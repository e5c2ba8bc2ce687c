import { elements } from './go.ts';
import type { GoBigFloat } from './go.ts';

/** More digits than any setting of a machine needs; beyond it lies only a way to eat memory. */
const LONGEST_NUMBER = 400;

/**
 * A decimal number exactly: an integer as a number up to 2^53 and a bigint beyond, anything else as the nearest double.
 * Undefined when the text is no number or has more than 400 digits.
 */
export function parseNumber(text: string): number | bigint | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fractionText = '', exponentText = '0'] = match;
  const fraction = fractionText.replace(/0+$/, '');
  const exponent = Number(exponentText);
  if (whole.length + fraction.length > LONGEST_NUMBER || Math.abs(exponent) > LONGEST_NUMBER)
    return undefined;
  const digits = (whole + fraction).replace(/0+$/, '');
  const zeros = whole.length - digits.length + exponent;
  if (zeros < 0 && digits !== '') return Number(text);
  const integer = BigInt(sign.replace('+', '') + (digits === '' ? '0' : digits + '0'.repeat(zeros)));
  return shrink(integer);
}

/** A bigint as a number where that is exact. */
export function shrink(integer: bigint): number | bigint {
  return integer >= BigInt(Number.MIN_SAFE_INTEGER) && integer <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(integer)
    : integer;
}

/** The number of an index key, which is an integer in all that makes sense. */
export function indexNumber(float: GoBigFloat): number {
  if (float.form !== 1) return float.form === 0 ? 0 : Infinity;
  const words = elements(float.mant);
  const magnitude = words.reduce((sum, word, i) => sum + word * 2 ** (32 * (i - words.length)), 0);
  return magnitude * 2 ** float.exp * (float.neg ? -1 : 1);
}
