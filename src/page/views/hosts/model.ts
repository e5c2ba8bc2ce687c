import type { Cluster, ClusterReport, Condition, Fit, Hosts, Machine } from '../../api/types.ts';
import type { SortOrder } from '../../parts/table.tsx';

/** A host as the list shows it. What is not known is null. */
export interface HostRow {
  readonly address: string;
  readonly name: string | null;
  readonly instances: readonly HostedInstance[];
  /** Why it could not be asked. */
  readonly problem: string | null;
  readonly cores: number | null;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly memoryUsedPercent: number | null;
  readonly diskUsedPercent: number | null;
  readonly uptimeSeconds: number | null;
  readonly machine: Machine | null;
  readonly fits: readonly Fit[];
}

export interface HostedInstance {
  readonly address: string;
  readonly component: string;
  readonly condition: Condition | 'unknown';
}

export type HostColumn = 'host' | 'instances' | 'cpu' | 'memory' | 'disk' | 'os' | 'uptime';

const byNumbers = new Intl.Collator('en', { numeric: true });

/** All hosts of the state. Usage is of the last look, which comes more often than the hardware. */
export function hostRows(
  cluster: Cluster,
  report: ClusterReport | null,
  hosts: Hosts | null,
): readonly HostRow[] {
  const answers = new Map(hosts?.hosts.map((host) => [host.address, host]));
  const usages = new Map(report?.hosts.map((host) => [host.address, host]));
  const conditions = new Map(report?.instances.map(({ address, condition }) => [address, condition]));
  const placed = new Map<string, HostedInstance[]>();
  for (const { name: component, instances } of cluster.components) {
    for (const address of instances) {
      const host = address.slice(address.indexOf('@') + 1);
      const condition = conditions.get(address) ?? 'unknown';
      placed.set(host, [...(placed.get(host) ?? []), { address, component, condition }]);
    }
  }
  return cluster.hosts.map((address): HostRow => {
    const answer = answers.get(address);
    const usage = usages.get(address) ?? answer?.usage ?? null;
    const machine = answer?.hardware?.machine ?? null;
    return {
      address,
      name: answer?.name ?? usages.get(address)?.name ?? null,
      instances: placed.get(address) ?? [],
      problem: usage === null ? (answer?.hardware?.problem ?? null) : usage.problem,
      cores: usage?.cores ?? machine?.cores ?? null,
      cpuPercent: usage?.cpuPercent ?? null,
      memoryBytes: usage?.memoryBytes ?? machine?.memoryBytes ?? null,
      memoryUsedPercent: usage?.memoryUsedPercent ?? null,
      diskUsedPercent: usage?.diskUsedPercent ?? null,
      uptimeSeconds: usage?.uptimeSeconds ?? machine?.uptimeSeconds ?? null,
      machine,
      fits: answer?.hardware?.fits ?? [],
    };
  });
}

/** Words that must all stand in its name, address, system or components. */
export function filterHosts(rows: readonly HostRow[], text: string): readonly HostRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ address, name, machine, instances }) => {
    const all = [address, name ?? '', machine?.os.name ?? '', ...instances.map(({ component }) => component)];
    const searched = all.join(' ').toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

/** What is not known comes last, whichever the direction. */
export function sortHosts(rows: readonly HostRow[], { by, isDown }: SortOrder): readonly HostRow[] {
  const valueOf = VALUES[by as HostColumn] ?? VALUES.host;
  return [...rows].sort((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : byNumbers.compare(String(left), String(right));
    return (isDown ? -order : order) || byNumbers.compare(a.address, b.address);
  });
}

const VALUES: Readonly<Record<HostColumn, (row: HostRow) => number | string | null>> = {
  host: ({ name, address }) => name ?? address,
  instances: ({ instances }) => instances.length,
  cpu: ({ cpuPercent }) => cpuPercent,
  memory: ({ memoryUsedPercent }) => memoryUsedPercent,
  disk: ({ diskUsedPercent }) => diskUsedPercent,
  os: ({ machine }) => machine?.os.name ?? null,
  uptime: ({ uptimeSeconds }) => uptimeSeconds,
};

/** What a host is too small for. */
export function shortages(fits: readonly Fit[]): readonly Fit[] {
  return fits.filter(({ short }) => short !== null);
}

/** `memory: 3 GiB needed, 1 GiB short` */
export function fitText({ what, needs, has, short }: Fit): string {
  const name = { cpu: 'CPU', memory: 'Memory', disk: 'Disk', os: 'System' }[what];
  if (short === null) return `${name}: ${needs} needed, ${has} there`;
  if (short === '') return `${name}: ${needs} needed, it is ${has}`;
  return `${name}: ${needs} needed, ${has} there, ${short} short`;
}
