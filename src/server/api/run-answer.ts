import { findRun, listRuns, type KeptRun, type RunDetails } from '../../app/operate/runs.ts';
import type { RunInstance } from '../../app/run-logs.ts';
import type { LiveRun, RunEnd } from '../../app/serve/run-desk.ts';
import { DiagnosticsError } from '../../diagnostics/diagnostic.ts';
import { asHttpError, errorBody } from '../errors.ts';
import type { ErrorBody } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import type { RunAnswer, RunsAnswer } from './answers.ts';
import { known } from './known.ts';

/** A run: one of this process, one that left logs, or both. */
export type FoundRun =
  | { readonly live: LiveRun; readonly kept: RunDetails | null }
  | { readonly live: LiveRun | null; readonly kept: RunDetails };

/** By an id, a beginning of one, or `last`. Rejects with `HttpError` 404. */
export async function lookUpRun(text: string, { desk, directory, ports }: ServerUseCases): Promise<FoundRun> {
  const live = text === 'last' ? desk.current() : desk.find(text);
  if (live === null) {
    const kept = await known(() => findRun(directory, text, ports));
    return { live: desk.find(kept.run), kept };
  }
  // One that is being prepared, or was refused, has no logs.
  const kept = await findRun(directory, live.id, ports).catch((error: unknown) => {
    if (error instanceof DiagnosticsError) return null;
    throw error;
  });
  return { live, kept };
}

export async function runAnswer({ live, kept }: FoundRun, { ports }: ServerUseCases): Promise<RunAnswer> {
  const phase = live?.phase() ?? 'finished';
  const end = live !== null && phase === 'finished' ? await live.done : null;
  const summary = kept ?? beginning(live as LiveRun, ports.owner);
  const { run, startedAt, finishedAt, owner, counts } = summary;
  return {
    run,
    operation: summary.operation ?? live?.operation ?? null,
    owner: owner ?? (live === null ? null : ports.owner),
    startedAt,
    finishedAt,
    outcome: outcomeOf(summary, live, end),
    counts: counts ?? end?.counts ?? null,
    phase: phase === 'finished' ? null : phase,
    firstEvent: live?.firstEvent() ?? null,
    problem: end === null ? null : problemOf(end),
    instances: instancesOf(kept, live),
  };
}

export async function runsAnswer(limit: number, use: ServerUseCases): Promise<RunsAnswer> {
  const { desk, directory, ports } = use;
  const current = desk.current();
  const kept = await listRuns(directory, limit, ports);
  const runs = kept.map((run): KeptRun => {
    if (run.run !== current?.id || run.outcome !== 'running') return run;
    return { ...run, operation: current.operation, owner: ports.owner };
  });
  const isNew = current !== null && !kept.some(({ run }) => run === current.id);
  return {
    current: current?.id ?? null,
    runs: isNew ? [beginning(current, ports.owner), ...runs].slice(0, limit) : runs,
  };
}

/** How it ended, as it is sent: what broke it off without what is nobody's business. */
export function endAnswer(end: RunEnd): Omit<RunEnd, 'problem'> & { problem: ErrorBody['error'] | null } {
  return { ...end, problem: problemOf(end) };
}

function problemOf({ problem }: RunEnd): ErrorBody['error'] | null {
  if (problem === null) return null;
  return errorBody(asHttpError(problem, () => undefined)).error;
}

function beginning({ id, operation, startedAt }: LiveRun, owner: string): KeptRun {
  return {
    run: id,
    operation,
    owner,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: null,
    outcome: 'running',
    counts: null,
  };
}

function outcomeOf(summary: KeptRun, live: LiveRun | null, end: RunEnd | null): RunAnswer['outcome'] {
  if (end !== null) return end.outcome;
  return live === null ? summary.outcome : 'running';
}

/** What the log has not told yet, the run itself knows. */
function instancesOf(kept: RunDetails | null, live: LiveRun | null): readonly RunInstance[] {
  if (kept !== null && (kept.instances.length > 0 || live === null)) return kept.instances;
  return (live?.instances() ?? []).map(({ instance, action }) => ({
    instance,
    action,
    outcome: 'untouched',
    elapsedMs: null,
    why: null,
    log: instance,
  }));
}
