import { joinBrokenTexts } from '../../app/import-config/engine-config.ts';
import type { Value } from '../../spec/value.ts';
import { HttpError } from '../http-error.ts';
import { parseJsonExactly } from '../json-body.ts';

/** A key of a request, in lower case, with what old clients call it as well. */
type Key = 'component' | 'ip';
const KEYS: Readonly<Record<string, Key>> = { comp: 'component', name: 'component', ip: 'ip' };

/** What is meant by a component and an address. `all` and `0.0.0.0` are everything. */
export type Meant = 'all' | { readonly component: string; readonly ip: string };

/** JSON of any content type, exactly; one that was wrapped over lines inside its texts is joined again. Throws `HttpError` 400. */
export function engineJson(body: Buffer): Value {
  try {
    return parseJsonExactly(body);
  } catch (error) {
    const text = body.toString();
    const joined = joinBrokenTexts(text);
    if (joined === text) throw error;
    return parseJsonExactly(Buffer.from(joined));
  }
}

/**
 * Component and address of a request, from its body, or from its query where there is none. Keys count without regard to case.
 * Throws `HttpError` 400.
 */
export function readMeant(body: Buffer | undefined, query: unknown): Meant {
  const given = body === undefined || body.length === 0 ? query : engineJson(body);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong();
  const found = new Map<Key, string>();
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    const lower = name.toLowerCase();
    const key = Object.hasOwn(KEYS, lower) ? KEYS[lower] : undefined;
    if (key === undefined) continue;
    if (typeof value !== 'string' || value.trim() === '') throw wrong();
    const known = found.get(key);
    if (known !== undefined && known !== value.trim())
      throw new HttpError(400, 'The request means two things', `"${name}" is given twice, and differs.`);
    found.set(key, value.trim());
  }
  const component = found.get('component');
  const ip = found.get('ip');
  if (component === undefined || ip === undefined) throw wrong();
  return component.toLowerCase() === 'all' && ip === '0.0.0.0' ? 'all' : { component, ip };
}

function wrong(): HttpError {
  return new HttpError(
    400,
    'A component and an address are expected',
    '{"Comp": "nats", "Ip": "10.0.0.1"} is the form; {"Comp": "all", "Ip": "0.0.0.0"} means everything.',
  );
}
