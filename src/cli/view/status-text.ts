import type { ClusterReport, HostReport, InstanceReport } from '../../app/operate/cluster-report.ts';
import { count, wordAge, wordBytes } from '../../terminal/amounts.ts';
import { CONDITION_LOOKS, conditionLook } from '../../terminal/conditions.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { fit, fitRight, truncateMiddle, widthOf, wrap } from '../../terminal/width.ts';

export interface StatusTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
}

/** A look at the cluster for people: a row per instance, below them why some do not run, and the sum; ends with a newline. */
export function renderStatus(report: ClusterReport, options: StatusTextOptions): string {
  if (report.instances.length === 0) return 'There are no instances.\n';
  const lines = [...table(report, options), ...details(report, options), '', summary(report, options)];
  return `${lines.join('\n')}\n`;
}

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** The lowest stay longest on a narrow terminal. */
  readonly rank: number;
  readonly cell: (instance: InstanceReport, host: HostReport | undefined) => string;
  readonly tone?: (instance: InstanceReport, host: HostReport | undefined) => Tone;
}

const GAP = 2;
const LONGEST_VERSION = 18;
/** From here on a processor, the memory or a disk is nearly full. */
const HIGH_PERCENT = 90;

function table(report: ClusterReport, { color, width }: StatusTextOptions): readonly string[] {
  const hosts = new Map(report.hosts.map((host) => [host.address, host]));
  const rows = report.instances.map((instance) => ({ instance, host: hosts.get(instance.host) }));
  const columns = columnsOf(report)
    .map((column) => {
      const cells = rows.map(({ instance, host }) => column.cell(instance, host));
      const widest = Math.max(...cells.map(widthOf));
      return { ...column, cells, widest, width: Math.max(widest, column.title.length) };
    })
    .filter(({ widest }) => widest > 0);
  const shown = columnsWithin(columns, width);
  const painted = (text: string, tone: Tone): string => paint(text, tone, color);
  const titles = shown.map(({ title, align, width: w }) =>
    align === 'left' ? fit(title, w) : fitRight(title, w),
  );
  const lines = [painted(titles.join(' '.repeat(GAP)).trimEnd(), 'faint')];
  rows.forEach(({ instance, host }, i) => {
    const cells = shown.map(({ cells: texts, align, tone, width: w }, at) => {
      const text = texts[i] ?? '';
      const isLast = at === shown.length - 1 && align === 'left';
      const fitted = isLast ? text : align === 'left' ? fit(text, w) : fitRight(text, w);
      return painted(fitted, tone?.(instance, host) ?? 'plain');
    });
    lines.push(cells.join(' '.repeat(GAP)).trimEnd());
  });
  return lines;
}

/** What fits, the least important left out first; the address is cut in its middle before that. */
function columnsWithin<C extends Column & { width: number; cells: readonly string[] }>(
  columns: readonly C[],
  width: number,
): readonly C[] {
  let shown = [...columns];
  const total = (): number => shown.reduce((sum, column) => sum + column.width + GAP, -GAP);
  for (const column of [...columns].sort((a, b) => b.rank - a.rank)) {
    if (total() <= width || column.rank === 0) break;
    shown = shown.filter((each) => each !== column);
  }
  const over = total() - width;
  if (over <= 0) return shown;
  return shown.map((column) => {
    if (column.title !== 'INSTANCE') return column;
    const room = Math.max(12, column.width - over);
    return { ...column, width: room, cells: column.cells.map((text) => truncateMiddle(text, room)) };
  });
}

