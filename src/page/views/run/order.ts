import type { RowStatus, RunModel, RunRow } from './model.ts';

export interface RunFilter {
  /** None: every status. */
  readonly statuses: ReadonlySet<RowStatus>;
  /** A part of the address, the action, or what is being done; all words must be there. */
  readonly text: string;
}

/** So many rows are seen at a glance and stay in their places. */
const STEADY_ROWS = 60;

const RANK: Readonly<Record<RowStatus, number>> = {
  failed: 0,
  running: 1,
  waiting: 2,
  untouched: 3,
  skipped: 4,
  done: 5,
};

/** The rows that pass the filter: in the order of the plan; of many, those that want looking at come first. */
export function orderRows({ rows }: RunModel, { statuses, text }: RunFilter): readonly RunRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter(
    (row) =>
      (statuses.size === 0 || statuses.has(row.status)) &&
      words.every((word) => `${row.instance}\n${row.action}\n${row.doing}`.toLowerCase().includes(word)),
  );
  if (rows.length <= STEADY_ROWS) return shown;
  return shown
    .map((row, at) => ({ row, at }))
    .sort((a, b) => RANK[a.row.status] - RANK[b.row.status] || a.at - b.at)
    .map(({ row }) => row);
}
