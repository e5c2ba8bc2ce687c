import { checkCapacity } from './capacity.ts';
import type { PreflightFinding } from './finding.ts';
import type { HostLoad } from './host-load.ts';
import { checkKernel } from './kernel.ts';
import { checkNetwork, checkPorts } from './network.ts';
import { checkForeignOwners, checkLock, checkPackageManager, checkRights } from './ownership.ts';

/**
 * Verifies by what a host told that it can carry what is placed there; every shortfall is reported. The same for every plan and
 * for `slipway preflight`. Pure.
 */
export function checkHost(load: HostLoad, lineage: string): readonly PreflightFinding[] {
  const desired = load.desired.filter(({ declaration }) => load.inScope(declaration.component));
  const lock = checkLock(load, lineage);
  if (desired.length === 0) return lock;
  const scoped = { ...load, desired };
  return [
    ...lock,
    ...checkCapacity(load),
    ...checkPorts(scoped, lineage),
    ...checkNetwork(scoped),
    ...checkKernel(scoped),
    ...checkForeignOwners(scoped, lineage),
    ...checkPackageManager(scoped),
    ...checkRights(scoped),
  ];
}
