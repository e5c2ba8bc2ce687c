import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Cluster } from '../../api/types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { totalsOf } from '../../cluster/totals.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { useMedia } from '../../parts/media.ts';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link, useRouter } from '../../router.tsx';
import { ComponentPanel } from './component-panel.tsx';
import { GroupMap } from './groups.tsx';
import { InstancePanel } from './instance-panel.tsx';
import { MatrixMap } from './matrix.tsx';
import { filterSpots, groupsOf, hostNamesOf, MATRIX_HOSTS, matrixOf, spotsOf } from './model.ts';
import './map.css';

/** All instances and how they are: `/`, filtered by `?q=` and `?state=`, with the details of `?instance=` or `?component=`. */
export function MapView(): JSX.Element {
  const { cluster } = useCluster();
  if (cluster.data === null)
    return (
      <Page title="Map">
        {cluster.error === null ? (
          <Waiting>Asking the server</Waiting>
        ) : (
          <Problem error={cluster.error} onRetry={cluster.refresh} />
        )}
      </Page>
    );
  if (cluster.data.components.every(({ instances }) => instances.length === 0))
    return (
      <Page title="Map">
        <Empty title="Nothing is deployed yet">
          <p>A plan shows what the spec would put on which host. Nothing happens before you apply it.</p>
          <Link to="/plan" class="button button-main">
            Plan
          </Link>
        </Empty>
      </Page>
    );
  return <ClusterMap cluster={cluster.data} />;
}

function ClusterMap({ cluster }: { readonly cluster: Cluster }): JSX.Element {
  const { report } = useCluster();
  const { query, setQuery } = useRouter();
  const [active, setActive] = useState<string | null>(null);
  const isNarrow = useMedia('(max-width: 40rem)');
  const text = query.get('q') ?? '';
  const condition = query.get('state');
  const opened = query.get('instance');
  const component = query.get('component');

  const spots = useMemo(() => spotsOf(cluster, report.data), [cluster, report.data]);
  const hostNames = useMemo(() => hostNamesOf(report.data), [report.data]);
  const shown = useMemo(
    () => filterSpots(spots, { text, condition }, hostNames),
    [spots, hostNames, text, condition],
  );
  const order = cluster.components.map(({ name }) => name);
  const hostCount = new Set(spots.map(({ host }) => host)).size;
  const mayBeMatrix = hostCount <= MATRIX_HOSTS;
  const isMatrix = mayBeMatrix && (query.get('view') ?? (isNarrow ? 'groups' : 'matrix')) === 'matrix';
  const panel = spots.find(({ address }) => address === opened);
  const group = groupsOf(spots, order).find((one) => one.component === component);

  const parts = {
    active,
    opened,
    onActive: setActive,
    onOpen: (address: string) => setQuery({ instance: address === opened ? null : address, component: null }),
    onComponent: (name: string) => setQuery({ component: name === component ? null : name, instance: null }),
  };
  // That the server does not answer stands above every view.
  return (
    <Page
      title="Map"
      actions={
        <div class="tools">
          {report.atMs === null ? null : (
            <span class="soft">
              Looked <TimeAgo ms={report.atMs} />
            </span>
          )}
          <input
            type="search"
            class="input map-filter"
            placeholder="Filter"
            aria-label="Filter by component, host or address"
            data-filter
            value={text}
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
          <select
            class="select"
            aria-label="State"
            value={condition ?? ''}
            onChange={(event) => setQuery({ state: event.currentTarget.value })}
          >
            <option value="">All states</option>
            {statesToChoose(report.data === null ? [] : totalsOf(report.data), condition).map((one) => (
              <option key={one.condition} value={one.condition}>
                {one.condition} ({one.count})
              </option>
            ))}
          </select>
          {mayBeMatrix ? (
            <div class="choice" role="group" aria-label="Shown as">
              <button
                type="button"
                aria-pressed={isMatrix}
                onClick={() => setQuery({ view: isNarrow ? 'matrix' : null })}
              >
                By host
              </button>
              <button
                type="button"
                aria-pressed={!isMatrix}
                onClick={() => setQuery({ view: isNarrow ? null : 'groups' })}
              >
                By component
              </button>
            </div>
          ) : null}
        </div>
      }
    >
      <div class="stack">
        {report.error === null || report.error.isSilence ? null : (
          <Problem error={report.error} dataAtMs={report.atMs} onRetry={report.refresh} />
        )}
        {shown.length === 0 ? (
          <Empty title="No instance is like that">
            <button type="button" class="button" onClick={() => setQuery({ q: null, state: null })}>
              Show all {spots.length}
            </button>
          </Empty>
        ) : isMatrix ? (
          <MatrixMap matrix={matrixOf(shown, order, hostNames)} {...parts} />
        ) : (
          <GroupMap groups={groupsOf(shown, order)} hostNames={hostNames} {...parts} />
        )}
      </div>
      {panel === undefined ? null : (
        <InstancePanel
          key={panel.address}
          spot={panel}
          cluster={cluster}
          report={report.data}
          onClose={() => setQuery({ instance: null })}
        />
      )}
      {group === undefined || panel !== undefined ? null : (
        <ComponentPanel
          key={group.component}
          group={group}
          cluster={cluster}
          onClose={() => setQuery({ component: null })}
        />
      )}
    </Page>
  );
}

/** The one that is chosen stays in the list when nobody is in it any more. */
function statesToChoose(
  totals: readonly { readonly condition: string; readonly count: number }[],
  chosen: string | null,
): readonly { readonly condition: string; readonly count: number }[] {
  if (chosen === null || totals.some(({ condition }) => condition === chosen)) return totals;
  return [...totals, { condition: chosen, count: 0 }];
}
