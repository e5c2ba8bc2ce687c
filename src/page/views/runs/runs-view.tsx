import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { useLoaded } from '../../api/loaded.ts';
import type { Runs } from '../../api/types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { OperateLink } from '../../cluster/operate.tsx';
import { durationText } from '../../parts/amounts.ts';
import { Chips, type Chip } from '../../parts/chips.tsx';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { TimeAgo, useNow } from '../../parts/time-ago.tsx';
import { Link, useRouter } from '../../router.tsx';
import { countsText, filteredRuns, runRows, type Outcome, type RunRow } from './model.ts';
import './runs.css';

const REFRESH_MS = 5_000;
/** Rows in the document at a time. */
const PAGE_ROWS = 50;
const LIMIT = 200;
const MAX_LIMIT = 1000;

const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ['running', 'running'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['interrupted', 'interrupted'],
  ['broken', 'killed'],
];

/** What was done to the cluster, the newest first. */
export function RunsView(): JSX.Element {
  const api = useApi();
  const now = useNow();
  const { cluster } = useCluster();
  const [limit, setLimit] = useState(LIMIT);
  const [filter, setFilter] = useState('');
  const [outcomes, setOutcomes] = useState<ReadonlySet<Outcome>>(new Set());
  const [page, setPage] = useState(0);
  const current = cluster.data?.run ?? null;
  const { data, error, atMs, refresh } = useLoaded(
    `${limit} ${current}`,
    (signal) => api.get<Runs>('/runs', { signal, query: { limit } }),
    REFRESH_MS,
  );

  const all = runRows(data?.runs ?? [], cluster.data?.interrupted?.run ?? null, Math.max(now, Date.now()));
  const rows = filteredRuns(all, filter, outcomes);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const at = Math.min(page, pages - 1);
  const shown = rows.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS);
  const chips = OUTCOMES.map(([key, label]): Chip<Outcome> => ({
    key,
    label,
    count: all.filter(({ outcome }) => outcome === key).length,
    tone: key === 'running' ? 'working' : key,
  }));
  return (
    <Page title="Runs">
      <div class="stack">
        {error === null ? null : <Problem error={error} dataAtMs={atMs} onRetry={refresh} />}
        {data === null ? (
          error === null ? (
            <Waiting>Asking for the runs</Waiting>
          ) : null
        ) : all.length === 0 ? (
          <div class="card">
            <Empty title="Nothing has run yet">
              <p>Each apply, start, stop and restart leaves a run here, with its logs.</p>
              <Link to="/plan" class="button button-main">
                Plan
              </Link>
            </Empty>
          </div>
        ) : (
          <>
            <div class="tools">
              <input
                class="input runs-filter"
                type="search"
                data-filter
                aria-label="Filter by operation, person or id"
                placeholder="Filter"
                value={filter}
                onInput={({ currentTarget }) => {
                  setFilter(currentTarget.value);
                  setPage(0);
                }}
              />
              <Chips label="Outcome" chips={chips} chosen={outcomes} onChange={setOutcomes} />
            </div>
            {rows.length === 0 ? <Empty title="No run is like that" /> : <RunTable rows={shown} />}
            <div class="tools runs-pages">
              {pages > 1 && (
                <>
                  <button type="button" class="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
                    Newer
                  </button>
                  <span class="soft">
                    {(at * PAGE_ROWS + 1).toLocaleString()} to{' '}
                    {Math.min(rows.length, (at + 1) * PAGE_ROWS).toLocaleString()} of{' '}
                    {rows.length.toLocaleString()}
                  </span>
                  <button
                    type="button"
                    class="button"
                    disabled={at === pages - 1}
                    onClick={() => setPage(at + 1)}
                  >
                    Older
                  </button>
                </>
              )}
              {data.runs.length >= limit && limit < MAX_LIMIT ? (
                <button type="button" class="button" onClick={() => setLimit(MAX_LIMIT)}>
                  Ask for older runs
                </button>
              ) : null}
            </div>
          </>
        )}
      </div>
    </Page>
  );
}

function RunTable({ rows }: { readonly rows: readonly RunRow[] }): JSX.Element {
  return (
    <div class="table-frame" role="region" aria-label="Runs, a table" tabIndex={0}>
      <table class="table runs-table">
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Instances</th>
            <th scope="col">Who</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.run} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { readonly row: RunRow }): JSX.Element {
  const { run, operation, owner, startedMs, tookMs, outcome, isToResume } = row;
  const { go } = useRouter();
  return (
    <tr
      class="row-link"
      // For the mouse only: the link in it is for everybody.
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest('a') && String(getSelection()) === '') go(`/runs/${run}`);
      }}
    >
      <td>
        <StateBadge
          state={outcome === 'running' ? 'working' : outcome}
          label={outcome === 'broken' ? 'killed' : outcome}
          isPill
        />
      </td>
      <th scope="row">
        <Link to={`/runs/${run}`}>{operation ?? 'a run that could not tell'}</Link>
        {isToResume ? (
          <>
            {' '}
            <OperateLink to="/plan?now" class="runs-resume">
              Plan to resume
            </OperateLink>
          </>
        ) : null}
      </th>
      <td>{startedMs === null ? '' : <TimeAgo ms={startedMs} />}</td>
      <td class="number nowrap">{tookMs === null ? '' : durationText(tookMs)}</td>
      <td class="nowrap">{countsText(row)}</td>
      <td>{owner ?? ''}</td>
      <td class="mono nowrap soft">{run}</td>
    </tr>
  );
}
