import { decodeRecorded } from './service-driver.ts';
import { supervisedFolder } from './supervisor.ts';
import type { RecordedResource } from './resource.ts';
import { unreachable } from '../diagnostics/unreachable.ts';

/** Where what a service prints goes to. */
export type ServiceOutput =
  { readonly from: 'journal'; readonly unit: string } | { readonly from: 'files'; readonly pattern: string };

/** Where a recorded service's output lies, by what runs it. */
export function serviceOutput(service: RecordedResource): ServiceOutput {
  const { driver, name, dir } = decodeRecorded(service);
  switch (driver) {
    case 'unit':
    case 'package-unit':
      return { from: 'journal', unit: name };
    case 'package-monit':
      // Nobody knows; where packages put theirs.
      return { from: 'files', pattern: `/var/log/${name}/*.log` };
    case 'monit':
    case 'supervisor':
      return { from: 'files', pattern: `${supervisedFolder(dir, name)}/log` };
    default:
      return unreachable(driver);
  }
}
