import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ResourceDeclaration } from '../spec/model.ts';
import { Sensitive, Unknown, type Value } from '../spec/value.ts';

const IN_COMMANDS =
  'Put it in a file with mode 0600 (the content of a `file` resource may be sensitive) and have the program read that.';
const IN_SCRIPTS = 'Give it in `secrets`: the script finds it as a file in the directory $SECRETS.';
const ELSEWHERE =
  'State and plans would show it. Sensitive values belong in the content of a file or in the secrets of a script.';

/** Where a sensitive value belongs instead, by kind and attribute. */
function advice(kind: ResourceDeclaration['kind'], attribute: string): string {
  if (kind === 'service' && ['command', 'drain', 'reload', 'environment'].includes(attribute))
    return IN_COMMANDS;
  if (kind === 'script' && ['create', 'unless', 'destroy'].includes(attribute)) return IN_SCRIPTS;
  return ELSEWHERE;
}

/**
 * Takes the attributes of one resource as the types that its kind needs. What does not fit is reported, and a harmless
 * value given in its place, so that all faults of a spec are found in one go.
 */
export interface AttributeReader {
  /** As it is, marks included. */
  raw(name: string): Value;
  text(name: string): string;
  optionalText(name: string): string | null;
  optionalInteger(name: string): number | null;
  number(name: string, fallback: number): number;
  flag(name: string, fallback: boolean): boolean;
  texts(name: string): readonly string[];
  textMap(name: string): Readonly<Record<string, string>>;
  /** `attribute`: what it is about; one that could not be read at all is not reported a second time. */
  fail(summary: string, detail: string, attribute?: string): void;
}

export function attributeReader(
  declaration: ResourceDeclaration,
  diagnostics: Diagnostic[],
): AttributeReader {
  const { kind, address, attributes, range } = declaration;
  const unreadable = new Set<string>();
  const fail = (summary: string, detail: string, attribute?: string) => {
    if (attribute !== undefined && unreadable.has(attribute)) return;
    diagnostics.push(errorAt(range, summary, detail));
  };
  const refuse = (name: string, summary: string, detail: string) => {
    fail(summary, detail);
    unreadable.add(name);
  };
  const raw = (name: string): Value => attributes[name] ?? null;
  const wrong = (name: string, wanted: string) =>
    refuse(name, 'Wrong type', `Attribute "${name}" of ${address} must be ${wanted}.`);

  /** The value without marks; null where it must not be used. */
  function plain(name: string): Value {
    const value = raw(name);
    const unknown = findMark(value, Unknown);
    if (unknown instanceof Unknown) {
      refuse(
        name,
        'Unknown value',
        `Attribute "${name}" of ${address} needs ${unknown.path}, which is not known.`,
      );
      return null;
    }
    if (findMark(value, Sensitive) === undefined) return value;
    refuse(
      name,
      `Sensitive value in "${name}"`,
      `${address} uses a sensitive value there. ${advice(kind, name)}`,
    );
    return null;
  }

  function optionalText(name: string): string | null {
    const value = plain(name);
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    wrong(name, 'a string');
    return null;
  }

  return {
    raw,
    fail,
    optionalText,
    text: (name) => optionalText(name) ?? '',
    optionalInteger(name) {
      const value = plain(name);
      if (value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0))
        return value;
      wrong(name, 'a whole number');
      return null;
    },
    number(name, fallback) {
      const value = plain(name);
      if (typeof value === 'number' && value >= 0) return value;
      if (value !== null) wrong(name, 'a number');
      return fallback;
    },
    flag(name, fallback) {
      const value = plain(name);
      if (typeof value === 'boolean') return value;
      if (value !== null) wrong(name, 'true or false');
      return fallback;
    },
    texts(name) {
      const value = plain(name) ?? [];
      if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
      wrong(name, 'a list of strings');
      return [];
    },
    textMap(name) {
      const value = plain(name) ?? {};
      if (typeof value !== 'object' || Array.isArray(value)) {
        wrong(name, 'a map of strings');
        return {};
      }
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item as string)]));
    },
  };
}

/** The first value of a mark, however deep it stands. */
export function findMark(
  value: Value,
  mark: typeof Unknown | typeof Sensitive,
): Unknown | Sensitive | undefined {
  if (value instanceof Unknown || value instanceof Sensitive) {
    if (value instanceof mark) return value;
    return value instanceof Sensitive ? findMark(value.reveal(), mark) : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const item of Object.values(value) as Value[]) {
    const found = findMark(item, mark);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value with all its sensitive parts laid open: for hashing, never for display. */
export function reveal(value: Value): Value {
  if (value instanceof Sensitive) return reveal(value.reveal());
  if (value instanceof Unknown || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(reveal);
  return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([k, v]) => [k, reveal(v)]));
}

/** JSON with sorted keys: equal values give equal text. Sensitive parts stand as their HMAC. */
export function canonicalJson(value: Value, hmac: (text: string) => string): string {
  if (value instanceof Sensitive) {
    return `{"hmac":${JSON.stringify(hmac(canonicalJson(reveal(value), hmac)))}}`;
  }
  if (value instanceof Unknown) throw new Error(`${value.path} is not known`);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${(value as readonly Value[]).map((item) => canonicalJson(item, hmac)).join(',')}]`;
  const entries = Object.entries(value as Record<string, Value>).sort(([a], [b]) =>
    a < b ? -1 : a > b ? 1 : 0,
  );
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, hmac)}`).join(',')}}`;
}
