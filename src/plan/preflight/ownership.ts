import { kindOf } from '../../resources/kinds.ts';
import { findingsOn, type PreflightFinding } from './finding.ts';
import type { HostLoad } from './host-load.ts';

/** Another cluster that is at work on the host. */
export function checkLock({ host, observation }: HostLoad, lineage: string): readonly PreflightFinding[] {
  const { pass, fail } = findingsOn(host);
  const { holder } = observation.lock;
  if (holder === null || (holder.leaseSecondsLeft <= 0 && !holder.scriptRunning))
    return [pass('lock', 'nobody is at work there')];
  if (holder.lineage === lineage) return [pass('lock', `run ${holder.run} of this cluster is at work there`)];
  const until = holder.scriptRunning
    ? 'one of its scripts still runs there'
    : `its lease ends in ${holder.leaseSecondsLeft} s`;
  return [
    fail(
      'lock',
      'Another cluster is at work on this host',
      `Run ${holder.run} of ${holder.owner} holds the host's lock; ${until}.`,
      'Try again when it is done.',
    ),
  ];
}

/** What another cluster holds exclusively on the host. */
export function checkForeignOwners(load: HostLoad, lineage: string): readonly PreflightFinding[] {
  const { pass, fail } = findingsOn(load.host);
  const findings: PreflightFinding[] = [];
  for (const { declaration, resources } of load.desired) {
    for (const resource of resources) {
      for (const claim of kindOf(resource).claims(resource)) {
        if (!claim.exclusive) continue;
        const owners = load.observation.record.entries.get(claim.key)?.owners ?? [];
        const other = owners.find((owner) => owner.lineage !== lineage);
        if (other === undefined) continue;
        const detail = `${resource.address} of ${declaration.address} would take it from ${other.instance} of the cluster with lineage ${other.lineage}.`;
        const remedy = 'Remove it there first, or choose another name.';
        const summary = `${claim.key} belongs to another cluster`;
        findings.push(fail('ownership', summary, detail, remedy, declaration.component));
      }
    }
  }
  return findings.length > 0 ? findings : [pass('ownership', 'nothing there belongs to another cluster')];
}

export function checkPackageManager({ host, observation, desired }: HostLoad): readonly PreflightFinding[] {
  const wanting = desired.find(({ resources }) => resources.some(({ kind }) => kind === 'package'));
  if (wanting === undefined) return [];
  const { pass, fail } = findingsOn(host);
  const { packageManager } = observation.facts;
  if (packageManager !== 'none') return [pass('packages', packageManager)];
  const { address, component } = wanting.declaration;
  const detail = `${address} declares packages, which slipway installs with apt, and the host has none.`;
  return [fail('packages', 'No package manager', detail, 'Use an archive or a file instead.', component)];
}

const ROOT_ONLY: ReadonlySet<string> = new Set(['package', 'user', 'group']);

/** Without root, files of our own and supervised services are all that can be managed. */
export function checkRights({ host, observation, desired }: HostLoad): readonly PreflightFinding[] {
  const { pass, fail } = findingsOn(host);
  if (observation.facts.uid === 0) return [pass('root', 'slipway works there as root')];
  const addresses = desired.flatMap(({ declaration, resources }) =>
    resources
      .filter(({ kind }) => ROOT_ONLY.has(kind))
      .map(({ address }) => `${address} of ${declaration.address}`),
  );
  if (addresses.length === 0) return [pass('root', 'not root, which nothing there needs')];
  const detail = `${addresses.join(', ')} can only be managed by root.`;
  const remedy = 'Connect as root, or set become = "sudo" in provider "ssh".';
  return [fail('root', 'Root is needed', detail, remedy)];
}
