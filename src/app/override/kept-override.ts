import { isList, isObject } from '../../spec/eval/marks.ts';
import { decodeOverride, overrideText, type Override } from '../../spec/override.ts';
import type { Value } from '../../spec/value.ts';
import type { Workspace } from '../../spec/workspace.ts';
import { restoreSecrets, sensitiveNames, specRedaction, type RedactedText } from '../history-redaction.ts';
import { SENSITIVE } from './effective-config.ts';

/**
 * The override of a workspace as the history keeps it; null: it has none. The value of a sensitive variable is the marker
 * `(sensitive)`; where its text stands in other values, it is taken out as out of any text of the spec.
 */
export function redactOverride(
  workspace: Workspace,
  variables: ReadonlyMap<string, Value>,
): RedactedText | null {
  const { override } = workspace;
  if (override === null) return null;
  const redact = specRedaction(workspace, variables);
  // A name that the spec does not have (any more) may be that of a secret.
  const hidden = new Set(sensitiveNames(workspace, variables));
  const found = new Set<string>();
  const values = [...override.values].map(([name, { value }]): [string, Value] => {
    if (hidden.has(name) || !workspace.variables.has(name)) return [name, SENSITIVE];
    const bare = mapTexts(value, (text) => {
      const redacted = redact(text);
      redacted.variables.forEach((variable) => found.add(variable));
      return redacted.text;
    });
    return [name, bare];
  });
  return { text: overrideText(hostsOf(override), new Map(values)), variables: [...found].sort() };
}

/**
 * A kept override with today's secrets: a sensitive value is what today's override says, else it is left to the other sources.
 * `missing` names variables of which a text is needed that nobody knows.
 */
export function restoreOverride(
  kept: RedactedText,
  today: Override | null,
  valueOf: (variable: string) => Value | undefined,
): { readonly text: string; readonly missing: readonly string[] } {
  const override = decodeOverride(kept.text, () => undefined);
  if (override === null) return { text: kept.text, missing: [] };
  const missing = new Set<string>();
  const values = new Map<string, Value>();
  for (const [name, { value }] of override.values) {
    if (value === SENSITIVE) {
      const own = today?.values.get(name)?.value;
      if (own !== undefined) values.set(name, own);
      continue;
    }
    const whole = mapTexts(value, (text) => {
      const restored = restoreSecrets({ text, variables: kept.variables }, valueOf, (secret) => secret);
      restored.missing.forEach((variable) => missing.add(variable));
      return restored.text;
    });
    values.set(name, whole);
  }
  return { text: overrideText(hostsOf(override), values), missing: [...missing] };
}

function hostsOf({ hosts }: Override): ReadonlyMap<string, readonly string[]> {
  return new Map([...hosts].map(([name, placed]) => [name, placed.hosts]));
}

/** The value with each text in it, at any depth, changed. It has no marks. */
export function mapTexts(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value);
  if (isList(value)) return value.map((item) => mapTexts(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)]));
}
