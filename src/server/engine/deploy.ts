import { openStore } from '../../app/locate-state.ts';
import type { LiveRun } from '../../app/serve/run-desk.ts';
import { validateSpec } from '../../app/validate.ts';
import { DiagnosticsError, hasErrors, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { StateError } from '../../state/store.ts';
import { HttpError } from '../http-error.ts';
import type { ServerUseCases } from '../use-cases.ts';
import { damaged } from './placements.ts';

/** Clients wait for ten seconds; what is planned then still goes on, and tells what becomes of it in the log. */
const ANSWER_MS = 9_000;

export interface DeployAnswer {
  readonly run: string;
  /** How many instances are changed and how; null: that is still being found out. */
  readonly planned: Readonly<Record<string, number>> | null;
}

/** Begins to bring the cluster to what its configuration says. Rejects with `HttpError`: 400, 409, 500, 502. */
export async function deploy(use: ServerUseCases, answerMs = ANSWER_MS): Promise<DeployAnswer> {
  const before = use.desk.latest();
  const beginning = use.desk.begin({ does: 'apply', isAwaited: true });
  // The desk knows it from the first moment on, or has refused it.
  const run = use.desk.latest();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, answerMs, null)));
  try {
    const begun = await Promise.race([beginning, late]);
    if (begun !== null) return { run: begun.id, planned: countsOf(begun) };
  } catch (error) {
    throw await asAnswer(error, use);
  } finally {
    clearTimeout(timer);
  }
  beginning.catch(() => undefined);
  if (run === null || run === before) throw new Error('a run that was not refused is not there');
  return { run: run.id, planned: null };
}

function countsOf(run: LiveRun): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { install: 0, update: 0, remove: 0 };
  for (const { action } of run.instances()) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

async function asAnswer(error: unknown, { directory, variables, ports }: ServerUseCases): Promise<unknown> {
  if (error instanceof StateError && error.kind === 'locked') {
    const holder = await openStore(directory, ports)
      .then((store) => store.lockInfo())
      .catch(() => null);
    return new HttpError(
      409,
      'Another controller works on this cluster',
      error.message,
      holder === null ? {} : { run: holder.run },
    );
  }
  if (!(error instanceof DiagnosticsError)) return error;
  const errors = error.diagnostics.filter(({ severity }) => severity === 'error');
  const unreached = errors.filter(({ subject }) => subject.at === 'host' && subject.unreached === true);
  if (unreached.length > 0)
    return new HttpError(502, 'Hosts cannot be reached', listed(unreached), {
      diagnostics: error.diagnostics,
    });
  if (!errors.some(({ subject }) => subject.at === 'source')) return error;
  // Files that are right by themselves are not damaged: what they come to is refused, by prevent_destroy for example.
  const inFiles = await validateSpec(directory, variables, ports).catch(() => null);
  return inFiles === null || hasErrors(inFiles) ? damaged(error) : error;
}

function listed(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(
      ({ subject, summary, detail }) =>
        `${subject.at === 'host' ? `${subject.host}: ` : ''}${summary}. ${detail}`,
    )
    .join('\n');
}
