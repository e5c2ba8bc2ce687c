import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest } from '../diagnostics/nearest.ts';
import { UsageError } from './usage-error.ts';

/** One option of a command, as help and parser know it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** Stands for the value in help: `--parallelism=N`. */
  readonly value?: string;
  readonly help: string;
  /** One letter: `-n 5`, `-n5`. */
  readonly short?: string;
  /** `--refresh=false` is meant, so a boolean that takes a value. */
  readonly negatable?: boolean;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Options every command takes. */
export const GLOBAL_OPTIONS = {
  chdir: { type: 'string', value: 'DIR', help: 'work in this directory' },
  'no-color': { type: 'boolean', help: 'plain text (so does NO_COLOR)' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
  version: { type: 'boolean', short: 'v', help: 'the version' },
} as const satisfies OptionSpecs;

/** What was typed, sorted. `ordered` keeps `--var` and `--var-file` in the order given. */
export interface Parsed {
  readonly command: string | null;
  readonly positionals: readonly string[];
  /** What follows `--`, which `positionals` end with; null: there is no `--`. */
  readonly afterDashes: readonly string[] | null;
  readonly ordered: readonly { readonly name: string; readonly value: string }[];
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
  /** An option that is on unless `=false` is said. */
  enabled(name: string): boolean;
}

/**
 * Reads arguments: options before or after the command, `--name=value` or `--name value`, and Terraform's one-dash
 * spelling (`-auto-approve`) as well. What follows `--` is positional. Throws `UsageError`.
 */
export function parseOptions(args: readonly string[], options: OptionSpecs): Parsed {
  const known = { ...GLOBAL_OPTIONS, ...options } as OptionSpecs;
  const config: ParseArgsConfig['options'] = {};
  for (const [name, option] of Object.entries(known)) {
    config[name] = {
      type: option.negatable === true ? 'string' : option.type,
      multiple: option.multiple === true,
    };
  }
  const { tokens } = parseArgs({
    args: args.flatMap((arg, i) => normalise(arg, known, args.slice(0, i).includes('--'))),
    options: config,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  const ordered: { name: string; value: string }[] = [];
  const positionals: string[] = [];
  let dashesAt: number | null = null;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') dashesAt = positionals.length;
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known[token.name];
    if (option === undefined) throw unknownOption(token.name, known);
    if (option.type === 'boolean' && option.negatable !== true) {
      if (token.value !== undefined && token.value !== 'true')
        throw new UsageError(`--${token.name} takes no value.`);
      flags.add(token.name);
      continue;
    }
    if (token.value === undefined)
      throw new UsageError(`--${token.name} needs a value: --${token.name}=${option.value ?? '...'}`);
    if (option.negatable === true && !['true', 'false'].includes(token.value))
      throw new UsageError(`--${token.name} is true or false, not "${token.value}".`);
    ordered.push({ name: token.name, value: token.value });
    const list = values.get(token.name) ?? [];
    if (list.length > 0 && option.multiple !== true) throw new UsageError(`--${token.name} is given twice.`);
    values.set(token.name, [...list, token.value]);
  }
  const [command = null, ...rest] = positionals;
  return {
    command,
    positionals: rest,
    afterDashes: dashesAt === null ? null : positionals.slice(dashesAt),
    ordered,
    text: (name) => values.get(name)?.[0],
    list: (name) => values.get(name) ?? [],
    flag: (name) => flags.has(name),
    enabled: (name) => (values.get(name)?.[0] ?? 'true') !== 'false',
  };
}

/** `-auto-approve` becomes `--auto-approve`; a bare `--refresh` becomes `--refresh=true`. */
function normalise(arg: string, known: OptionSpecs, afterDashes: boolean): readonly string[] {
  if (afterDashes) return [arg];
  const short = expandShort(arg, known);
  if (short !== null) return short;
  const match = /^--?([A-Za-z][\w-]*)(=.*)?$/s.exec(arg);
  const name = match?.[1];
  if (match === null || name === undefined) return [arg];
  const option = known[name];
  if (option === undefined && !arg.startsWith('--')) throw unknownOption(name, known);
  if (option?.negatable === true && match[2] === undefined) return [`--${name}=true`];
  return [`--${name}${match[2] ?? ''}`];
}

/** `-n5` becomes `--lines=5`, `-n` becomes `--lines`; null: it is no option of one letter. */
function expandShort(arg: string, known: OptionSpecs): readonly string[] | null {
  const match = /^-([A-Za-z])(?:=?(.+))?$/s.exec(arg);
  const [name, option] = Object.entries(known).find(([, { short }]) => short === match?.[1]) ?? [];
  if (match === null || name === undefined || option === undefined) return null;
  const value = match[2];
  if (value === undefined) return [`--${name}`];
  // `-follow` is `--follow`, and a flag takes no value.
  const word = /^-([A-Za-z][\w-]*)/.exec(arg)?.[1] ?? '';
  if (option.type === 'boolean' || known[word] !== undefined) return null;
  return [`--${name}=${value}`];
}

function unknownOption(name: string, known: OptionSpecs): UsageError {
  const near = nearest(name, Object.keys(known));
  return new UsageError(
    `There is no option --${name}.${near === undefined ? '' : ` Did you mean --${near}?`}`,
  );
}
