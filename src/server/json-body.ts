import { InputError } from '../spec/eval/error.ts';
import { decodeJson } from '../spec/eval/functions/json.ts';
import { isList, isObject } from '../spec/eval/marks.ts';
import { repeatedName } from '../spec/json-names.ts';
import type { Value } from '../spec/value.ts';
import { HttpError } from './http-error.ts';

/** Arrays and objects in each other. What we are sent has four. */
const MAX_DEPTH = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads a body of JSON, or throws `HttpError` 400. Its depth is counted before it is parsed; `__proto__` is no key of ours. */
export function parseJsonBody(body: Buffer): unknown {
  return readBody(body).value;
}

/**
 * As `parseJsonBody`, but with all numbers as they are written, which JavaScript would round, and refuses what JavaScript would pass over in
 * silence: a name that is given twice, a number that no double comes near. Throws `HttpError` 400.
 */
export function parseJsonExactly(body: Buffer): Value {
  const { text } = readBody(body);
  const twice = repeatedName(text);
  if (twice !== null)
    throw new HttpError(
      400,
      'Given twice',
      `The JSON names ${JSON.stringify(short(twice))} twice in one object.`,
    );
  try {
    const value = decodeJson(text);
    if (hasInfinite(value)) throw new InputError('a number in it is too large', 0);
    return value;
  } catch (error) {
    if (error instanceof InputError)
      throw new HttpError(400, 'The body cannot be read', `In JSON ${error.message}.`);
    throw error;
  }
}

function readBody(body: Buffer): { readonly text: string; readonly value: unknown } {
  if (depthOf(body) > MAX_DEPTH)
    throw new HttpError(400, 'The JSON is nested too deeply', `At most ${MAX_DEPTH} levels are read.`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    // A letter of a name may be written as its number.
    const value: unknown = /__proto__|\\u/i.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
    return { text, value };
  } catch (error) {
    if (error instanceof HttpError) throw error;
    // The parser's own message quotes what it stumbled over, which may be a secret.
    const at =
      error instanceof SyntaxError ? /at position \d+( \(line \d+ column \d+\))?/.exec(error.message) : null;
    const where = at === null ? '' : ` It goes wrong ${at[0]}.`;
    throw new HttpError(400, 'The body is not JSON', `A body is JSON in UTF-8.${where}`);
  }
}

function hasInfinite(value: Value): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return !Number.isFinite(Number(value));
  if (isList(value)) return value.some(hasInfinite);
  return isObject(value) && Object.values(value).some(hasInfinite);
}

function short(name: string): string {
  return name.length <= 60 ? name : `${name.slice(0, 60)}…`;
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new HttpError(400, 'The JSON has a key __proto__', 'No name is spelt so.');
  return value;
}

/** Of valid JSON, its depth; of anything else, a number. Brackets inside texts do not count. */
function depthOf(body: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}
