import type { MonitAnswer } from '../host/observation.ts';
import type { ServiceStatus } from './service-status.ts';

/** What monit, and the pid file of a service of ours, tell of it. */
export function monitStatus(
  name: string,
  answer: MonitAnswer,
): Omit<ServiceStatus, 'cpuPercent' | 'memoryBytes'> {
  const { silent, listed, watched, control, running, pid, restarts, sinceSeconds, status } = answer;
  const sinceMs = sinceSeconds === null ? null : sinceSeconds * 1000;
  const common = { name, pid, sinceMs, restarts };
  if (running) return { ...common, state: 'running', why: null };
  const down = { name, pid: null, sinceMs: null, restarts: null };
  if (silent !== null)
    return { ...down, state: 'stopped', why: `does not run, and monit cannot be asked why: ${silent}` };
  if (!listed && control === null) return { ...down, state: 'missing', why: 'is not there any more' };
  if (!listed)
    return { ...down, state: 'stopped', why: 'is not known to monit: it has not read its control file' };
  if (!watched) return { ...down, state: 'stopped', why: null };
  if (/initializing|start pending/i.test(status)) return { ...down, state: 'starting', why: 'is starting' };
  return { ...down, state: 'failed', why: `does not run, and is started again and again (monit: ${status})` };
}
