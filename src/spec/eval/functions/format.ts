import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { asBool, asNumber, asText, kindOf } from '../primitives.ts';
import { encodeJson } from './json.ts';

const DIRECTIVE = /%(?:%|([-+ 0#]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))|%/g;
const WIDEST = 1000;

/** Go's verbs as far as values of the language have a use for them: v s q t d b o x X f e g. `%[2]s` picks an argument. */
export function formatText(format: string, values: readonly Value[]): string {
  let next = 0;
  let used = 0;
  const result = format.replace(
    DIRECTIVE,
    (whole, flags: string, width: string, precision: string, index: string, verb: string) => {
      if (whole === '%%') return '%';
      if (verb === undefined) throw new InputError('"%" needs a verb after it; "%%" is a percent sign', 0);
      const at = index === undefined ? next : Number(index) - 1;
      next = at + 1;
      used = Math.max(used, next);
      if (at >= values.length || at < 0) throw new InputError(`there is no value for "${whole}"`, 0);
      if (Number(width ?? 0) > WIDEST || Number(precision ?? 0) > 100)
        throw new InputError(`"${whole}" is too wide`, 0);
      const text = formatOne(
        verb,
        flags,
        precision === undefined ? undefined : Number(precision),
        values[at]!,
        at + 1,
      );
      return pad(text, flags, Number(width ?? 0), verb);
    },
  );
  if (used < values.length)
    throw new InputError(`there are ${values.length} values, and the format uses ${used}`, 0);
  return result;
}

function formatOne(
  verb: string,
  flags: string,
  precision: number | undefined,
  value: Value,
  argument: number,
): string {
  const number = () => asNumber(value) ?? refuse('a number', value, argument);
  const whole = () => {
    const n = number();
    return typeof n === 'bigint' || Number.isInteger(n)
      ? BigInt(n)
      : refuse('a whole number', value, argument);
  };
  const signed = (text: string) =>
    text.startsWith('-') ? text : flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
  switch (verb) {
    case 'v':
      if (value === null) return 'null';
      return asText(value) ?? encodeJson(value);
    case 's':
      return (asText(value) ?? refuse('a string', value, argument)).slice(0, precision);
    case 'q':
      return JSON.stringify(asText(value) ?? refuse('a string', value, argument));
    case 't':
      return String(asBool(value) ?? refuse('a bool', value, argument));
    case 'd':
      return signed(whole().toString());
    case 'b':
      return signed(whole().toString(2));
    case 'o':
      return signed(whole().toString(8));
    case 'x':
      return typeof value === 'string' && asNumber(value) === undefined
        ? Buffer.from(value).toString('hex')
        : signed(whole().toString(16));
    case 'X':
      return signed(whole().toString(16).toUpperCase());
    case 'f':
      return signed(Number(number()).toFixed(precision ?? 6));
    case 'e':
      return signed(
        Number(number())
          .toExponential(precision ?? 6)
          .replace(/e([+-])(\d)$/, 'e$10$2'),
      );
    case 'g':
      return signed(
        precision === undefined
          ? String(Number(number()))
          : String(Number(Number(number()).toPrecision(precision || 1))),
      );
    default:
      throw new InputError(`there is no verb "%${verb}"; use one of v s q t d b o x X f e g`, 0);
  }
}

function pad(text: string, flags: string, width: number, verb: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || verb === 's' || verb === 'v' || verb === 'q') return text.padStart(width);
  const sign = /^[+\- ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function refuse(what: string, value: Value, argument: number): never {
  throw new InputError(`${what} is needed, and this is ${kindOf(value)}`, argument);
}