const columnsOf = ({ time }: ClusterReport): readonly Column[] => [
  {
    title: 'INSTANCE',
    align: 'left',
    rank: 0,
    cell: (instance) => `${conditionLook(instance).icon} ${instance.address}`,
    tone: (instance) => (instance.condition === 'running' ? 'plain' : conditionLook(instance).tone),
  },
  {
    title: 'HOST NAME',
    align: 'left',
    rank: 9,
    cell: (_instance, host) => host?.name ?? '',
  },
  {
    title: 'STATE',
    align: 'left',
    rank: 0,
    cell: (instance) => conditionLook(instance).word,
    tone: (instance) => conditionLook(instance).tone,
  },
  {
    title: 'SINCE',
    align: 'right',
    rank: 1,
    cell: ({ sinceMs }) => (sinceMs === null ? '' : wordAge(time - sinceMs)),
  },
  {
    title: 'VERSION',
    align: 'left',
    rank: 6,
    cell: ({ version }) => (version === null ? '' : sanitize(version, LONGEST_VERSION)),
  },
  {
    title: 'CPU',
    align: 'right',
    rank: 2,
    cell: ({ cpuPercent }) => percent(cpuPercent),
  },
  {
    title: 'MEM',
    align: 'right',
    rank: 3,
    cell: ({ memoryPercent }) => percent(memoryPercent),
    tone: ({ memoryPercent }) => fullness(memoryPercent),
  },
  {
    title: 'MEMORY',
    align: 'right',
    rank: 8,
    cell: ({ memoryBytes }) => (memoryBytes === null ? '' : wordBytes(memoryBytes)),
  },
  {
    title: 'DISK',
    align: 'right',
    rank: 5,
    cell: (_instance, host) => percent(host?.diskUsedPercent ?? null),
    tone: (_instance, host) => fullness(host?.diskUsedPercent ?? null),
  },
  {
    title: 'RST',
    align: 'right',
    rank: 4,
    cell: ({ restarts }) => (restarts === null ? '' : String(restarts)),
    tone: ({ restarts }) => (restarts === 0 ? 'plain' : 'warn'),
  },
  {
    title: 'HOST CPU',
    align: 'right',
    rank: 10,
    cell: (_instance, host) => percent(host?.cpuPercent ?? null),
  },
  {
    title: 'HOST MEM',
    align: 'right',
    rank: 11,
    cell: (_instance, host) => percent(host?.memoryUsedPercent ?? null),
    tone: (_instance, host) => fullness(host?.memoryUsedPercent ?? null),
  },
  {
    title: 'ENDPOINTS',
    align: 'left',
    rank: 12,
    cell: ({ endpoints }) => endpoints.map(({ name, port }) => `${name} ${port}`).join(', '),
  },
];

function percent(amount: number | null): string {
  if (amount === null) return '';
  return amount > 0 && amount < 9.95 ? `${amount.toFixed(1)}%` : `${Math.round(amount)}%`;
}

function fullness(amount: number | null): Tone {
  return amount !== null && amount >= HIGH_PERCENT ? 'warn' : 'plain';
}

/** Why instances do not simply run; the reason of a host stands once. */
function details(report: ClusterReport, { color, width }: StatusTextOptions): readonly string[] {
  const told: { readonly who: string; readonly tone: Tone; readonly what: string }[] = [];
  for (const { address, problem } of report.hosts) {
    if (problem !== null) told.push({ who: address, tone: 'bad', what: problem });
  }
  for (const instance of report.instances) {
    const { address, condition, detail } = instance;
    if (detail === null || condition === 'unreachable') continue;
    told.push({ who: address, tone: conditionLook(instance).tone, what: detail });
  }
  if (told.length === 0) return [];
  const column = Math.min(Math.max(...told.map(({ who }) => widthOf(who))), Math.floor(width / 2));
  return [
    '',
    ...told.flatMap(({ who, tone, what }) => {
      const [first = '', ...rest] = wrap(sanitize(what), width - column - GAP);
      const indent = ' '.repeat(column + GAP);
      const name = paint(fit(truncateMiddle(who, column), column), tone, color);
      return [`${name}${' '.repeat(GAP)}${first}`, ...rest.map((line) => `${indent}${line}`)];
    }),
  ];
}

/** `5 instances on 3 hosts: 1 failed, 4 running` */
function summary({ instances, hosts }: ClusterReport, { color }: StatusTextOptions): string {
  const counts = CONDITION_LOOKS.flatMap((look) => {
    const amount = instances.filter((instance) => conditionLook(instance) === look).length;
    return amount === 0 ? [] : [paint(`${amount} ${look.word}${wanted(look)}`, look.tone, color)];
  });
  return `${count(instances.length, 'instance')} on ${count(hosts.length, 'host')}: ${counts.join(', ')}.`;
}

function wanted({ word, tone }: { readonly word: string; readonly tone: Tone }): string {
  return word === 'stopped' && tone === 'faint' ? ' by slipway' : '';
}
