import type { ClusterReport, HostReport, InstanceReport } from '../../app/operate/cluster-report.ts';
import { count, wordAge, wordBytes, wordPercent } from '../../terminal/amounts.ts';
import { textTable, type TextColumn } from '../../terminal/columns.ts';
import { CONDITION_LOOKS, conditionLook, type ConditionLook } from '../../terminal/conditions.ts';
import { sanitize } from '../../terminal/sanitize.ts';
import { paint, type Tone } from '../../terminal/style.ts';
import { reasonLines, type Reason } from './reason-lines.ts';

export interface StatusTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
}

/** A look at the cluster for people: a row per instance, below them why some do not run, and the sum; ends with a newline. */
export function renderStatus(report: ClusterReport, options: StatusTextOptions): string {
  if (report.instances.length === 0) return 'There are no instances.\n';
  const hosts = new Map(report.hosts.map((host) => [host.address, host]));
  const rows = report.instances.map((instance) => ({ instance, host: hosts.get(instance.host) }));
  const reasons = reasonsOf(report);
  const lines = [
    ...textTable(rows, columnsOf(report.time), options),
    ...(reasons.length === 0 ? [] : ['', ...reasonLines(reasons, options)]),
    '',
    summary(report, options),
  ];
  return `${lines.join('\n')}\n`;
}

interface Row {
  readonly instance: InstanceReport;
  readonly host: HostReport | undefined;
}

const LONGEST_VERSION = 18;
/** From here on memory or a disk is nearly full. */
const HIGH_PERCENT = 90;

function columnsOf(time: number): readonly TextColumn<Row>[] {
  return [
    {
      title: 'INSTANCE',
      align: 'left',
      rank: 0,
      cell: ({ instance }) => `${conditionLook(instance).icon} ${instance.address}`,
      tone: ({ instance }) => (instance.condition === 'running' ? 'plain' : conditionLook(instance).tone),
    },
    { title: 'HOST NAME', align: 'left', rank: 9, cell: ({ host }) => host?.name ?? '' },
    {
      title: 'STATE',
      align: 'left',
      rank: 0,
      cell: ({ instance }) => conditionLook(instance).word,
      tone: ({ instance }) => conditionLook(instance).tone,
    },
    {
      title: 'SINCE',
      align: 'right',
      rank: 1,
      cell: ({ instance: { sinceMs } }) => (sinceMs === null ? '' : wordAge(time - sinceMs)),
    },
    {
      title: 'VERSION',
      align: 'left',
      rank: 6,
      cell: ({ instance: { version } }) => (version === null ? '' : sanitize(version, LONGEST_VERSION)),
    },
    { title: 'CPU', align: 'right', rank: 2, cell: ({ instance }) => wordPercent(instance.cpuPercent) },
    share('MEM', 3, ({ instance }) => instance.memoryPercent),
    {
      title: 'MEMORY',
      align: 'right',
      rank: 8,
      cell: ({ instance: { memoryBytes } }) => (memoryBytes === null ? '' : wordBytes(memoryBytes)),
    },
    share('DISK', 5, ({ host }) => host?.diskUsedPercent),
    {
      title: 'RST',
      align: 'right',
      rank: 4,
      cell: ({ instance: { restarts } }) => (restarts === null ? '' : String(restarts)),
      tone: ({ instance: { restarts } }) => (restarts === 0 ? 'plain' : 'warn'),
    },
    {
      title: 'HOST CPU',
      align: 'right',
      rank: 10,
      cell: ({ host }) => wordPercent(host?.cpuPercent ?? null),
    },
    share('HOST MEM', 11, ({ host }) => host?.memoryUsedPercent),
    {
      title: 'ENDPOINTS',
      align: 'left',
      rank: 12,
      cell: ({ instance }) => instance.endpoints.map(({ name, port }) => `${name} ${port}`).join(', '),
    },
  ];
}

function share(title: string, rank: number, read: (row: Row) => number | null | undefined): TextColumn<Row> {
  return {
    title,
    align: 'right',
    rank,
    cell: (row) => wordPercent(read(row) ?? null),
    tone: (row): Tone => ((read(row) ?? 0) >= HIGH_PERCENT ? 'warn' : 'plain'),
  };
}

/** Why instances do not simply run; the reason of a host stands once. */
function reasonsOf({ hosts, instances }: ClusterReport): readonly Reason[] {
  return [
    ...hosts.flatMap(({ address, problem }): Reason[] =>
      problem === null ? [] : [{ of: address, tone: 'bad', text: problem }],
    ),
    ...instances.flatMap((instance): Reason[] =>
      instance.detail === null || instance.condition === 'unreachable'
        ? []
        : [{ of: instance.address, tone: conditionLook(instance).tone, text: instance.detail }],
    ),
  ];
}

/** `5 instances on 3 hosts: 1 failed, 4 running.` */
function summary({ instances, hosts }: ClusterReport, { color }: StatusTextOptions): string {
  const counts = CONDITION_LOOKS.flatMap((look) => {
    const amount = instances.filter((instance) => conditionLook(instance) === look).length;
    return amount === 0 ? [] : [paint(`${amount} ${wordOf(look)}`, look.tone, color)];
  });
  return `${count(instances.length, 'instance')} on ${count(hosts.length, 'host')}: ${counts.join(', ')}.`;
}

function wordOf(look: ConditionLook): string {
  const byUser = look === conditionLook({ condition: 'stopped', stoppedByUser: true });
  return byUser ? `${look.word} by slipway` : look.word;
}
