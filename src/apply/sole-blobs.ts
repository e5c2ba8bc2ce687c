import { kindOf } from '../resources/kinds.ts';
import { bringsContent, type ActiveChange } from './instance-script.ts';

/** By host, the digests of content that one resource alone brings there in this run: it may take the blob. */
export function soleBlobs(changes: readonly ActiveChange[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sole = new Map<string, Set<string>>();
  const shared = new Set<string>();
  for (const change of changes) {
    if (change.action === 'remove') continue;
    const { host } = change;
    for (const resourceChange of change.resources) {
      if (!bringsContent(resourceChange)) continue;
      const { resource } = resourceChange;
      for (const { digest } of kindOf(resource).blobs(resource)) {
        const digests = sole.get(host) ?? new Set();
        sole.set(host, digests);
        if (digests.delete(digest)) shared.add(`${host} ${digest}`);
        else if (!shared.has(`${host} ${digest}`)) digests.add(digest);
      }
    }
  }
  return sole;
}
