import { wordAge, wordBytes } from '../terminal/amounts.ts';
import { conditionLook } from '../terminal/conditions.ts';
import type { ClusterReport, HostReport, InstanceReport } from '../app/operate/cluster-report.ts';
import type { Tone } from '../terminal/style.ts';
import type { ClusterModel } from './cluster-model.ts';
import type { ClusterSort } from './cluster-rows.ts';

/** One column of the table behind the name of an instance. */
export interface ClusterColumn {
  readonly title: string;
  readonly width: number;
  readonly alignment: 'left' | 'right';
  /** The order that it shows. */
  readonly sort: ClusterSort | null;
  readonly cell: (instance: InstanceReport, host: HostReport | undefined) => { text: string; tone: Tone };
}

/** What the rest of the line is for: why an instance does not simply run. Narrow screens tell it below the table alone. */
const DETAIL_COLUMNS = 24;
const NARROW = 72;

/** The columns that fit into `width`, the least important left out first. */
export function columnsOf({ report }: ClusterModel, width: number): readonly ClusterColumn[] {
  if (report === null) return [];
  const all = allColumns(report);
  const kept = new Set<ClusterColumn>();
  let left = width < NARROW ? width : width - DETAIL_COLUMNS;
  for (const { column } of [...all].sort((a, b) => a.rank - b.rank)) {
    if (column.width + 2 > left) break;
    left -= column.width + 2;
    kept.add(column);
  }
  return all.flatMap(({ column }) => (kept.has(column) ? [column] : []));
}

/** In the order of the screen; rank 0 is the last to go. */
function allColumns(report: ClusterReport): readonly { column: ClusterColumn; rank: number }[] {
  const names = widest(report.hosts.map(({ name }) => name));
  const versions = widest(report.instances.map(({ version }) => version));
  const columns: { column: ClusterColumn; rank: number }[] = [
    {
      rank: 0,
      column: {
        title: 'STATE',
        width: 11,
        alignment: 'left',
        sort: 'condition',
        cell(instance) {
          const { word, tone } = conditionLook(instance);
          return { text: word, tone };
        },
      },
    },
    {
      rank: 1,
      column: text('SINCE', 5, ({ sinceMs }) => (sinceMs === null ? null : wordAge(report.time - sinceMs))),
    },
    {
      rank: 2,
      column: {
        ...amount(
          'CPU%',
          5,
          ({ cpuPercent }) => cpuPercent,
          ({ cpuPercent }, host) =>
            loadTone(
              cpuPercent === null || host === undefined || host.cores === null
                ? null
                : cpuPercent / host.cores,
            ),
        ),
        sort: 'cpu',
      },
    },
    {
      rank: 3,
      column: {
        ...amount(
          'MEM%',
          5,
          ({ memoryPercent }) => memoryPercent,
          ({ memoryPercent }) => loadTone(memoryPercent),
        ),
        sort: 'memory',
      },
    },
    {
      rank: 7,
      column: text('MEMORY', 8, ({ memoryBytes }) => (memoryBytes === null ? null : wordBytes(memoryBytes))),
    },
    {
      rank: 4,
      column: amount(
        'DISK%',
        5,
        (_, host) => host?.diskUsedPercent ?? null,
        (_, host) => loadTone(host?.diskUsedPercent ?? null),
      ),
    },
    {
      rank: 9,
      column: amount(
        'HOST CPU%',
        9,
        (_, host) => host?.cpuPercent ?? null,
        (_, host) => loadTone(host?.cpuPercent ?? null),
      ),
    },
    {
      rank: 10,
      column: amount(
        'HOST MEM%',
        9,
        (_, host) => host?.memoryUsedPercent ?? null,
        (_, host) => loadTone(host?.memoryUsedPercent ?? null),
      ),
    },
    {
      rank: 5,
      column: {
        ...text('RST', 3, ({ restarts }) => (restarts === null ? null : String(restarts))),
        cell({ restarts }) {
          if (restarts === null) return { text: '-', tone: 'faint' };
          return { text: String(restarts), tone: restarts > 0 ? 'warn' : 'faint' };
        },
      },
    },
  ];
  if (versions > 0)
    columns.push({
      rank: 6,
      column: {
        ...text('VERSION', Math.min(16, Math.max(7, versions)), ({ version }) => version),
        alignment: 'left',
      },
    });
  if (names > 0)
    columns.push({
      rank: 8,
      column: {
        ...text('HOST', Math.min(20, Math.max(4, names)), (_, host) => host?.name ?? null),
        alignment: 'left',
      },
    });
  return columns;
}

function text(
  title: string,
  width: number,
  read: (instance: InstanceReport, host: HostReport | undefined) => string | null,
): ClusterColumn {
  return {
    title,
    width,
    alignment: 'right',
    sort: null,
    cell: (instance, host) => ({ text: read(instance, host) ?? '-', tone: 'faint' }),
  };
}

function amount(
  title: string,
  width: number,
  read: (instance: InstanceReport, host: HostReport | undefined) => number | null,
  tone: (instance: InstanceReport, host: HostReport | undefined) => Tone,
): ClusterColumn {
  return {
    title,
    width,
    alignment: 'right',
    sort: null,
    cell(instance, host) {
      const value = read(instance, host);
      return value === null
        ? { text: '-', tone: 'faint' }
        : { text: wordPercent(value), tone: tone(instance, host) };
    },
  };
}

/** Tenths where they say something: `0.4`, `7.2`, `83`, `1602`. */
export function wordPercent(percent: number): string {
  return percent < 9.95 ? percent.toFixed(1) : String(Math.round(percent));
}

/** Of what there is, in percent. */
export function loadTone(percent: number | null): Tone {
  if (percent === null || percent < 80) return 'plain';
  return percent < 92 ? 'warn' : 'bad';
}

function widest(texts: readonly (string | null)[]): number {
  return texts.reduce((most, each) => Math.max(most, each?.length ?? 0), 0);
}
