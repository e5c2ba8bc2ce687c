import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import type { History, VersionSummary } from '../../api/history-types.ts';
import { useLoaded } from '../../api/loaded.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { counted } from '../../parts/amounts.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link, useRouter } from '../../router.tsx';
import { countsSpoken, countsText } from './model.ts';
import { VersionDetails } from './version-details.tsx';
import './history.css';

/** Rows in the document, until somebody wants more. */
const ROWS = 100;

/** Versions of the spec that were applied: what they were, how they differ, and the way back. `version`: of the path. */
export function HistoryView({ version }: { readonly version: number | null }): JSX.Element {
  const api = useApi();
  const { query } = useRouter();
  const { cluster } = useCluster();
  const serial = cluster.data?.serial ?? 0;
  const { data, error, atMs, refresh } = useLoaded(`history ${serial}`, (signal) =>
    api.get<History>('/history', { signal }),
  );
  const asked = Number(query.get('version') ?? version ?? 0);
  const newest = data?.versions.at(-1)?.version;
  const chosen = asked > 0 ? asked : (newest ?? null);
  return (
    <Page title="History">
      <div class="stack">
        {error === null ? null : <Problem error={error} dataAtMs={atMs} onRetry={refresh} />}
        {data === null ? (
          error === null ? (
            <Waiting>Asking for the versions</Waiting>
          ) : null
        ) : data.versions.length === 0 ? (
          <div class="card">
            <Empty title="The history is empty">
              <p>Every apply that succeeds adds a version of the spec.</p>
              <Link to="/plan" class="button button-main">
                Plan
              </Link>
            </Empty>
          </div>
        ) : (
          <div class={`history${asked > 0 ? ' history-chosen' : ''}`}>
            <VersionList history={data} chosen={chosen} />
            {chosen === null ? null : (
              <VersionDetails key={chosen} number={chosen} versions={data.versions} />
            )}
          </div>
        )}
      </div>
    </Page>
  );
}

function VersionList({
  history: { versions, deployments },
  chosen,
}: {
  readonly history: History;
  readonly chosen: number | null;
}): JSX.Element {
  const [isAll, setIsAll] = useState(false);
  const newest = versions.toReversed();
  const shown = isAll ? newest : newest.slice(0, ROWS);
  return (
    <section class="card history-list" aria-label="Versions">
      <ol reversed>
        {shown.map((one) => (
          <li key={one.version}>
            <VersionLink one={one} isChosen={one.version === chosen} />
          </li>
        ))}
      </ol>
      {shown.length < newest.length ? (
        <button type="button" class="button button-quiet" onClick={() => setIsAll(true)}>
          Show {newest.length - shown.length} older ones
        </button>
      ) : null}
      <p class="history-sum soft">{counted(deployments, 'deployment')} succeeded in all</p>
    </section>
  );
}

function VersionLink({
  one,
  isChosen,
}: {
  readonly one: VersionSummary;
  readonly isChosen: boolean;
}): JSX.Element {
  const { version, operation, author, time, specVersion, counts } = one;
  const changed = countsText(counts);
  return (
    <Link
      to={`/history?version=${version}`}
      class="history-link"
      aria-current={isChosen ? 'true' : undefined}
    >
      <span class="history-number">{version}</span>
      <span class="grow">
        <span class="history-what">
          {operation}
          {specVersion === null ? null : <span class="history-spec">spec {specVersion}</span>}
        </span>
        <span class="history-who">
          <TimeAgo ms={Date.parse(time)} /> · {author}
        </span>
      </span>
      <span class="history-counts mono" aria-hidden="true">
        {changed === '' ? '=' : changed}
      </span>
      <span class="aside-text">{countsSpoken(counts)}</span>
    </Link>
  );
}
