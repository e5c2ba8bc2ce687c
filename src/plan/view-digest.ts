import { createHash } from 'node:crypto';
import type { InstanceView, PlanView, ResourceView } from './view.ts';

/**
 * SHA-256 in hex over the changes of a plan, for saved plans: equal exactly when the same would be done. What may grow
 * between planning and applying (entries in a kept directory) is left out, and so are warnings.
 */
export function planDigest(view: PlanView): string {
  const hash = createHash('sha256');
  hash.update(canonicalJson({ format: view.format, mode: view.mode, lineage: view.lineage }));
  for (const host of view.hosts) {
    for (const change of host.changes) hash.update(canonicalJson([host.address, essence(change)]));
  }
  return hash.digest('hex');
}

function essence({ address, action, movedFrom, resources, restarts }: InstanceView): unknown {
  return { address, action, movedFrom, restarts, resources: resources.map(resourceEssence) };
}

function resourceEssence({
  address,
  subject,
  action,
  attributes,
  diff,
  fate,
  conflict,
}: ResourceView): unknown {
  const becomes = fate === null ? null : fate.fate === 'kept' ? [fate.fate, fate.why] : [fate.fate];
  return { address, subject, action, attributes, diff, conflict, fate: becomes };
}

/** JSON with the keys of objects sorted, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
