import { Sensitive, Unknown, type Value } from '../spec/value.ts';
import type { HostDeclaration } from '../spec/model.ts';
import type { HostState, Json } from '../state/model.ts';

/** A host's connection as state keeps it: a secret stands as the name of its variable, and is left out when it has none. */
export function hostStateOf(host: HostDeclaration): HostState {
  const settings: Record<string, Json | { readonly variable: string }> = {};
  for (const [name, setting] of Object.entries(host.provider.settings)) {
    if (setting.variable !== null) settings[name] = { variable: setting.variable };
    else if (!containsMark(setting.value) && setting.value !== null) settings[name] = setting.value as Json;
  }
  return { name: host.name, labels: host.labels, provider: host.provider.provider, settings };
}

function containsMark(value: Value): boolean {
  if (value instanceof Sensitive || value instanceof Unknown || typeof value === 'bigint') return true;
  if (Array.isArray(value)) return value.some(containsMark);
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((v: Value) => containsMark(v))
  );
}
