import { setTimeout as sleep } from 'node:timers/promises';
import { awaitHealthy } from '../host/check.ts';
import { ChangeFailed } from './failure.ts';
import type { Run } from './run-context.ts';
import type { Task } from './task.ts';

/** Waits until every check of an instance is healthy. Throws `ChangeFailed` with the reason of the first that is not. */
export async function awaitTaskHealthy({ address, host, checks }: Task, run: Run): Promise<void> {
  const { session } = run.host(host);
  for (const check of checks) {
    run.emit({ type: 'instance-activity', instance: address, activity: 'checking', detail: check.name });
    const result = await awaitHealthy(() => session.connection(), check.target, {
      intervalMs: check.intervalMs,
      timeoutMs: check.timeoutMs,
      signal: run.abort,
    }).catch((error: unknown) => ({
      healthy: false as const,
      why: error instanceof Error ? error.message : String(error),
    }));
    if (result.healthy) continue;
    throw new ChangeFailed({
      resource: `check.${check.name}`,
      message: `not healthy after ${Math.round(check.timeoutMs / 1000)} s: ${result.why}`,
      remedy: run.remedies.unhealthy,
      lastLines: [],
      logPath: run.logPathOf(address),
    });
  }
}

/** Keeps looking for so long: an instance that falls ill in that time has failed. */
export async function watchTask(task: Task, watchMs: number, run: Run): Promise<void> {
  const until = run.clock() + watchMs;
  while (run.clock() < until && !run.stopping.aborted) {
    const left = Math.ceil((until - run.clock()) / 1000);
    run.emit({
      type: 'instance-activity',
      instance: task.address,
      activity: 'watching',
      detail: `${left} s left`,
    });
    await sleep(Math.min(1000, until - run.clock()), undefined, { signal: run.abort }).catch(() => undefined);
    await awaitTaskHealthy(task, run);
  }
}
