import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { useLoaded } from '../../api/loaded.ts';
import type { Cluster, Hosts } from '../../api/types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { SortOrder } from '../../parts/table.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link, useRouter } from '../../router.tsx';
import { HostPanel } from './host-panel.tsx';
import { HostTable } from './host-table.tsx';
import { filterHosts, hostRows, sortHosts } from './model.ts';
import './hosts.css';

/** Hardware changes seldom, and all hosts are asked for it. */
const HARDWARE_MS = 60_000;

/** Hosts with hardware and usage: `/hosts`, filtered by `?q=`, with the details of `?host=`. */
export function HostsView(): JSX.Element {
  const { cluster } = useCluster();
  if (cluster.data === null)
    return (
      <Page title="Hosts">
        {cluster.error === null ? (
          <Waiting>Asking the server</Waiting>
        ) : (
          <Problem error={cluster.error} onRetry={cluster.refresh} />
        )}
      </Page>
    );
  if (cluster.data.hosts.length === 0)
    return (
      <Page title="Hosts">
        <Empty title="No host is in use yet">
          <p>Hosts stand here once something is deployed to them.</p>
          <Link to="/plan" class="button button-main">
            Plan
          </Link>
        </Empty>
      </Page>
    );
  return <ClusterHosts cluster={cluster.data} />;
}

function ClusterHosts({ cluster }: { readonly cluster: Cluster }): JSX.Element {
  const api = useApi();
  const { report } = useCluster();
  const { query, setQuery } = useRouter();
  const [order, setOrder] = useState<SortOrder>({ by: 'host', isDown: false });
  const hosts = useLoaded(
    cluster.hosts.join(' '),
    (signal) => api.get<Hosts>('/hosts', { signal }),
    HARDWARE_MS,
  );
  const rows = useMemo(() => hostRows(cluster, report.data, hosts.data), [cluster, report.data, hosts.data]);
  const text = query.get('q') ?? '';
  const opened = query.get('host');
  const shown = useMemo(() => sortHosts(filterHosts(rows, text), order), [rows, text, order]);
  const panel = rows.find(({ address }) => address === opened);
  const error = report.error ?? hosts.error;
  return (
    <Page
      title="Hosts"
      actions={
        <div class="tools">
          {report.atMs === null ? null : (
            <span class="soft">
              Looked <TimeAgo ms={report.atMs} />
            </span>
          )}
          <input
            type="search"
            class="input"
            placeholder="Filter"
            aria-label="Filter by name, address, system or component"
            data-filter
            value={text}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
        </div>
      }
    >
      <div class="stack">
        {error === null || error.isSilence ? null : (
          <Problem
            error={error}
            dataAtMs={report.atMs}
            onRetry={() => {
              report.refresh();
              hosts.refresh();
            }}
          />
        )}
        {shown.length === 0 ? (
          <Empty title="No host is like that">
            <button type="button" class="button" onClick={() => setQuery({ q: null })}>
              Show all {rows.length}
            </button>
          </Empty>
        ) : (
          <HostTable
            rows={shown}
            order={order}
            onSort={setOrder}
            opened={opened}
            onOpen={(address) => setQuery({ host: address === opened ? null : address })}
          />
        )}
      </div>
      {panel === undefined ? null : (
        <HostPanel
          key={panel.address}
          row={panel}
          isLoading={hosts.isLoading}
          onClose={() => setQuery({ host: null })}
        />
      )}
    </Page>
  );
}
