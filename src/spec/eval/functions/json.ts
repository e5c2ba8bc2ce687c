import { parseNumber } from '../../hcl/numbers.ts';
import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { emptyObject, isList, isObject, sortedKeys } from '../marks.ts';
import { numberText } from '../numbers.ts';

/** Compact JSON with sorted keys; every number exact. The value has no marks. */
export function encodeJson(value: Value): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return numberText(value);
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    default:
      if (value === null) return 'null';
      if (isList(value)) return `[${value.map(encodeJson).join(',')}]`;
      if (!isObject(value)) throw new InputError('a value with marks cannot be encoded');
      return `{${sortedKeys(value)
        .map((key) => `${JSON.stringify(key)}:${encodeJson(value[key]!)}`)
        .join(',')}}`;
  }
}

/** Throws `InputError`. Integers beyond 2^53 are kept. */
export function decodeJson(text: string): Value {
  try {
    return /\d{16}|\d[eE]/.test(text) ? decodeExactly(text) : fromParsed(JSON.parse(text), false);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`this is no valid JSON${position(text, error)}`, 0);
  }
}

/** What stands before each text and each long number while they are all texts: nothing in a document can pass for the other. */
const TEXT = 't';
const NUMBER = 'n';

/** Makes texts of long numbers, as JSON.parse would round them. */
function decodeExactly(text: string): Value {
  // What is no JSON is told here, by its own places; in what is, each text ends, and one pass finds them all.
  JSON.parse(text);
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (token.startsWith('"')) return `"${TEXT}${token.slice(1)}`;
    return token.length < 16 && !/[eE]/.test(token) ? token : `"${NUMBER}${token}"`;
  });
  return fromParsed(JSON.parse(marked), true);
}

function fromParsed(value: unknown, isMarked: boolean): Value {
  if (typeof value === 'string' && isMarked) {
    if (value.startsWith(TEXT)) return value.slice(1);
    const number = parseNumber(value.slice(1));
    if (number === undefined) throw new InputError('a number in it is too long', 0);
    return number;
  }
  if (Array.isArray(value)) return value.map((item) => fromParsed(item, isMarked));
  if (typeof value !== 'object' || value === null) return value as Value;
  const object = emptyObject();
  for (const [key, item] of Object.entries(value))
    object[isMarked ? key.slice(1) : key] = fromParsed(item, isMarked);
  return object;
}

/** Where it went wrong, by line and column, as far as the engine says. Its text is not used: it quotes the content. */
function position(text: string, error: SyntaxError): string {
  const offset = /position (\d+)/.exec(error.message)?.[1];
  if (offset === undefined) return '';
  const before = text.slice(0, Number(offset)).split('\n');
  return ` (line ${before.length}, column ${before.at(-1)!.length + 1})`;
}
