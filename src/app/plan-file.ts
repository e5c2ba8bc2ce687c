import { readFile, writeFile } from 'node:fs/promises';
import { DiagnosticsError, runError } from '../diagnostics/diagnostic.ts';
import { planDigest, type PlanView } from '../plan/view.ts';
import { listOf, oneOf, shape, text, truth, whole, DecodeError } from '../state/decode.ts';
import type { Ports } from './ports.ts';
import type { PlanRequest } from './prepare-plan.ts';

const FORMAT = 1;

/**
 * A plan on disk. It holds no desired content: `apply FILE` evaluates the spec again, asks the hosts again, and refuses
 * when what it finds to do differs from what was saved.
 */
export interface PlanFile {
  readonly format: number;
  readonly savedAt: string;
  readonly owner: string;
  readonly request: Pick<PlanRequest, 'mode' | 'targets' | 'excludes' | 'replace' | 'refresh'>;
  /** Over the changes. */
  readonly digest: string;
  readonly view: PlanView;
}

export async function writePlanFile(
  file: string,
  view: PlanView,
  request: PlanRequest,
  ports: Ports,
): Promise<void> {
  const { mode, targets, excludes, replace, refresh } = request;
  const content: PlanFile = {
    format: FORMAT,
    savedAt: new Date(ports.clock()).toISOString(),
    owner: ports.owner,
    request: { mode, targets, excludes, replace, refresh },
    digest: planDigest(view),
    view,
  };
  await writeFile(file, `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

const decode = shape<PlanFile>({
  format: whole,
  savedAt: text,
  owner: text,
  request: shape<PlanFile['request']>({
    mode: oneOf('apply', 'destroy'),
    targets: listOf(text),
    excludes: listOf(text),
    replace: listOf(text),
    refresh: truth,
  }),
  digest: text,
  view: shape<Pick<PlanView, 'lineage' | 'serial' | 'specDigest'>>({
    lineage: text,
    serial: whole,
    specDigest: text,
  }) as (value: unknown, path: string) => PlanView,
});

/** Throws `DiagnosticsError` when it is not a plan of this slipway. */
export async function readPlanFile(file: string): Promise<PlanFile> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    const { format } = shape<{ format: number }>({ format: whole })(parsed, '');
    if (format > FORMAT) throw new DecodeError('format', `at most ${FORMAT} (a newer slipway wrote it)`);
    const plan = decode(parsed, '');
    if (planDigest(plan.view) !== plan.digest) throw new DecodeError('digest', 'the digest of its changes');
    return plan;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DiagnosticsError([
      runError(
        `${file} is not a plan that can be applied`,
        `${why}. Make one with: slipway plan --out=${file}`,
      ),
    ]);
  }
}

/** A plan that was shown no longer says what would be done. */
export class StalePlan extends DiagnosticsError {
  constructor(
    /** What changed since. */
    readonly reasons: readonly string[],
  ) {
    const detail = `It cannot be applied: ${reasons.join('; ')}. Make a new one with: slipway plan --out=...`;
    super([runError('The saved plan is stale', detail)]);
  }
}

/** Compares a saved plan with what would be done now. Throws `StalePlan` naming what changed since. */
export function refuseStale(saved: Pick<PlanFile, 'view' | 'digest'>, now: PlanView): void {
  const reasons: string[] = [];
  if (saved.view.lineage !== now.lineage) reasons.push('it was made for another cluster');
  else if (saved.view.serial !== now.serial) {
    reasons.push(`the state has changed since (serial ${saved.view.serial}, now ${now.serial})`);
  }
  if (saved.view.specDigest !== now.specDigest)
    reasons.push('the spec, a definition or a variable has changed since');
  if (reasons.length === 0 && saved.digest !== planDigest(now)) reasons.push('the hosts have changed since');
  if (reasons.length > 0) throw new StalePlan(reasons);
}
