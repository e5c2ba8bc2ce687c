import { Sensitive, type Value } from '../spec/value.ts';
import type { Workspace } from '../spec/workspace.ts';
import type { Json } from '../state/model.ts';
import { restoreSecrets, sensitiveNames, specRedaction } from './history-redaction.ts';
import { jsonOf } from './json-value.ts';
import { mapTexts } from './override/kept-override.ts';

/** Values of variables as the history keeps them. */
export interface KeptVariables {
  /** A sensitive one is the marker `(sensitive)`; what of one stands in the texts of others is taken out as out of any text. */
  readonly values: Readonly<Record<string, Json>>;
  /** Names of variables of which something was taken out; sorted. */
  readonly redacted: readonly string[];
}

export function keptVariables(workspace: Workspace, variables: ReadonlyMap<string, Value>): KeptVariables {
  const redact = specRedaction(workspace, variables);
  const hidden = new Set(sensitiveNames(workspace, variables));
  const found = new Set<string>();
  const values = [...variables].map(([name, value]): [string, Json] => {
    if (hidden.has(name) || value instanceof Sensitive) return [name, '(sensitive)'];
    const bare = mapTexts(jsonOf(value) as Value, (text) => {
      const redacted = redact(text);
      redacted.variables.forEach((variable) => found.add(variable));
      return redacted.text;
    });
    return [name, bare as Json];
  });
  return { values: Object.fromEntries(values), redacted: [...found].sort() };
}

/** A kept value with today's secrets. `missing` names variables of which a text is needed that nobody knows. */
export function restoreValue(
  kept: Json,
  redacted: readonly string[],
  valueOf: (variable: string) => Value | undefined,
): { readonly value: Json; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const value = mapTexts(kept as Value, (text) => {
    const restored = restoreSecrets({ text, variables: redacted }, valueOf, (secret) => secret);
    restored.missing.forEach((variable) => missing.add(variable));
    return restored.text;
  });
  return { value: value as Json, missing: [...missing] };
}
