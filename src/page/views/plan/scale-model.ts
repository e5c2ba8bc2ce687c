import type { Diagnostic } from '../../api/types.ts';

/** `GET /deployment-engine/config`: where components are placed, and the values of variables. */
export interface EngineConfig {
  readonly components: Readonly<Record<string, readonly string[]>>;
  /** A sensitive value is the text `(sensitive)`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** `GET /api/v1/override`: what is laid over the spec (null: nothing), and what the spec says without it. */
export interface StandingOverride {
  readonly override: EngineConfig | null;
  readonly spec: EngineConfig;
}

/** The configuration as it is typed: hosts a line each, values as text. */
export interface ConfigDraft {
  readonly hosts: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
}

/** Stands for a value that nobody is shown, and is sent back for one that stays. */
export const SENSITIVE = '(sensitive)';

export type ValueKind = 'text' | 'number' | 'truth' | 'sensitive' | 'json';

export function kindOf(value: unknown): ValueKind {
  if (value === SENSITIVE) return 'sensitive';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'truth';
    default:
      return 'json';
  }
}

export function draftOf({ components, properties }: EngineConfig): ConfigDraft {
  return {
    hosts: mapValues(components, (hosts) => hosts.join('\n')),
    values: mapValues(properties, textOf),
  };
}

/**
 * What is to be posted: all components, for one that is left out is placed nowhere, but only values that were touched or stand in the
 * override already. All others stay with the spec. A value that was not touched is sent as it came, JSON that cannot be read as its text.
 */
export function postedConfig(
  config: EngineConfig,
  draft: ConfigDraft,
  override: EngineConfig | null,
): EngineConfig {
  const changed = new Set(touched(config, draft).values);
  const names = Object.keys(config.properties).filter(
    (name) => changed.has(name) || isPosted(override, name),
  );
  return {
    components: mapValues(config.components, (_, name) => hostsIn(draft.hosts[name] ?? '')),
    properties: Object.fromEntries(
      names.map((name) => [name, valueIn(config.properties[name], draft.values[name] ?? '')]),
    ),
  };
}

/** Whether the value of a variable comes from the override. */
export function isPosted(override: EngineConfig | null, variable: string): boolean {
  return override !== null && Object.hasOwn(override.properties, variable);
}

/** What is another thing without the override. */
export interface WayBack {
  readonly components: readonly {
    readonly name: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  /** `after` is null where the spec gives no value. Of secrets nobody knows whether they differ. */
  readonly values: readonly {
    readonly name: string;
    readonly before: string;
    readonly after: string | null;
  }[];
}

export function wayBack(config: EngineConfig, { override, spec }: StandingOverride): WayBack {
  const components = Object.entries(config.components)
    .map(([name, before]) => ({ name, before, after: spec.components[name] ?? [] }))
    .filter(({ before, after }) => before.join(' ') !== after.join(' '));
  const values = Object.entries(config.properties)
    .filter(([name]) => isPosted(override, name))
    .map(([name, value]) => ({
      name,
      before: shownValue(value),
      after: Object.hasOwn(spec.properties, name) ? shownValue(spec.properties[name]) : null,
    }))
    .filter(({ before, after }) => before !== after || before === SENSITIVE);
  return { components, values };
}

function shownValue(value: unknown): string {
  return value === SENSITIVE ? SENSITIVE : JSON.stringify(value);
}

/** Addresses of a text: lines, blanks and commas part them. */
export function hostsIn(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((host) => host !== '');
}

export interface HostChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Stand there more than once. */
  readonly twice: readonly string[];
}

export function hostChanges(before: readonly string[], text: string): HostChanges {
  const now = hostsIn(text);
  const [was, is] = [new Set(before), new Set(now)];
  return {
    added: [...is].filter((host) => !was.has(host)),
    removed: before.filter((host) => !is.has(host)),
    twice: [...new Set(now.filter((host, at) => now.indexOf(host) !== at))],
  };
}

/** On one line. */
export function fewHosts(hosts: readonly string[]): string {
  return hosts.length <= 6
    ? hosts.join(', ')
    : `${hosts.slice(0, 5).join(', ')} and ${hosts.length - 5} more`;
}

/** Names of the components and variables whose fields were touched. */
export function touched(
  config: EngineConfig,
  draft: ConfigDraft,
): { readonly components: readonly string[]; readonly values: readonly string[] } {
  const original = draftOf(config);
  return {
    components: Object.keys(config.components).filter(
      (name) => hostsIn(draft.hosts[name] ?? '').join(' ') !== (config.components[name] ?? []).join(' '),
    ),
    values: Object.keys(config.properties).filter((name) => draft.values[name] !== original.values[name]),
  };
}

/** What was found wrong, by the field it is about: `components.nats`, `properties.domain`; what is about none under ''. */
export function byField(
  diagnostics: readonly Diagnostic[],
  { components, properties }: EngineConfig,
): ReadonlyMap<string, readonly Diagnostic[]> {
  const fields = [
    ...Object.keys(components).map((name) => `components.${name}`),
    ...Object.keys(properties).map((name) => `properties.${name}`),
  ];
  const found = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const field = fields.find((name) => isAbout(diagnostic.detail, name)) ?? '';
    const detail = field === '' ? diagnostic.detail : diagnostic.detail.replace(/^\S+: /, '');
    const known = found.get(field);
    if (known === undefined) found.set(field, [{ ...diagnostic, detail }]);
    else known.push({ ...diagnostic, detail });
  }
  return found;
}

/** `components.nats[1]: That is no address.` */
function isAbout(detail: string, field: string): boolean {
  return detail.startsWith(field) && /^(?:[[.]\S*)?: /.test(detail.slice(field.length));
}

function textOf(value: unknown): string {
  switch (kindOf(value)) {
    case 'sensitive':
      return '';
    case 'json':
      return JSON.stringify(value, null, 2);
    default:
      return String(value);
  }
}

function valueIn(before: unknown, text: string): unknown {
  if (text === textOf(before)) return before;
  switch (kindOf(before)) {
    case 'truth':
      return text === 'true';
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
    default:
      return text;
  }
}

function mapValues<T, U>(
  object: Readonly<Record<string, T>>,
  make: (value: T, name: string) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(value, name)]));
}
