import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import type { Component } from '../../api/types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { counted } from '../../parts/amounts.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Link, useRouter } from '../../router.tsx';
import { addressOf, choiceOf, toggled, type LogChoice } from './choice.ts';
import { LogPane } from './log-pane.tsx';
import { LogTree } from './log-tree.tsx';
import { selectedInstances, treeRows, type TreeRow } from './tree.ts';
import { useListings } from './use-listings.ts';
import './logs.css';

/** Smaller clusters lie open from the start. */
const OPEN_INSTANCES = 12;

/** The logs of all instances: which there are, and their lines. */
export function LogsView(): JSX.Element {
  const { cluster } = useCluster();
  const { data, error, refresh } = cluster;
  return (
    <Page title="Logs">
      {data === null ? (
        error === null ? (
          <Waiting>Asking what there is</Waiting>
        ) : (
          <Problem error={error} onRetry={refresh} />
        )
      ) : data.components.length === 0 ? (
        <div class="card">
          <Empty title="Nothing is deployed">
            <p>Instances have logs once they are there.</p>
            <Link to="/plan" class="button button-main">
              Plan
            </Link>
          </Empty>
        </div>
      ) : (
        <Browser components={data.components} />
      )}
    </Page>
  );
}

function Browser({ components }: { readonly components: readonly Component[] }): JSX.Element {
  const { query, go } = useRouter();
  const api = useApi();
  const choice = choiceOf(query);
  const { selectors, log } = choice;
  const [filter, setFilter] = useState('');
  const instances = useMemo(
    () => selectedInstances(selectors, components),
    [selectors.join(' '), components],
  );
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(components, instances));
  const [isListShown, setIsListShown] = useState(selectors.length === 0);
  const listings = useListings(components, open, instances);
  const rows = useMemo(
    () => treeRows({ components, listings: listings.byInstance, open, filter }),
    [components, listings.byInstance, open, filter],
  );

  const change = (next: LogChoice, isNew = false): void => go(addressOf(next), { replace: !isNew });
  const chosen = new Set(instances);
  const isChosen = (row: TreeRow): boolean => {
    switch (row.kind) {
      case 'component':
        return selectors.includes(row.selector);
      case 'instance':
        return chosen.has(row.selector);
      case 'log':
        return chosen.has(row.instance) && (log === null || log === row.log);
      case 'words':
        return false;
      default:
        return row satisfies never;
    }
  };
  const logs = [
    ...new Set(instances.flatMap((one) => listings.byInstance.get(one)?.map((listing) => listing.log) ?? [])),
  ].filter((name) => name !== '');
  const [only] = instances;
  const oneLog = log ?? (logs.length === 1 ? (logs[0] ?? null) : null);
  const isOne = only !== undefined && instances.length === 1 && oneLog !== null;
  // Narrow windows show the list in place of the lines, until something is chosen.
  useEffect(() => setIsListShown(selectors.length === 0), [selectors.join(' '), log]);

  return (
    <div class="logs">
      <button
        type="button"
        class="button logs-list-button"
        aria-expanded={isListShown}
        onClick={() => setIsListShown(!isListShown)}
      >
        {isListShown ? 'Hide the list' : 'Choose other logs'}
      </button>
      <section class={`card logs-list${isListShown ? ' logs-list-shown' : ''}`} aria-label="Which logs">
        <div class="logs-filter">
          <input
            class="input"
            type="search"
            data-filter
            aria-label="Filter by name"
            placeholder="Filter"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label="Ask for the sizes again"
            title="Ask for the sizes again"
            aria-disabled={listings.isAsking}
            onClick={() => {
              if (!listings.isAsking) listings.refresh();
            }}
          >
            <span aria-hidden="true">↻</span>
          </button>
        </div>
        {rows.length === 0 ? <p class="logs-none">Nothing is called so.</p> : null}
        <LogTree
          rows={rows}
          isChosen={isChosen}
          onOpen={(key, isOpen) => setOpen(changedSet(open, key, isOpen))}
          onChoose={(row) => {
            if (row.kind === 'words') return;
            if (row.kind === 'log')
              return change({ ...choice, selectors: [row.instance], log: row.log }, true);
            if (row.kind === 'instance' && !row.isOpen) setOpen(changedSet(open, row.key, true));
            change({ ...choice, selectors: [row.selector], log: null }, true);
          }}
          onToggle={(row) => {
            if (row.kind === 'words') return;
            const selector = row.kind === 'log' ? row.instance : row.selector;
            change(toggled(choice, selector, components), true);
          }}
        />
        <p class="logs-hint soft">Space, or Ctrl and click, takes one more.</p>
      </section>
      {selectors.length === 0 ? (
        <div class="card logs-main">
          <Empty title="No log is chosen">
            <p>A component shows the logs of all its instances at once, an instance all of its own.</p>
          </Empty>
        </div>
      ) : (
        <LogPane
          choice={choice}
          title={titleOf(selectors, instances, isOne ? oneLog : log)}
          logs={logs}
          naming={instances.length !== 1 ? 'instance' : log === null ? 'log' : 'none'}
          onChange={change}
          onDownload={
            isOne
              ? () =>
                  void api.download(
                    `/logs/${encodeURIComponent(only)}/${encodeURIComponent(oneLog)}`,
                    `${only}-${oneLog}.log`,
                    { query: { lines: 0, download: true } },
                  )
              : null
          }
        />
      )}
    </div>
  );
}

function openAtFirst(components: readonly Component[], chosen: readonly string[]): ReadonlySet<string> {
  const open = new Set<string>();
  const total = components.reduce((sum, { instances }) => sum + instances.length, 0);
  for (const { name, instances } of components) {
    if (total <= OPEN_INSTANCES || instances.some((instance) => chosen.includes(instance))) open.add(name);
    if (total <= OPEN_INSTANCES / 2) for (const instance of instances) open.add(instance);
  }
  if (chosen.length <= 3) for (const instance of chosen) open.add(instance);
  return open;
}

function changedSet(set: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(key);
  else next.delete(key);
  return next;
}

function titleOf(selectors: readonly string[], instances: readonly string[], log: string | null): string {
  const whose =
    selectors.length === 1 || instances.length === 0
      ? selectors.join(', ')
      : instances.length <= 2
        ? instances.join(', ')
        : counted(instances.length, 'instance');
  return log === null ? whose : `${whose} · ${log}`;
}
