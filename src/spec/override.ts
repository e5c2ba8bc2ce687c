import { errorAt } from '../diagnostics/diagnostic.ts';
import type { Diagnostic, SourceRange } from '../diagnostics/diagnostic.ts';
import { decodeJson, encodeJson } from './eval/functions/json.ts';
import { isList, isObject } from './eval/marks.ts';
import { jsonPlaces } from './json-places.ts';
import type { Move } from './model.ts';
import type { Value } from './value.ts';

/**
 * Beside the spec: hosts of components and values of variables that were posted to the API of the deployment engine, in its form.
 * All of it is literal.
 */
export const OVERRIDE_FILE = 'deployment-engine_override.json';

/** What is laid over a spec. */
export interface Override {
  readonly text: string;
  /** By component. One that is not there has no hosts. */
  readonly hosts: ReadonlyMap<string, OverrideHosts>;
  /** By variable. */
  readonly values: ReadonlyMap<string, OverrideValue>;
  /** Its first place. */
  readonly range: SourceRange;
  /** Where names and hosts stand: `components.nats`, `components.nats[1]`, `properties.domain`. */
  readonly places: ReadonlyMap<string, SourceRange>;
}

export interface OverrideHosts {
  /** As written: addresses, or names of `host` blocks. */
  readonly hosts: readonly string[];
  readonly range: SourceRange;
  /** Of each host. */
  readonly ranges: readonly SourceRange[];
}

export interface OverrideValue {
  readonly value: Value;
  readonly range: SourceRange;
}

type Report = (diagnostic: Diagnostic) => void;

/** Reads an override; all that is wrong in it is reported, with its place and without its text, which may hold secrets. */
export function decodeOverride(text: string, tell: Report): Override | null {
  const report: Report = ({ subject, ...rest }) =>
    tell({ ...rest, subject: subject.at === 'source' ? { ...subject, hidden: true } : subject });
  const range = startOf(text);
  let document: Value;
  try {
    JSON.parse(text);
    document = decodeJson(text);
  } catch (error) {
    // JavaScript's message may quote the text, which may hold secrets.
    const offset = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
    report(errorAt(rangeOf(text, offset), 'Invalid JSON', `${OVERRIDE_FILE} cannot be parsed as JSON.`));
    return null;
  }
  const { ranges: places, repeated } = jsonPlaces(text, OVERRIDE_FILE);
  const placeOf = (path: string): SourceRange => places.get(path) ?? range;
  for (const { path, range: second } of repeated)
    report(errorAt(second, 'Given twice', `${path} stands there already.`));
  if (!isObject(document)) {
    report(errorAt(range, 'Invalid override', `${FORM} is its form.`));
    return null;
  }
  for (const name of Object.keys(document)) {
    if (name === 'components' || name === 'properties') continue;
    report(
      errorAt(placeOf(name), 'Unknown name', `Only "components" and "properties" stand here, no "${name}".`),
    );
  }
  const section = (name: 'components' | 'properties'): readonly (readonly [string, Value])[] => {
    const content = document[name];
    if (content === undefined) return [];
    if (isObject(content)) return Object.entries(content);
    report(errorAt(placeOf(name), 'Wrong type', `"${name}" is an object: ${FORM}.`));
    return [];
  };
  const hosts = new Map<string, OverrideHosts>();
  for (const [name, list] of section('components')) {
    const path = `components.${name}`;
    if (!isList(list) || !list.every((host) => typeof host === 'string')) {
      report(errorAt(placeOf(path), 'Wrong type', `The hosts of ${name} are a list of texts: ["10.0.0.1"].`));
      continue;
    }
    const ranges = list.map((_, i) => placeOf(`${path}[${i}]`));
    hosts.set(name, { hosts: list, range: placeOf(path), ranges });
  }
  const values = new Map<string, OverrideValue>();
  for (const [name, value] of section('properties'))
    values.set(name, { value, range: placeOf(`properties.${name}`) });
  return { text, hosts, values, range, places };
}

const FORM = '{"components": {NAME: [ADDRESS]}, "properties": {NAME: VALUE}}';

/** Hosts of a component; of one that was renamed since, those of its old name. `undefined`: it has none. */
export function overrideHosts(
  { hosts }: Override,
  component: string,
  moves: readonly Move[],
): OverrideHosts | undefined {
  const earlier = moves.find(({ from, to }) => to === component && hosts.has(from));
  return hosts.get(component) ?? (earlier && hosts.get(earlier.from));
}

/** Clients of the deployment engine write 1 and "1" for true. */
export function literalBool(value: Value): Value {
  if (value === 1 || value === '1') return true;
  if (value === 0 || value === '0') return false;
  return value;
}

function startOf(text: string): SourceRange {
  return rangeOf(text, 0);
}

function rangeOf(text: string, offset: number): SourceRange {
  const lines = text.slice(0, offset).split('\n');
  const column = [...(lines.at(-1) ?? '')].length + 1;
  const start = { line: lines.length, column, byte: Buffer.byteLength(text.slice(0, offset)) };
  return { file: OVERRIDE_FILE, start, end: { ...start, column: column + 1, byte: start.byte + 1 } };
}

/** An override as it is written: a line for each name. */
export function overrideText(
  hosts: ReadonlyMap<string, readonly string[]>,
  values: ReadonlyMap<string, Value>,
): string {
  const object = (entries: readonly (readonly [string, string])[]): string =>
    entries.length === 0
      ? '{}'
      : `{\n${entries.map(([name, json]) => `    ${JSON.stringify(name)}: ${json}`).join(',\n')}\n  }`;
  const list = (items: readonly string[]): string =>
    `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
  const components = object([...hosts].map(([name, placed]) => [name, list(placed)]));
  const properties = object([...values].map(([name, value]) => [name, encodeJson(value)]));
  return `{\n  "components": ${components},\n  "properties": ${properties}\n}\n`;
}
