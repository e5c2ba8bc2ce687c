import { HttpError } from './http-error.ts';

/** Arrays and objects in each other. What we are sent has four. */
const MAX_DEPTH = 32;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads a body of JSON, or throws `HttpError` 400. Its depth is counted before it is parsed; `__proto__` is no key of ours. */
export function parseJsonBody(body: Buffer): unknown {
  if (depthOf(body) > MAX_DEPTH)
    throw new HttpError(400, 'The JSON is nested too deeply', `At most ${MAX_DEPTH} levels are read.`);
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = /__proto__|\\u005f/i.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    // The parser's own message quotes what it stumbled over, which may be a secret.
    const at =
      error instanceof SyntaxError ? /at position \d+( \(line \d+ column \d+\))?/.exec(error.message) : null;
    const where = at === null ? '' : ` It goes wrong ${at[0]}.`;
    throw new HttpError(400, 'The body is not JSON', `A body is JSON in UTF-8.${where}`);
  }
  return value;
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
