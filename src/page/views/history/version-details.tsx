import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import type { Version, VersionSummary } from '../../api/history-types.ts';
import { useLoaded } from '../../api/loaded.ts';
import { OperateButton } from '../../cluster/operate.tsx';
import { counted } from '../../parts/amounts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { fullTime, TimeAgo } from '../../parts/time-ago.tsx';
import { Link, useRouter } from '../../router.tsx';
import { ChangedInstances, VariableValues, VersionFiles } from './version-parts.tsx';
import { RollbackDialog } from './rollback-dialog.tsx';
import { VersionDiff } from './version-diff.tsx';

const TABS = ['differences', 'files', 'instances', 'variables'] as const;
type Tab = (typeof TABS)[number];

/** One version: how it differs from others, its files, what it did. */
export function VersionDetails({
  number,
  versions,
}: {
  readonly number: number;
  readonly versions: readonly VersionSummary[];
}): JSX.Element {
  const api = useApi();
  const { query, setQuery } = useRouter();
  const [isRollingBack, setIsRollingBack] = useState(false);
  const { data, error, refresh } = useLoaded(String(number), (signal) =>
    api.get<Version>(`/history/${number}`, { signal }),
  );
  const tab = TABS.find((name) => name === query.get('show')) ?? 'differences';
  const summary = versions.find(({ version }) => version === number);
  const operation = data?.operation ?? summary?.operation ?? '';
  const time = data?.time ?? summary?.time;
  const isDestroy = operation === 'destroy';
  return (
    <section class="card history-details" aria-label={`Version ${number}`}>
      <div class="card-head">
        <Link to="/history" class="history-back">
          All versions
        </Link>
        <div class="grow">
          <h2>
            Version {number}
            <span class="history-operation"> {operation}</span>
          </h2>
          {time === undefined ? null : (
            <p class="soft">
              <TimeAgo ms={Date.parse(time)} /> by {data?.author ?? summary?.author}, in{' '}
              <Link to={`/runs/${data?.run ?? summary?.run ?? ''}`} title={fullTime(Date.parse(time))}>
                its run
              </Link>
              {partWords(data)}
            </p>
          )}
        </div>
        <OperateButton
          type="button"
          class="button"
          disabled={data === null || isDestroy}
          title={isDestroy ? 'A destroy has no spec to go back to' : undefined}
          onClick={() => setIsRollingBack(true)}
        >
          Roll back to {number}…
        </OperateButton>
      </div>
      <div class="card-body stack">
        {error === null ? null : <Problem error={error} onRetry={refresh} />}
        {data === null ? (
          error === null ? (
            <Waiting>Asking for version {number}</Waiting>
          ) : null
        ) : (
          <Tabs<Tab>
            label={`Version ${number}`}
            tabs={[
              { key: 'differences', label: 'Differences' },
              { key: 'files', label: `Files (${data.files.length})` },
              { key: 'instances', label: `Instances changed (${data.changes.length})` },
              { key: 'variables', label: `Variables (${Object.keys(data.variables).length})` },
            ]}
            chosen={tab}
            onChoose={(key) => setQuery({ show: key === 'differences' ? null : key })}
          >
            <div class="history-panel stack">
              {tab === 'differences' ? (
                <VersionDiff number={number} versions={versions} />
              ) : tab === 'files' ? (
                <VersionFiles files={data.files} />
              ) : tab === 'instances' ? (
                <ChangedInstances changes={data.changes} />
              ) : (
                <VariableValues variables={data.variables} />
              )}
            </div>
          </Tabs>
        )}
      </div>
      {isRollingBack ? <RollbackDialog number={number} onClose={() => setIsRollingBack(false)} /> : null}
    </section>
  );
}

function partWords(version: Version | null): string {
  const { targets = [], excludes = [] } = version ?? {};
  if (targets.length > 0) return `; only ${targets.join(', ')}`;
  if (excludes.length > 0)
    return `; without ${excludes.length > 3 ? counted(excludes.length, 'part') : excludes.join(', ')}`;
  return '';
}
