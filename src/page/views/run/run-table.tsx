import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { durationText } from '../../parts/amounts.ts';
import { Chips } from '../../parts/chips.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RowList } from '../../parts/row-list.tsx';
import { StateBadge, type ShownState } from '../../parts/state-badge.tsx';
import { isOver, type RowStatus, type RunModel, type RunRow } from './model.ts';
import { orderRows, type RunFilter } from './order.ts';

const STATUSES: readonly { readonly status: RowStatus; readonly state: ShownState; readonly word: string }[] =
  [
    { status: 'failed', state: 'failed', word: 'failed' },
    { status: 'running', state: 'working', word: 'running' },
    { status: 'waiting', state: 'waiting', word: 'waiting' },
    { status: 'done', state: 'succeeded', word: 'done' },
    { status: 'skipped', state: 'skipped', word: 'skipped' },
    { status: 'untouched', state: 'untouched', word: 'not done' },
  ];
const WORDS = new Map(STATUSES.map((known) => [known.status, known]));
const ROW_HEIGHT = 36;

export interface RunTableProps {
  readonly model: RunModel;
  readonly aheadMs: number;
  /** The instance whose log is shown. */
  readonly chosen: string;
  readonly onChoose: (instance: string) => void;
}

/** The instances of a run, and what each is at. */
export function RunTable({ model, aheadMs, chosen, onChoose }: RunTableProps): JSX.Element {
  const [filter, setFilter] = useState<RunFilter>({ statuses: new Set(), text: '' });
  const rows = useMemo(() => orderRows(model, filter), [model.rows, filter]);
  const now = useHalfSeconds(!isOver(model)) - aheadMs;
  return (
    <section class="card run-table-card" aria-labelledby="run-instances">
      <div class="card-head">
        <h2 id="run-instances">Instances</h2>
        <Chips
          label="Show only"
          chips={STATUSES.map(({ status, word }) => ({
            key: status,
            label: word,
            count: model.counts[status],
          }))}
          chosen={filter.statuses}
          onChange={(statuses) => setFilter({ ...filter, statuses })}
        />
        <input
          class="input grow"
          type="search"
          data-filter
          aria-label="Filter instances"
          placeholder="Filter"
          value={filter.text}
          onInput={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
        />
      </div>
      {rows.length === 0 ? (
        <Empty title={emptyTitle(model)} />
      ) : (
        <div class="run-table" role="table" aria-labelledby="run-instances" aria-rowcount={rows.length + 1}>
          <div role="rowgroup">
            <div class="run-head" role="row" aria-rowindex={1}>
              <span role="columnheader">Instance</span>
              <span role="columnheader">State</span>
              <span role="columnheader">What</span>
              <span role="columnheader" class="run-number">
                Time
              </span>
            </div>
          </div>
          <RowList
            rows={rows}
            keyOf={(row) => row.instance}
            heightOf={() => ROW_HEIGHT}
            label="Instances"
            role="rowgroup"
            headRows={1}
            rowClass={(row) => (row.instance === chosen ? 'run-row run-chosen' : 'run-row')}
          >
            {(row, tabIndex) => (
              <Cells
                row={row}
                now={now}
                isChosen={row.instance === chosen}
                tabIndex={tabIndex}
                onChoose={onChoose}
              />
            )}
          </RowList>
        </div>
      )}
    </section>
  );
}

function Cells({
  row,
  now,
  isChosen,
  tabIndex,
  onChoose,
}: {
  readonly row: RunRow;
  readonly now: number;
  readonly isChosen: boolean;
  readonly tabIndex: 0 | -1;
  readonly onChoose: (instance: string) => void;
}): JSX.Element {
  const { instance, status, action, doing, failure, startedAt, elapsedMs } = row;
  const known = WORDS.get(status);
  const elapsed =
    elapsedMs ?? (status === 'running' && startedAt !== null ? Math.max(0, now - startedAt) : null);
  return (
    <>
      <span role="rowheader" class="run-name">
        <button
          type="button"
          class="run-choose mono"
          data-row-main
          tabIndex={tabIndex}
          aria-pressed={isChosen}
          title={`Log of ${instance}`}
          onClick={() => onChoose(instance)}
        >
          {instance}
        </button>
      </span>
      <span role="cell">
        <StateBadge state={known?.state ?? 'unknown'} label={known?.word ?? status} />
      </span>
      <span role="cell" class="run-doing" title={doing === '' ? undefined : doing}>
        <span class="run-action">{action}</span>{' '}
        <span class="soft">
          {status === 'failed' ? (failure?.resource ?? failure?.message ?? '') : doing}
        </span>
      </span>
      <span role="cell" class="run-number">
        {elapsed === null ? '' : durationText(elapsed)}
      </span>
    </>
  );
}

function emptyTitle(model: RunModel): string {
  if (model.rows.length > 0) return 'Nothing matches the filter';
  if (isOver(model)) return 'The run worked on nothing';
  return 'Asking every host before anything is changed';
}

/** Milliseconds since 1970, twice a second while something goes on. */
function useHalfSeconds(goesOn: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [goesOn]);
  return now;
}
