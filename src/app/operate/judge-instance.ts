import type { CheckResult } from '../../host/check.ts';
import type { HostObservation, ProbeRequest } from '../../host/observation.ts';
import { probeKey } from '../../host/observation.ts';
import { driftOf, driftRequests } from '../../resources/drift.ts';
import { serviceStatus, serviceStatusRequests, type ServiceStatus } from '../../resources/service-status.ts';
import type { InstanceState } from '../../state/model.ts';
import type { CheckReport, InstanceCondition, InstanceReport, ServiceReport } from './cluster-report.ts';

/** What a host said about itself, and what checks of one of its instances found. */
export interface InstanceLook {
  readonly observation: HostObservation;
  /** By name; one that is missing was not looked at. */
  readonly checks: ReadonlyMap<string, CheckResult>;
}

/** What must be asked of a host to judge an instance. */
export function instanceRequests(instance: InstanceState): readonly ProbeRequest[] {
  return instance.resources.flatMap((resource) => [
    ...(resource.kind === 'service' ? serviceStatusRequests(resource) : []),
    ...driftRequests(resource),
  ]);
}

/** Of more, only the number is said. */
const MOST_DRIFT = 5;

/** How an instance is, by what its host said, or why that could not be asked. `currentRun`: the one that goes on. */
export function judgeInstance(
  instance: InstanceState,
  look: InstanceLook | { readonly problem: string },
  currentRun: string | null = null,
): InstanceReport {
  if ('problem' in look) return unreachableInstance(instance, look.problem);
  const { observation } = look;
  const statuses = instance.resources
    .filter(({ kind }) => kind === 'service')
    .map((resource) => ({ resource: resource.address, ...serviceStatus(resource, observation) }));
  const drift = instance.resources.flatMap((resource) => {
    const differences = driftOf(resource, observation, { stopped: instance.stopped === true });
    return differences.length === 0 ? [] : [`${resource.address}: ${differences.join(', ')}`];
  });
  const running = statuses.every(({ state }) => state === 'running');
  const checks = instance.checks.map(({ name }) =>
    checkReport(name, running ? look.checks.get(name) : undefined),
  );
  const verdict = judge(instance, statuses, checks, drift);
  const unfinished = unfinishedWords(instance, currentRun);
  const details = [verdict.detail, ...wordDrift(drift), unfinished].filter((text) => text !== null);
  const memoryBytes = sum(statuses.map((status) => status.memoryBytes));
  return {
    ...identity(instance),
    condition: verdict.condition,
    stoppedByUser: verdict.condition === 'stopped' && instance.stopped === true,
    detail: details.length === 0 ? null : details.join('; '),
    sinceMs: verdict.sinceMs,
    version: versionOf(instance, observation),
    cpuPercent: sum(statuses.map((status) => status.cpuPercent)),
    memoryBytes,
    memoryPercent: shareOf(memoryBytes, observation.facts.memoryBytes),
    restarts: sum(statuses.map((status) => status.restarts)),
    services: statuses.map(serviceReport),
    checks,
    drift,
  };
}

/** Of an instance whose host did not answer. */
function unreachableInstance(instance: InstanceState, problem: string): InstanceReport {
  return {
    ...identity(instance),
    condition: 'unreachable',
    stoppedByUser: false,
    detail: problem,
    sinceMs: null,
    version: instance.specVersion,
    cpuPercent: null,
    memoryBytes: null,
    memoryPercent: null,
    restarts: null,
    services: [],
    checks: instance.checks.map(({ name }) => checkReport(name, undefined)),
    drift: [],
  };
}

type Status = ServiceStatus & { readonly resource: string };

interface Verdict {
  readonly condition: InstanceCondition;
  readonly detail: string | null;
  readonly sinceMs: number | null;
}

