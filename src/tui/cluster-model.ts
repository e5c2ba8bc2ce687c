import { unreachable } from '../diagnostics/unreachable.ts';
import { sanitize } from '../terminal/sanitize.ts';
import type { ClusterReport, HostReport, InstanceReport } from '../app/operate/cluster-report.ts';
import type { LastRun } from '../app/operate/cluster-watch.ts';

/** What happens while a cluster is watched. Times are milliseconds since 1970 by the controller's clock. */
export type WatchEvent =
  | { readonly type: 'look-started'; readonly time: number }
  | { readonly type: 'looked'; readonly report: ClusterReport }
  | { readonly type: 'look-failed'; readonly message: string }
  /** An instance is looked at more closely; null: none any more. */
  | { readonly type: 'opened'; readonly instance: string | null }
  | { readonly type: 'log-lines'; readonly instance: string; readonly lines: readonly string[] }
  /** No more lines come; `why` as a sentence. */
  | { readonly type: 'log-ended'; readonly instance: string; readonly why: string }
  | { readonly type: 'last-run'; readonly instance: string; readonly run: LastRun | null };

/** The cluster as far as it was looked at. */
export interface ClusterModel {
  /** The last look that came off. */
  readonly report: ClusterReport | null;
  readonly hostOf: ReadonlyMap<string, HostReport>;
  /** When the look began that is under way. */
  readonly lookingSince: number | null;
  /** Why the look after `report` failed. */
  readonly problem: string | null;
  readonly open: OpenInstance | null;
}

/** An instance that is looked at closely. */
export interface OpenInstance {
  readonly address: string;
  /** Its last lines, safe to print. */
  readonly log: readonly string[];
  /** Why no more lines come; null while they may. */
  readonly logEnd: string | null;
  /** undefined: not known yet. */
  readonly lastRun: LastRun | null | undefined;
}

export const NO_CLUSTER: ClusterModel = {
  report: null,
  hostOf: new Map(),
  lookingSince: null,
  problem: null,
  open: null,
};

/** Lines of an open instance's log that are kept. */
export const KEPT_LINES = 2000;
const LINE_LIMIT = 500;

/** The model after an event. Pure: what is given stays as it is. */
export function reduceCluster(model: ClusterModel, event: WatchEvent): ClusterModel {
  switch (event.type) {
    case 'look-started':
      return { ...model, lookingSince: event.time };
    case 'looked': {
      const report = printable(event.report);
      const hostOf = new Map(report.hosts.map((host) => [host.address, host]));
      return { ...model, report, hostOf, lookingSince: null, problem: null };
    }
    case 'look-failed':
      return { ...model, lookingSince: null, problem: sanitize(event.message) };
    case 'opened':
      if (event.instance === (model.open?.address ?? null)) return model;
      return {
        ...model,
        open:
          event.instance === null
            ? null
            : { address: event.instance, log: [], logEnd: null, lastRun: undefined },
      };
    case 'log-lines':
      return withOpen(model, event.instance, (open) => {
        const fresh = event.lines.slice(-KEPT_LINES).map((line) => sanitize(line, LINE_LIMIT));
        return { ...open, log: [...open.log, ...fresh].slice(-KEPT_LINES) };
      });
    case 'log-ended':
      return withOpen(model, event.instance, (open) => ({ ...open, logEnd: sanitize(event.why) }));
    case 'last-run':
      return withOpen(model, event.instance, (open) => ({ ...open, lastRun: event.run }));
    default:
      return unreachable(event);
  }
}

/** What comes late, for an instance that is closed again, is nothing. */
function withOpen(
  model: ClusterModel,
  address: string,
  change: (open: OpenInstance) => OpenInstance,
): ClusterModel {
  return model.open?.address === address ? { ...model, open: change(model.open) } : model;
}

/** What hosts said in it, safe to print: once per look, not once per frame. */
function printable(report: ClusterReport): ClusterReport {
  return {
    ...report,
    instances: report.instances.map((instance): InstanceReport => ({
      ...instance,
      detail: safe(instance.detail),
      version: safe(instance.version),
      checks: instance.checks.map((check) => ({ ...check, why: safe(check.why) })),
      drift: instance.drift.map((line) => sanitize(line)),
    })),
    hosts: report.hosts.map((host) => ({ ...host, problem: safe(host.problem) })),
  };
}

function safe(text: string | null): string | null {
  return text === null ? null : sanitize(text);
}
