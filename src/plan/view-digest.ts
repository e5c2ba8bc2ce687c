import { createHash } from 'node:crypto';
import type { InstanceView, PlanView, ResourceView } from './view.ts';

/**
 * SHA-256 in hex over the changes of a plan, for saved plans: equal exactly when the same would be done. What may grow
 * between planning and applying (entries in a kept directory) is left out, and so are warnings. Tuples, not objects, so
 * that the order of keys means nothing.
 */
export function planDigest(view: PlanView): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([view.format, view.mode, view.lineage]));
  for (const host of view.hosts)
    hash.update(JSON.stringify([host.address, host.changes.map(instanceEssence)]));
  return hash.digest('hex');
}

function instanceEssence({ address, action, movedFrom, resources, restarts }: InstanceView): unknown {
  return [
    address,
    action,
    movedFrom,
    resources.map(resourceEssence),
    restarts.map(({ service, how }) => [service, how]),
  ];
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
  return [
    address,
    subject,
    action,
    attributes.map(({ name, before, after, sensitive }) => [name, before, after, sensitive]),
    diff,
    conflict,
    becomes,
  ];
}
