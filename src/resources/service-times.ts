import type { ServiceDriver } from './service-driver.ts';

/** How long a service that others brought may take until it calls itself started. */
export const PACKAGE_START_SECONDS = 300;
/** What systemd may take beyond the time that the program itself is given. */
const SYSTEMD_GRACE_SECONDS = 30;

/** How long a start or restart by systemd may take in all, in whole seconds. */
export function unitStartSeconds(driver: ServiceDriver, stopTimeoutSeconds: number): number {
  return (
    Math.ceil(stopTimeoutSeconds) +
    (driver === 'package-unit' ? PACKAGE_START_SECONDS : SYSTEMD_GRACE_SECONDS)
  );
}

/** How long a stop by systemd may take in all, in whole seconds. */
export function unitStopSeconds(stopTimeoutSeconds: number): number {
  return Math.ceil(stopTimeoutSeconds) + SYSTEMD_GRACE_SECONDS;
}
