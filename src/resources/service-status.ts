import { constants } from 'node:os';
import { unreachable } from '../diagnostics/unreachable.ts';
import { monitPidFile } from '../host/monit-program.ts';
import { probeKey } from '../host/observation.ts';
import type { HostObservation, ProbeAnswer, ProbeRequest, UnitObservation } from '../host/observation.ts';
import { monitStatus } from './monit-status.ts';
import type { RecordedResource } from './resource.ts';
import { decodeRecorded, type RecordedService } from './service-driver.ts';
import { supervisedFolder } from './supervisor.ts';
import { unitName } from './unit-file.ts';

/** What a recorded service is doing on its host. */
export interface ServiceStatus {
  /** As its host calls it: `nats.service` */
  readonly name: string;
  readonly state: 'running' | 'starting' | 'stopped' | 'failed' | 'missing';
  readonly pid: number | null;
  /** By the host's clock, since when it is in this state; null: the host does not tell. */
  readonly sinceMs: number | null;
  readonly restarts: number | null;
  /** Of its end, to follow its name: `ended with exit code 1`; null: nothing is to be said. */
  readonly why: string | null;
  /** Of one processor. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
}

/** What to ask about what a service is doing; what may have been changed on it is asked by drift.ts. */
export function serviceStatusRequests(recorded: RecordedResource): readonly ProbeRequest[] {
  const service = decodeRecorded(recorded);
  const usage = usageRequest(service);
  return usage === null ? [runRequest(service)] : [runRequest(service), usage];
}

export function serviceStatus(recorded: RecordedResource, observation: HostObservation): ServiceStatus {
  const service = decodeRecorded(recorded);
  const answerTo = <R extends ProbeRequest>(request: R) =>
    observation.answers.get(probeKey(request)) as Extract<ProbeAnswer, { probe: R['probe'] }> | undefined;
  const asked = usageRequest(service);
  const usage = asked === null ? undefined : answerTo(asked);
  const taken = { cpuPercent: usage?.cpuPercent ?? null, memoryBytes: usage?.memoryBytes ?? null };
  const answer = observation.answers.get(probeKey(runRequest(service)));
  switch (answer?.probe) {
    case 'unit':
      return { ...unitStatus(unitName(service.name), answer.found), ...taken };
    case 'supervised':
      return { ...supervisedStatus(service.name, answer), ...taken };
    case 'monit':
      return { ...monitStatus(service.name, answer), ...taken };
    default:
      throw new Error(`${recorded.address} was not probed`);
  }
}

function runRequest({ driver, name, dir }: RecordedService): ProbeRequest {
  switch (driver) {
    case 'unit':
    case 'package-unit':
      return { probe: 'unit', name: unitName(name) };
    case 'supervisor':
      return { probe: 'supervised', name, dir };
    case 'monit':
    case 'package-monit':
      return { probe: 'monit', name, own: driver === 'monit' };
    default:
      return unreachable(driver);
  }
}

/** null: nothing tells which processes are the service's. */
function usageRequest({
  driver,
  name,
  dir,
}: RecordedService): Extract<ProbeRequest, { probe: 'usage' }> | null {
  switch (driver) {
    case 'unit':
    case 'package-unit':
      return { probe: 'usage', of: 'unit', name: unitName(name) };
    case 'supervisor':
      return { probe: 'usage', of: 'pid-file', name: `${supervisedFolder(dir, name)}/child` };
    case 'monit':
      return { probe: 'usage', of: 'pid-file', name: monitPidFile(name) };
    case 'package-monit':
      return null;
    default:
      return unreachable(driver);
  }
}

type Status = Omit<ServiceStatus, 'cpuPercent' | 'memoryBytes'>;

function unitStatus(name: string, found: UnitObservation): Status {
  const { load, active, sub, pid, restarts, sinceSeconds, changedSeconds } = found;
  const changed = { name, pid: pid > 0 ? pid : null, sinceMs: atMs(changedSeconds), restarts, why: null };
  if (load === 'not-found')
    return { ...changed, state: 'missing', sinceMs: null, restarts: null, why: 'is not there any more' };
  switch (active) {
    case 'active':
    case 'reloading':
      return { ...changed, state: 'running', sinceMs: atMs(sinceSeconds) ?? changed.sinceMs };
    case 'activating':
      return sub === 'auto-restart'
        ? { ...changed, state: 'failed', why: `${endOf(found)}, and is started again` }
        : { ...changed, state: 'starting', why: 'is starting' };
    case 'failed':
      return { ...changed, state: 'failed', why: endOf(found) };
    case 'deactivating':
      return { ...changed, state: 'stopped', why: 'is stopping' };
    default:
      return { ...changed, state: 'stopped', why: load === 'masked' ? 'is masked' : null };
  }
}

/** systemd's results, and the number that goes with them. */
function endOf({ result, exitStatus }: UnitObservation): string {
  switch (result) {
    case 'exit-code':
      return `ended with exit code ${exitStatus}`;
    case 'signal':
      return `was killed by ${signalName(exitStatus)}`;
    case 'core-dump':
      return `crashed with ${signalName(exitStatus)}`;
    case 'oom-kill':
      return 'was killed: the memory was used up';
    case 'timeout':
      return 'took too long to start or to stop';
    case 'watchdog':
      return 'did not answer its watchdog';
    case 'start-limit-hit':
      return 'ended too often, and is not started again';
    case 'resources':
      return 'could not be started: the host lacks what its unit asks for';
    case '':
    case 'success':
      return 'has ended';
    default:
      return `failed (${result})`;
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function supervisedStatus(
  name: string,
  {
    running,
    supervised,
    pid,
    sinceSeconds,
    restarts,
    exitCode,
  }: Extract<ProbeAnswer, { probe: 'supervised' }>,
): Status {
  const known = { name, pid, sinceMs: sinceSeconds === null ? null : atMs(sinceSeconds) };
  if (running) return { ...known, state: 'running', restarts, why: null };
  const down = { ...known, restarts: null };
  const ended = exitCode === null ? 'has ended' : `ended with exit code ${exitCode}`;
  if (supervised) return { ...down, state: 'failed', why: `${ended}, and is started again` };
  // Whoever stops it takes the supervisor first; only a program that ended in peace ends its supervisor as well.
  return { ...down, state: 'stopped', why: exitCode === 0 ? 'has ended by itself (exit code 0)' : null };
}

function atMs(seconds: number): number | null {
  return seconds > 0 ? seconds * 1000 : null;
}
