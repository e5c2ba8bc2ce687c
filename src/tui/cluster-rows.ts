import { unreachable } from '../diagnostics/unreachable.ts';
import { conditionLook, conditionRank } from '../terminal/conditions.ts';
import type { ClusterReport, InstanceReport } from '../app/operate/cluster-report.ts';
import type { ClusterModel } from './cluster-model.ts';

export const SORTS = ['component', 'condition', 'cpu', 'memory'] as const;
export type ClusterSort = (typeof SORTS)[number];

/** Which instances are shown, and in which order. */
export interface Arrangement {
  readonly sort: ClusterSort;
  /** Words that must all occur in what is known of an instance. */
  readonly filter: string;
  /** Only what does not simply run. */
  readonly troubleOnly: boolean;
}

/** A line of the table: the heading of a component, or one of its instances. */
export type ClusterEntry =
  | { readonly entry: 'group'; readonly component: string; readonly members: readonly InstanceReport[] }
  | { readonly entry: 'row'; readonly instance: InstanceReport; readonly grouped: boolean };

interface Arranged {
  readonly arrangement: Arrangement;
  readonly rows: readonly InstanceReport[];
  readonly entries: readonly ClusterEntry[];
}
/** A report is arranged when it comes or a key changes something, not for each frame. */
const arrangedReports = new WeakMap<ClusterReport, Arranged>();
const NOTHING = { rows: [], entries: [] };

/** The lines of the table, and its instances in the same order. */
export function clusterEntries(
  { report, hostOf }: ClusterModel,
  { sort, filter, troubleOnly }: Arrangement,
): Pick<Arranged, 'rows' | 'entries'> {
  if (report === null) return NOTHING;
  const known = arrangedReports.get(report);
  const same = known?.arrangement;
  if (same?.sort === sort && same.filter === filter && same.troubleOnly === troubleOnly)
    return known ?? NOTHING;
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const rows = report.instances.filter(
    (instance) =>
      (!troubleOnly || instance.condition !== 'running') &&
      (words.length === 0 || hasWords(instance, hostOf.get(instance.host)?.name ?? '', words)),
  );
  if (sort !== 'component') rows.sort(orderBy(sort));
  const entries = sort === 'component' ? grouped(rows) : rows.map((instance) => row(instance, false));
  const arranged = { arrangement: { sort, filter, troubleOnly }, rows, entries };
  arrangedReports.set(report, arranged);
  return arranged;
}

function hasWords(instance: InstanceReport, hostName: string, words: readonly string[]): boolean {
  const { address, version, detail } = instance;
  const text = [address, hostName, conditionLook(instance).word, version ?? '', detail ?? '']
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Sorting is stable, so that equals stay by component. */
function orderBy(sort: Exclude<ClusterSort, 'component'>): (a: InstanceReport, b: InstanceReport) => number {
  switch (sort) {
    case 'condition':
      return (a, b) => conditionRank(a) - conditionRank(b);
    case 'cpu':
      return (a, b) => (b.cpuPercent ?? -1) - (a.cpuPercent ?? -1);
    case 'memory':
      return (a, b) => (b.memoryBytes ?? -1) - (a.memoryBytes ?? -1);
    default:
      return unreachable(sort);
  }
}

function grouped(rows: readonly InstanceReport[]): readonly ClusterEntry[] {
  const byComponent = new Map<string, InstanceReport[]>();
  for (const instance of rows) {
    const members = byComponent.get(instance.component);
    if (members === undefined) byComponent.set(instance.component, [instance]);
    else members.push(instance);
  }
  return [...byComponent].flatMap(([component, members]): ClusterEntry[] => [
    { entry: 'group', component, members },
    ...members.map((instance) => row(instance, true)),
  ]);
}

function row(instance: InstanceReport, isGrouped: boolean): ClusterEntry {
  return { entry: 'row', instance, grouped: isGrouped };
}
