import type { ClusterReport, InstanceCondition } from '../../app/operate/cluster-report.ts';
import type { LiveRun } from '../../app/serve/run-desk.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { Placements } from './placements.ts';

/** A look that is not older will do: clients poll. */
const FRESH_MS = 1_000;

/** A row of `GET /deployment-engine/status`. */
export interface StatusRow {
  readonly Comp: string;
  readonly Ip: string;
  /** Of the host: `1.18844%` */
  readonly Cpu: string;
  readonly Mem: string;
  readonly Disk: string;
  readonly Status: 'RUNNING' | 'DOWN';
}

/** How everything is that is placed, as a host tells it now; what is not deployed yet is down. */
export type StatusRows = (placements: Placements) => Promise<readonly StatusRow[]>;

export function statusReader({ desk, look }: ServerUseCases): StatusRows {
  /** The last run whose outcome a look has seen: what was asked for before its end tells of another cluster. */
  let seen: LiveRun | null = null;
  return async (placements) => {
    if (placements.state === null) return rowsOf(placements, null);
    const latest = desk.latest();
    const isSeen = latest === seen || latest?.phase() !== 'finished';
    const report = await look({ maxAgeMs: isSeen ? FRESH_MS : 0 });
    if (!isSeen) seen = latest;
    return rowsOf(placements, report);
  };
}

function rowsOf({ all }: Placements, report: ClusterReport | null): readonly StatusRow[] {
  const hosts = new Map(report?.hosts.map((host) => [host.address, host]));
  const conditions = conditionsOf(report);
  return all.map(({ component, host }) => {
    const usage = hosts.get(host);
    const condition = conditions.get(`${component}@${host}`);
    return {
      Comp: component,
      Ip: host,
      Cpu: percent(usage?.cpuPercent, 5),
      Mem: percent(usage?.memoryUsedPercent, 2),
      Disk: percent(usage?.diskUsedPercent, 0),
      Status: condition !== undefined && RUNS.has(condition) ? 'RUNNING' : 'DOWN',
    };
  });
}

/** `degraded` is none of them: its services run, but a check says that it does not do its work. */
const RUNS: ReadonlySet<InstanceCondition> = new Set(['running', 'drifted']);

function conditionsOf(report: ClusterReport | null): ReadonlyMap<string, InstanceCondition> {
  return new Map(report?.instances.map(({ address, condition }) => [address, condition]));
}

function percent(value: number | null | undefined, digits: number): string {
  return `${Number((value ?? 0).toFixed(digits))}%`;
}
