import type { RowGroup, RunModel } from './run-model.ts';

/** A line of the table: the heading of a component, or one of its rows. */
export type Entry =
  { readonly entry: 'group'; readonly group: RowGroup } | { readonly entry: 'row'; readonly row: number };

/** Groups never change during a run, so neither does the whole list; a table that is too long is not made anew per frame. */
const allEntries = new WeakMap<readonly RowGroup[], readonly Entry[]>();

/** The lines of the table, all of it or only what failed. */
export function tableEntries(model: RunModel, failuresOnly: boolean): readonly Entry[] {
  if (failuresOnly) return failureEntries(model);
  const known = allEntries.get(model.groups);
  if (known !== undefined) return known;
  const entries = model.groups.flatMap((group): Entry[] => [
    { entry: 'group', group },
    ...Array.from({ length: group.to - group.from }, (_, i): Entry => ({
      entry: 'row',
      row: group.from + i,
    })),
  ]);
  allEntries.set(model.groups, entries);
  return entries;
}

function failureEntries(model: RunModel): readonly Entry[] {
  const failed = [...model.failures].sort((a, b) => a - b);
  return model.groups.flatMap((group): Entry[] => {
    const rows = failed.filter((row) => row >= group.from && row < group.to);
    return rows.length === 0
      ? []
      : [{ entry: 'group', group }, ...rows.map((row): Entry => ({ entry: 'row', row }))];
  });
}
