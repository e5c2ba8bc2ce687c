import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DiagnosticsError, runError } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { LockInfo } from '../../state/store.ts';
import { openStore } from '../locate-state.ts';
import type { OfflinePorts } from '../ports.ts';
import { projectPaths } from '../project-paths.ts';
import type { RunInstance, RunSummary } from '../run-logs.ts';

/** A run as its logs tell of it. JSON-serialisable. */
export interface KeptRun {
  readonly run: string;
  /** null: it was killed before it could tell. */
  readonly operation: string | null;
  readonly owner: string | null;
  /** ISO 8601; null where even that is not known. */
  readonly startedAt: string | null;
  /** null: it goes on, or nobody knows. */
  readonly finishedAt: string | null;
  /** `broken`: it was killed, or failed before its end; `running`: it holds the lock of the state. */
  readonly outcome: RunSummary['outcome'] | 'broken' | 'running';
  readonly counts: RunSummary['counts'] | null;
}

/** One run with what became of each instance, as far as that is known. */
export interface RunDetails extends KeptRun {
  readonly instances: readonly RunInstance[];
  /** Absolute. */
  readonly directory: string;
}

/** Runs of a working directory, the newest first; at most `limit`, when that is given. */
export async function listRuns(
  directory: string,
  limit: number | null,
  ports: OfflinePorts,
): Promise<readonly KeptRun[]> {
  const { runs } = projectPaths(directory);
  const ids = await runIds(runs);
  const running = await runningRun(directory, ports);
  const wanted = limit === null ? ids : ids.slice(0, limit);
  return Promise.all(wanted.map((id) => readRun(path.join(runs, id), id, running)));
}

/** One run by its id, or by a beginning that only it has. Throws `DiagnosticsError` with the nearest id. */
export async function findRun(directory: string, text: string, ports: OfflinePorts): Promise<RunDetails> {
  const { runs } = projectPaths(directory);
  const ids = await runIds(runs);
  const matching = ids.includes(text)
    ? [text]
    : text === 'last'
      ? ids.slice(0, 1)
      : ids.filter((id) => id.startsWith(text));
  const [id] = matching;
  if (id === undefined || matching.length > 1) {
    const [summary, detail] =
      matching.length > 1
        ? [`"${text}" is not one run`, `Several begin with it: ${matching.slice(0, 5).join(', ')}.`]
        : [
            `No run is called "${text}"`,
            `No logs of it are kept.${didYouMean(text, ids)} \`slipway runs\` lists them.`,
          ];
    throw new DiagnosticsError([runError(summary, detail)]);
  }
  const folder = path.join(runs, id);
  const running = await runningRun(directory, ports);
  const kept = await readRun(folder, id, running);
  const summary = await readSummary(folder);
  const instances = summary?.instances ?? (await instancesOfLog(folder));
  return { ...kept, instances, directory: folder };
}

/** Path of a run's log: the controller's (`local`), or an instance's. Throws `DiagnosticsError` with the nearest name. */
export async function runLog(run: RunDetails, name: string): Promise<string> {
  const known = new Map(run.instances.map(({ instance, log }) => [instance, log]));
  const files = (await readdir(run.directory)).filter((file) => file.endsWith('.log'));
  const bare = name.replace(/\.log$/, '');
  const chosen = known.get(name) ?? files.find((file) => file === `${bare}.log`);
  if (chosen !== undefined && files.includes(chosen)) return path.join(run.directory, chosen);
  if (chosen !== undefined) {
    throw new DiagnosticsError([
      runError(`${name} has no log in run ${run.run}`, 'The run did not come to work on it.'),
    ]);
  }
  const names = [
    'local',
    ...known.keys(),
    ...(known.size === 0 ? files.map((file) => file.slice(0, -4)) : []),
  ];
  throw new DiagnosticsError([
    runError(
      `No log of run ${run.run} is called "${name}"`,
      `There are: ${names.join(', ')}.${didYouMean(name, names)}`,
    ),
  ]);
}

async function runIds(runs: string): Promise<readonly string[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new DiagnosticsError([runError('The logs of the runs cannot be read', error.message)]);
  });
  // An id begins with its time.
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .reverse();
}

/** The run that holds the state's lock; null: nobody does, or it cannot be told. */
async function runningRun(directory: string, ports: OfflinePorts): Promise<LockInfo | null> {
  return openStore(directory, ports)
    .then((store) => store.lockInfo())
    .catch(() => null);
}

async function readRun(folder: string, run: string, running: LockInfo | null): Promise<KeptRun> {
  const summary = await readSummary(folder);
  if (summary !== null) {
    const { operation, owner, startedAt, finishedAt, outcome, counts } = summary;
    return { run, operation, owner, startedAt, finishedAt, outcome, counts };
  }
  const last = await stat(path.join(folder, 'local.log')).catch(() => null);
  const isRunning = run === running?.run;
  return {
    run,
    operation: isRunning ? running.operation : null,
    owner: isRunning ? running.owner : null,
    startedAt: startOf(run),
    finishedAt: isRunning ? null : (last?.mtime.toISOString() ?? null),
    outcome: isRunning ? 'running' : 'broken',
    counts: countsOf(await instancesOfLog(folder)),
  };
}

/** `20261120T101530-4f2a` */
function startOf(run: string): string | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-/.exec(run);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

async function readSummary(folder: string): Promise<RunSummary | null> {
  try {
    const summary = JSON.parse(await readFile(path.join(folder, 'run.json'), 'utf8')) as RunSummary;
    return typeof summary.startedAt === 'string' && typeof summary.counts === 'object' ? summary : null;
  } catch {
    // A run that was killed while it wrote it has none.
    return null;
  }
}

const PLANNED = /^\S+ (\S+@\S+): to (\w+), log (\S+)$/;
const SETTLED = /^\S+ (\S+@\S+): (?:(succeeded) in (\d+) ms|(failed)(?: in ([^:]+))?: (.*)|(skipped): (.*))$/;

/** What the log of the controller tells of a run that left no summary. */
async function instancesOfLog(folder: string): Promise<readonly RunInstance[]> {
  const text = await readFile(path.join(folder, 'local.log'), 'utf8').catch(() => '');
  const instances = new Map<string, RunInstance>();
  for (const line of text.split('\n')) {
    const planned = PLANNED.exec(line);
    if (planned !== null) {
      const [, instance = '', action, log = ''] = planned;
      const known = { instance, action: action as RunInstance['action'], log };
      instances.set(instance, { ...known, outcome: 'untouched', elapsedMs: null, why: null });
      continue;
    }
    const settled = SETTLED.exec(line);
    const known = instances.get(settled?.[1] ?? '');
    if (settled === null || known === undefined) continue;
    const [, instance = '', succeeded, ms, failed, resource, message, , because] = settled;
    if (succeeded !== undefined)
      instances.set(instance, { ...known, outcome: 'succeeded', elapsedMs: Number(ms) });
    else if (failed !== undefined) {
      const why = resource === undefined ? message : `${resource}: ${message}`;
      instances.set(instance, { ...known, outcome: 'failed', why: why ?? null });
    } else instances.set(instance, { ...known, outcome: 'skipped', why: because ?? null });
  }
  return [...instances.values()];
}

function countsOf(instances: readonly RunInstance[]): KeptRun['counts'] {
  if (instances.length === 0) return null;
  const of = (outcome: RunInstance['outcome']): number =>
    instances.filter((i) => i.outcome === outcome).length;
  return { succeeded: of('succeeded'), failed: of('failed'), skipped: of('skipped') };
}
