import type { HostError, HostErrorKind } from '../../host/connection.ts';
import { findingsOn, type PreflightCheck, type PreflightFinding } from './finding.ts';

/** What kind of host error says in a line, and which check it fails. */
const KINDS: Readonly<Record<HostErrorKind, readonly [summary: string, check: PreflightCheck]>> = {
  unreachable: ['Host cannot be reached', 'reachability'],
  refused: ['Host refuses connections', 'reachability'],
  timeout: ['Host does not answer', 'reachability'],
  lost: ['Connection to the host was lost', 'reachability'],
  authentication: ['Host does not let us in', 'credentials'],
  'key-unreadable': ['Private key cannot be used', 'credentials'],
  'host-key-unknown': ['Host key is not known', 'host-key'],
  'host-key-changed': ['Host key has changed', 'host-key'],
  become: ['No root rights on the host', 'root'],
  'forward-refused': ['Host refuses forwarding', 'reachability'],
  'no-space': ['No space left on the host', 'space'],
  denied: ['Not allowed on the host', 'root'],
  cancelled: ['Cancelled', 'reachability'],
  protocol: ['Host gives an unexpected answer', 'shell'],
};

/** One line for an error of a host. */
export function summaryOf(kind: HostErrorKind): string {
  return KINDS[kind][0];
}

/** A host that cannot be asked, or not all of it, as a finding. */
export function failedHost({ host, kind, message, remedy }: HostError): PreflightFinding {
  const [summary, check] = KINDS[kind];
  return findingsOn(host).fail(check, summary, `${message.replace(/\.$/, '')}.`, remedy);
}
