import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { InstanceState } from '../../state/model.ts';
import type { RunSummary } from '../run-logs.ts';
import type { LastRun } from './cluster-watch.ts';

/**
 * The run that last changed an instance, from the logs in `runs` (`.slipway/runs`); null when nothing is kept of it. Its log
 * is told relative to `directory`.
 */
export async function lastRunOf(
  instance: InstanceState,
  runs: string,
  directory: string,
): Promise<LastRun | null> {
  const folder = path.join(runs, instance.run);
  const log = path.join(folder, `${instance.component}_${instance.index}.log`);
  const logPath = (await isThere(log)) ? path.relative(directory, log) : null;
  const { run } = instance;
  const summary = await readSummary(path.join(folder, 'run.json'));
  if (summary !== null)
    return {
      run,
      operation: summary.operation,
      owner: summary.owner,
      startedAt: Date.parse(summary.startedAt),
      finishedAt: Date.parse(summary.finishedAt),
      outcome: summary.outcome,
      logPath,
    };
  // Killed before it could write its summary: its first file is as old as its start.
  const first = await stat(path.join(folder, 'local.log')).catch(() => null);
  if (first === null) return null;
  return {
    run,
    operation: 'run',
    owner: 'unknown',
    startedAt: first.birthtimeMs || first.mtimeMs,
    finishedAt: null,
    outcome: null,
    logPath,
  };
}

async function readSummary(file: string): Promise<RunSummary | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunSummary;
  } catch {
    return null;
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
