import type { KeptRun } from '../../api/types.ts';

/** A run as a row of the list. */
export interface RunRow {
  readonly run: string;
  /** `apply`, `rollback to 3`; of one that was killed before it could tell: nothing. */
  readonly operation: string | null;
  readonly owner: string | null;
  readonly startedMs: number | null;
  /** Until now, where it goes on; null: nobody knows. */
  readonly tookMs: number | null;
  readonly outcome: KeptRun['outcome'];
  readonly counts: KeptRun['counts'];
  /** It was killed or interrupted, and an apply takes it up again. */
  readonly isToResume: boolean;
}

/** Rows, the newest first, as the answer has them; `interrupted` is the run that the state itself knows to be unfinished. */
export function runRows(
  runs: readonly KeptRun[],
  interrupted: string | null,
  nowMs: number,
): readonly RunRow[] {
  return runs.map(({ run, operation, owner, startedAt, finishedAt, outcome, counts }, at) => {
    const startedMs = startedAt === null ? null : Date.parse(startedAt);
    const endMs = outcome === 'running' ? nowMs : finishedAt === null ? null : Date.parse(finishedAt);
    const wasCut = outcome === 'interrupted' || outcome === 'broken';
    return {
      run,
      operation,
      owner,
      startedMs,
      tookMs: startedMs === null || endMs === null ? null : Math.max(0, endMs - startedMs),
      outcome,
      counts,
      // What came after it has taken it up already.
      isToResume: wasCut && (run === interrupted || (at === 0 && interrupted === null)),
    };
  });
}

export type Outcome = KeptRun['outcome'];

/** Runs whose words hold the filter, of the outcomes that are chosen (none: all). */
export function filteredRuns(
  rows: readonly RunRow[],
  filter: string,
  outcomes: ReadonlySet<Outcome>,
): readonly RunRow[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter(({ run, operation, owner, outcome }) => {
    if (outcomes.size > 0 && !outcomes.has(outcome)) return false;
    const text = `${run} ${operation ?? ''} ${owner ?? ''} ${outcome}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** `12 done, 1 failed, 3 skipped` */
export function countsText({ counts, outcome }: Pick<RunRow, 'counts' | 'outcome'>): string {
  if (counts === null) return '';
  const { succeeded, failed, skipped } = counts;
  const parts = [
    succeeded > 0 ? `${succeeded} done` : '',
    failed > 0 ? `${failed} failed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(', ');
  return outcome === 'succeeded'
    ? 'nothing to do'
    : outcome === 'running'
      ? 'nothing done yet'
      : 'nothing done';
}
