import type { HostLayout } from './layout.ts';
import type { HostObservation, ProbeRequest } from './observation.ts';

/** The sh program that answers all requests at once, for `sh -s`; it changes nothing. */
export function probeProgram(_layout: HostLayout, _requests: readonly ProbeRequest[]): string {
  throw new Error('not written yet');
}

/** What the program printed, decoded. Throws `HostError` of kind 'protocol' that names the part that failed. */
export function parseProbe(
  _host: string,
  _requests: readonly ProbeRequest[],
  _output: Buffer,
): HostObservation {
  throw new Error('not written yet');
}