/** The worst that is true of it. */
function judge(
  instance: InstanceState,
  statuses: readonly Status[],
  checks: readonly CheckReport[],
  drift: readonly string[],
): Verdict {
  const wantedDown = instance.stopped === true;
  const up = statuses.filter(({ state }) => state === 'running' || state === 'starting');
  if (statuses.length > 0 && up.length === 0) return judgeDown(instance, statuses);
  const down = statuses.filter((status) => !up.includes(status));
  if (down.length > 0) {
    const few = `only ${up.length} of ${statuses.length} services run${up.length === 1 ? 's' : ''}`;
    return {
      condition: 'failed',
      detail: `${few}: ${down.map(downWords).join(', ')}`,
      sinceMs: latest(down),
    };
  }
  const sinceMs = latest(statuses);
  if (statuses.length === 0 && instance.status !== 'installed')
    return { condition: 'failed', detail: null, sinceMs: null };
  const starting = statuses.filter(({ state }) => state === 'starting');
  if (starting.length > 0) {
    const names = starting.map(({ name }) => name).join(', ');
    return {
      condition: 'degraded',
      detail: `${names} ${starting.length === 1 ? 'is' : 'are'} starting`,
      sinceMs,
    };
  }
  if (wantedDown && statuses.length > 0)
    return { condition: 'drifted', detail: 'runs, but was stopped with `slipway stop`', sinceMs };
  const sick = checks.filter(({ healthy }) => healthy === false);
  if (sick.length > 0) {
    const detail = sick.map(({ name, why }) => `check ${name}: ${why ?? 'fails'}`).join('; ');
    return { condition: 'degraded', detail, sinceMs: null };
  }
  if (drift.length > 0) return { condition: 'drifted', detail: null, sinceMs };
  return { condition: 'running', detail: null, sinceMs };
}

/** None of its services runs. */
function judgeDown(instance: InstanceState, statuses: readonly Status[]): Verdict {
  const sinceMs = latest(statuses);
  // What failed before, or while, it was stopped is down as was wanted.
  if (instance.stopped === true)
    return { condition: 'stopped', detail: 'stopped with `slipway stop`', sinceMs };
  const detail = statuses.map(downWords).join(', ');
  const failed = statuses.some(({ state }) => state === 'failed');
  if (failed) return { condition: 'failed', detail, sinceMs };
  const missing = statuses.every(({ state }) => state === 'missing');
  const explained = missing || statuses.some(({ why }) => why !== null);
  return {
    condition: 'stopped',
    detail: explained ? detail : `${detail} on the host, not by slipway`,
    sinceMs,
  };
}

function downWords({ name, why }: Status): string {
  return `${name} ${why ?? 'was stopped'}`;
}

/** Whatever its condition: what was changed by hand may be why. */
function wordDrift(drift: readonly string[]): readonly string[] {
  const more = drift.length - MOST_DRIFT;
  return more <= 0 ? drift : [...drift.slice(0, MOST_DRIFT), `${more} more resources drifted`];
}

function unfinishedWords({ status, run }: InstanceState, currentRun: string | null): string | null {
  const goesOn = run === currentRun;
  switch (status) {
    case 'installed':
      return null;
    case 'failed':
      return 'its last run failed: the next apply repairs it';
    case 'incomplete':
      return goesOn
        ? 'a run is at work on it'
        : 'its last run did not finish: the next apply goes on with it';
    case 'removing':
      return goesOn ? 'a run removes it' : 'its removal did not finish: the next apply goes on with it';
  }
}

function identity({ address, component, host, index, run, endpoints }: InstanceState) {
  return {
    address,
    component,
    host,
    index,
    run,
    endpoints: endpoints.map((endpoint) => ({
      name: endpoint.name,
      address: endpoint.address,
      port: endpoint.port,
    })),
  };
}

function serviceReport({ resource, name, state, pid, sinceMs, restarts }: Status): ServiceReport {
  return { resource, name, state, pid, sinceMs, restarts };
}

function checkReport(name: string, result: CheckResult | undefined): CheckReport {
  if (result === undefined) return { name, healthy: null, why: null };
  return { name, healthy: result.healthy, why: result.healthy ? null : result.why };
}

/** Of its first package as it is installed, else the label of the spec that it was last changed by. */
function versionOf(instance: InstanceState, { answers }: HostObservation): string | null {
  for (const { kind, attributes } of instance.resources) {
    if (kind !== 'package') continue;
    const answer = answers.get(probeKey({ probe: 'package', name: String(attributes['name']) }));
    if (answer?.probe === 'package' && answer.installed !== null) return answer.installed;
  }
  return instance.specVersion;
}

function latest(statuses: readonly Status[]): number | null {
  const times = statuses.flatMap(({ sinceMs }) => sinceMs ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/** null: none of them is known. */
function sum(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : Math.round(known.reduce((total, each) => total + each, 0) * 10) / 10;
}

function shareOf(part: number | null, whole: number): number | null {
  return part === null || whole <= 0 ? null : Math.round((part / whole) * 1000) / 10;
}
