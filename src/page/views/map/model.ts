import type { Cluster, ClusterReport, Condition, Instance } from '../../api/types.ts';
import { CONDITIONS } from '../../cluster/totals.ts';

/** An instance as the map shows it. `unknown`: its host has not been asked yet. */
export interface Spot {
  readonly address: string;
  readonly component: string;
  readonly host: string;
  readonly condition: Condition | 'unknown';
  /** null while it is unknown. */
  readonly instance: Instance | null;
}

export interface MapFilter {
  /** Part of a component, of an address or of a host's name; several words must all be there. */
  readonly text: string;
  readonly condition: string | null;
}

/** Hosts down, components across. */
export interface Matrix {
  readonly components: readonly string[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixRow {
  readonly host: string;
  readonly name: string | null;
  /** As many as there are components; null: nothing of it is there. */
  readonly spots: readonly (Spot | null)[];
}

export interface Group {
  readonly component: string;
  /** The worst first, then by host. */
  readonly spots: readonly Spot[];
  readonly totals: readonly { readonly condition: Spot['condition']; readonly count: number }[];
}

/** More hosts than this are shown as groups. */
export const MATRIX_HOSTS = 60;

const byNumbers = new Intl.Collator('en', { numeric: true });
const SEVERITY: readonly Spot['condition'][] = [...CONDITIONS.slice(0, -1), 'unknown', 'running'];

/** Every instance of the state, as the last look found it. */
export function spotsOf(cluster: Cluster, report: ClusterReport | null): readonly Spot[] {
  const found = new Map(report?.instances.map((instance) => [instance.address, instance]));
  return cluster.components.flatMap(({ name, instances }) =>
    instances.map((address): Spot => {
      const instance = found.get(address) ?? null;
      return {
        address,
        component: name,
        host: address.slice(address.indexOf('@') + 1),
        condition: instance?.condition ?? 'unknown',
        instance,
      };
    }),
  );
}

export function filterSpots(
  spots: readonly Spot[],
  { text, condition }: MapFilter,
  hostNames: ReadonlyMap<string, string>,
): readonly Spot[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return spots.filter((spot) => {
    if (condition !== null && spot.condition !== condition) return false;
    const name = `${spot.address} ${hostNames.get(spot.host) ?? ''}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

/** Names of hosts that have one, by address. */
export function hostNamesOf(report: ClusterReport | null): ReadonlyMap<string, string> {
  return new Map(report?.hosts.flatMap(({ address, name }) => (name === null ? [] : [[address, name]])));
}

/** Components in the given order, without those that have nothing here; hosts by address. */
export function matrixOf(
  spots: readonly Spot[],
  order: readonly string[],
  hostNames: ReadonlyMap<string, string>,
): Matrix {
  const components = order.filter((component) => spots.some((spot) => spot.component === component));
  const byAddress = new Map(spots.map((spot) => [`${spot.component}@${spot.host}`, spot]));
  const hosts = [...new Set(spots.map(({ host }) => host))].sort(byNumbers.compare);
  return {
    components,
    rows: hosts.map((host) => ({
      host,
      name: hostNames.get(host) ?? null,
      spots: components.map((component) => byAddress.get(`${component}@${host}`) ?? null),
    })),
  };
}

export function groupsOf(spots: readonly Spot[], order: readonly string[]): readonly Group[] {
  const groups = new Map<string, Spot[]>(order.map((component) => [component, []]));
  for (const spot of spots) groups.get(spot.component)?.push(spot);
  return [...groups]
    .filter(([, own]) => own.length > 0)
    .map(([component, own]) => ({
      component,
      spots: own.sort(
        (a, b) =>
          SEVERITY.indexOf(a.condition) - SEVERITY.indexOf(b.condition) || byNumbers.compare(a.host, b.host),
      ),
      totals: SEVERITY.map((condition) => ({
        condition,
        count: own.filter((spot) => spot.condition === condition).length,
      })).filter(({ count }) => count > 0),
    }));
}

/** What depends on a component, directly or through others. */
export function dependentsOf(component: string, cluster: Pick<Cluster, 'components'>): readonly string[] {
  const found = new Set<string>();
  const waiting = [component];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { name, dependsOn } of cluster.components) {
      if (!dependsOn.includes(next) || found.has(name) || name === component) continue;
      found.add(name);
      waiting.push(name);
    }
  }
  return cluster.components.map(({ name }) => name).filter((name) => found.has(name));
}

/** How a state is named: whether a stop was wanted makes a difference. */
export function conditionText({ condition, instance }: Spot): string {
  if (condition === 'unknown') return 'not looked at yet';
  return condition === 'stopped' && instance?.stoppedByUser === false ? 'stopped by itself' : condition;
}

/** A place in a grid: row, then column; -1 is its head. */
export type GridPlace = readonly [row: number, column: number];

/** Where a key leads in a grid, over what is empty: to the nearest of these places in its row or column; null: nowhere. */
export function stepInGrid(places: readonly GridPlace[], from: GridPlace, key: string): GridPlace | null {
  const [row, column] = from;
  const inRow = places.filter((place) => place[0] === row);
  const inColumn = places.filter((place) => place[1] === column);
  const nearest = (line: readonly GridPlace[], axis: 0 | 1, ahead: 1 | -1): GridPlace | null => {
    const distance = (place: GridPlace): number => (place[axis] - from[axis]) * ahead;
    return line
      .filter((place) => distance(place) > 0)
      .reduce<GridPlace | null>(
        (best, place) => (best === null || distance(place) < distance(best) ? place : best),
        null,
      );
  };
  const own = places.filter((place) => place[0] >= 0 && place[1] >= 0);
  switch (key) {
    case 'ArrowUp':
      return nearest(inColumn, 0, -1);
    case 'ArrowDown':
      return nearest(inColumn, 0, 1);
    case 'ArrowLeft':
      return nearest(inRow, 1, -1);
    case 'ArrowRight':
      return nearest(inRow, 1, 1);
    case 'Home':
      return own[0] ?? null;
    case 'End':
      return own.at(-1) ?? null;
    default:
      return null;
  }
}
