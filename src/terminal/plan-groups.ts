import type { HostView, ResourceView } from '../plan/view.ts';
import { wrap } from './width.ts';

/** Hosts on which the same happens, the first one standing for all. */
export interface HostGroup {
  readonly first: HostView;
  readonly others: readonly HostView[];
}

/** More hosts than this with the same change are told as one. */
export const SAME_CHANGE_LIMIT = 12;

/** Puts hosts with the same change together, where there are more than the limit; the order stays that of the first. */
export function groupHosts(hosts: readonly HostView[]): readonly HostGroup[] {
  if (hosts.length <= SAME_CHANGE_LIMIT) return hosts.map((first) => ({ first, others: [] }));
  const groups = new Map<string, HostView[]>();
  for (const host of hosts) {
    const key = signatureOf(host);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [host]);
    else known.push(host);
  }
  return [...groups.values()].flatMap((same): HostGroup[] => {
    const [first, ...others] = same;
    if (first === undefined) return [];
    if (same.length > SAME_CHANGE_LIMIT) return [{ first, others }];
    return same.map((host) => ({ first: host, others: [] }));
  });
}

/** Equal for hosts where the same would be read, but for their own address. Built by hand: a plan may hold 50,000 resources. */
function signatureOf(host: HostView): string {
  let text = '';
  for (const { action, address, movedFrom, reasons, resources, restarts, unchanged } of host.changes) {
    text += `\n${action} ${address} ${movedFrom ?? ''} ${reasons.join(';')} ${unchanged}`;
    for (const resource of resources) text += `\n ${resourceSignature(resource)}`;
    for (const { service, how, because } of restarts) text += `\n ${how} ${service} ${because}`;
  }
  return text.replaceAll(host.address, '\0');
}

function resourceSignature(resource: ResourceView): string {
  const { action, address, subject, reason, attributes, diff, fate, conflict } = resource;
  let text = `${action} ${address} ${subject ?? ''} ${reason ?? ''} ${conflict ?? ''}`;
  for (const { name, before, after, sensitive } of attributes) {
    // The digest of a new file is not read; its lines are.
    if (name === 'content' && before === null && !sensitive) continue;
    text += ` ${name}=${sensitive ? '(sensitive)' : `${before ?? ''}>${after ?? ''}`}`;
  }
  if (fate !== null) text += ` ${JSON.stringify(fate)}`;
  return diff === null ? text : `${text} ${diff}`;
}

/** `… and 95 more hosts with the same change: 10.0.0.2 to 10.0.0.96`, on at most four lines. */
export function wordOthers(others: readonly HostView[], width: number): readonly string[] {
  const ranges = addressRanges(others.map((host) => host.address));
  const lines = wrap(`… and ${others.length} more hosts with the same change: ${ranges.join(', ')}`, width);
  return lines.length <= 4 ? lines : [...lines.slice(0, 4), '…'];
}

/** Neighbours in IPv4 are told by their ends. */
export function addressRanges(addresses: readonly string[]): readonly string[] {
  const ranges: { from: string; to: string; next: number | null }[] = [];
  for (const address of addresses) {
    const number = ipv4Number(address);
    const last = ranges.at(-1);
    if (last !== undefined && number !== null && last.next === number) {
      last.to = address;
      last.next = number + 1;
    } else ranges.push({ from: address, to: address, next: number === null ? null : number + 1 });
  }
  return ranges.map(({ from, to }) => (from === to ? from : `${from} to ${to}`));
}

function ipv4Number(address: string): number | null {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (parts === null) return null;
  return parts.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0);
}
