import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import { canonicalAddress, looksLikeAddress } from '../../spec/address.ts';
import type { Json } from '../../state/model.ts';
import { ENGINE_PROPERTIES, MISSPELT, ENGINE_COMPONENTS } from './engine-components.ts';

/** The original deployment engine's configuration, its quirks settled. */
export interface EngineConfig {
  readonly components: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  /** Values by name; known ones already of their type. */
  readonly properties: ReadonlyMap<string, Json>;
  /** What was understood in another way than it was written, or not at all; for people. */
  readonly notes: readonly string[];
}

/**
 * Reads what `GET /deployment-engine/config` answers: `{"components": {NAME: [IP, ...]}, "properties": {NAME: value}}`. Keys
 * count without regard to case; a text may hold a line break, as clients wrapped the JSON. Throws `DiagnosticsError`.
 */
export function readEngineConfig(text: string, origin: string): EngineConfig {
  const notes: string[] = [];
  const document = parse(text, origin, notes);
  const sections = objectOf(document, origin, 'the document');
  const result = { components: {} as Record<string, Json>, properties: {} as Record<string, Json> };
  for (const [key, value] of Object.entries(sections)) {
    const name = key.toLowerCase();
    if (name === 'components' || name === 'properties') {
      Object.assign(result[name], objectOf(value, origin, `"${key}"`));
    } else
      notes.push(
        `"${key}" is neither "components" nor "properties" and was left out: ${JSON.stringify(value)}`,
      );
  }
  if (Object.keys(result.components).length === 0) {
    throw unusable(
      origin,
      'It names no components: {"components": {"nats": ["10.0.0.1"]}, "properties": {}} is its form',
    );
  }
  const components = new Map<string, string[]>();
  for (const [key, value] of Object.entries(result.components)) {
    const name = componentName(key, notes);
    const hosts = components.get(name) ?? [];
    components.set(name, hosts);
    for (const host of hostsOf(name, value, notes)) if (!hosts.includes(host)) hosts.push(host);
  }
  const properties = new Map<string, Json>();
  for (const [key, value] of Object.entries(result.properties)) {
    const name = propertyName(key, notes);
    properties.set(name, typed(name, value, notes));
  }
  return {
    components: [...components].map(([name, hosts]) => ({ name, hosts })),
    properties,
    notes,
  };
}

function parse(text: string, origin: string, notes: string[]): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const joined = joinBrokenTexts(text);
    if (joined !== text) {
      try {
        const parsed = JSON.parse(joined) as Json;
        notes.push('Line breaks inside texts were taken out: an address that was wrapped is one address');
        return parsed;
      } catch {
        // The first message tells more.
      }
    }
    throw unusable(origin, `It is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * JSON has no line breaks inside texts: one is there because somebody wrapped the line. Takes them out with the blanks around them. In one
 * pass: the text may be anything that a client sends.
 */
export function joinBrokenTexts(text: string): string {
  const blanks = /\s+/y;
  const kept: string[] = [];
  let from = 0;
  let inText = false;
  let isEscaped = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (!inText) {
      inText = character === '"';
      continue;
    }
    blanks.lastIndex = at;
    const run = blanks.exec(text)?.[0];
    if (run?.includes('\n') === true) {
      kept.push(text.slice(from, at));
      from = at + run.length;
      at = from - 1;
      continue;
    }
    if (run !== undefined) at += run.length - 1;
    if (isEscaped) isEscaped = false;
    else if (character === '\\') isEscaped = true;
    else if (character === '"') inText = false;
  }
  kept.push(text.slice(from));
  return kept.join('');
}

function objectOf(value: Json, origin: string, what: string): Readonly<Record<string, Json>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, Json>;
  throw unusable(origin, `An object is expected for ${what}`);
}

function componentName(key: string, notes: string[]): string {
  const lower = key.toLowerCase();
  const corrected = Object.hasOwn(MISSPELT, lower) ? MISSPELT[lower] : undefined;
  if (corrected !== undefined) {
    notes.push(`Component "${key}" is taken for ${corrected}`);
    return corrected;
  }
  if (Object.hasOwn(ENGINE_COMPONENTS, lower)) return lower;
  const name = identifier(key);
  notes.push(`Component "${key}" is not one of the original's; its definition asks nothing of its hosts`);
  return name;
}

function propertyName(key: string, notes: string[]): string {
  const lower = key.toLowerCase();
  if (Object.hasOwn(ENGINE_PROPERTIES, lower)) return lower;
  const name = identifier(key);
  notes.push(`Property "${key}" is not one of the original's: it became var.${name}, which nothing reads`);
  return name;
}

function hostsOf(name: string, value: Json, notes: string[]): readonly string[] {
  const entries = (Array.isArray(value) ? (value as readonly Json[]) : [value]).flatMap(
    (entry: Json): readonly Json[] =>
      typeof entry === 'string' ? entry.split(/[\s,;]+/).filter((part) => part !== '') : [entry],
  );
  const hosts: string[] = [];
  for (const entry of entries) {
    const address =
      typeof entry === 'string' && looksLikeAddress(entry) ? canonicalAddress(entry) : undefined;
    if (address === undefined)
      notes.push(`${JSON.stringify(entry)} is no address: ${name} is not placed there`);
    else if (hosts.includes(address)) notes.push(`${address} is named twice for ${name}; once is enough`);
    else hosts.push(address);
  }
  return hosts;
}

/** 1, "1" and true are the same there. */
function typed(name: string, value: Json, notes: string[]): Json {
  const known = Object.hasOwn(ENGINE_PROPERTIES, name) ? ENGINE_PROPERTIES[name] : undefined;
  if (known === undefined) return value;
  const text = typeof value === 'string' ? value.trim() : JSON.stringify(value);
  switch (known.type) {
    case 'string':
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      break;
    case 'number':
      if (text !== '' && Number.isFinite(Number(text))) return Number(text);
      break;
    case 'bool':
      if (['1', 'true', 'yes'].includes(text.toLowerCase())) return true;
      if (['0', 'false', 'no', ''].includes(text.toLowerCase())) return false;
      break;
  }
  const shown = known.sensitive === true ? 'The value' : JSON.stringify(value);
  notes.push(`${shown} of property "${name}" is no ${known.type}: give var.${name} a value`);
  return null;
}

function identifier(key: string): string {
  const name = key.trim().replace(/[^\p{L}\p{N}_-]+/gu, '_');
  return /^[\p{L}_]/u.test(name) ? name : `_${name}`;
}

function unusable(origin: string, why: string): DiagnosticsError {
  return new DiagnosticsError([
    runError(`${origin} is no configuration of the deployment engine`, `${why}.`),
  ]);
}
