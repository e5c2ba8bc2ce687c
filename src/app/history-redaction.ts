import { containsSensitive } from '../spec/eval/marks.ts';
import type { Value } from '../spec/value.ts';
import type { Workspace } from '../spec/workspace.ts';
import { sensitiveTexts } from './sensitive-texts.ts';

/** A text with literals of sensitive variables taken out, each replaced by a marker that names its variable. */
export interface RedactedText {
  readonly text: string;
  /** Names of variables of which something was taken out; sorted. */
  readonly variables: readonly string[];
}

/** Shorter ones would black out ordinary words. */
const LEAST_CHARACTERS = 4;
const MARKER = /\(sensitive:([^():\s]+)\)/g;

/**
 * Takes what of sensitive variables stands as a literal out of texts of a spec: values as well as defaults, as they are and as
 * they stand between quotes. Each line of one with several counts by itself.
 */
export function specRedaction(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
): (text: string) => RedactedText {
  const owners = new Map<string, string>();
  for (const [name, value] of [
    ...variables,
    ...[...workspace.variables.values()].flatMap((declared) =>
      declared.default === undefined ? [] : [[declared.name, declared.default] as const],
    ),
  ]) {
    for (const secret of sensitiveTexts([value])) {
      for (const line of secret.split(/\r?\n/)) {
        const part = line.trim();
        if (part.length < LEAST_CHARACTERS) continue;
        for (const written of [part, quoted(part)]) if (!owners.has(written)) owners.set(written, name);
      }
    }
  }
  if (owners.size === 0) return (text) => ({ text, variables: [] });
  // The longest first: one secret may begin with another.
  const parts = [...owners.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(parts.map(escaped).join('|'), 'g');
  return (text) => {
    const found = new Set<string>();
    const redacted = text.replace(pattern, (part) => {
      const name = owners.get(part) ?? '';
      found.add(name);
      return `(sensitive:${name})`;
    });
    return { text: redacted, variables: [...found].sort() };
  };
}

/** Names of the variables whose values must not be kept. */
export function sensitiveNames(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
): readonly string[] {
  return [...workspace.variables.keys()].filter((name) => {
    const value = variables.get(name);
    return (
      workspace.variables.get(name)?.sensitive === true || (value !== undefined && containsSensitive(value))
    );
  });
}

/**
 * The text with today's values in place of the markers. `missing` names the variables that have none which could stand there:
 * no value at all, or one of several texts or lines. `written`: how a secret stands there; default: between quotes.
 */
export function restoreSecrets(
  redacted: RedactedText,
  valueOf: (variable: string) => Value | undefined,
  written: (secret: string) => string = quoted,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const known = new Set(redacted.variables);
  const text = redacted.text.replace(MARKER, (marker, name: string) => {
    if (!known.has(name)) return marker;
    const value = valueOf(name);
    const [only, ...others] = value === undefined ? [] : sensitiveTexts([value]);
    if (only !== undefined && others.length === 0 && !only.includes('\n')) return written(only);
    missing.add(name);
    return marker;
  });
  return { text, missing: [...missing] };
}

/** What was written in place of a marker counts as the secret, so that comparing shows neither it nor a difference. */
export function redactLike(text: string, model: string): string {
  const patterns = model.split('\n').flatMap((line) => {
    const parts = line.split(MARKER);
    // `split` gives the names as well: text, name, text, name, text.
    const texts = parts.filter((_, i) => i % 2 === 0);
    return texts.length < 2 ? [] : [{ line, pattern: new RegExp(`^${texts.map(escaped).join('.+?')}$`) }];
  });
  if (patterns.length === 0) return text;
  return text
    .split('\n')
    .map((line) => patterns.find(({ pattern }) => pattern.test(line))?.line ?? line)
    .join('\n');
}

/** As it stands between the quotes of an HCL string. */
function quoted(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/([$%])\{/g, '$1$1{');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
