import type { JSX } from 'preact';
import { useCluster } from './cluster/cluster-context.tsx';
import { READER_NOTE, READER_WORDS, useIsReader } from './cluster/operate.tsx';
import { totalsOf } from './cluster/totals.ts';
import { StateBadge } from './parts/state-badge.tsx';
import { Link, useRouter } from './router.tsx';
import { GO_KEYS } from './shortcuts.tsx';

/** Name of the cluster, the views, how all is, and the run that goes on. */
export function Header({ onHelp }: { readonly onHelp: () => void }): JSX.Element {
  const { cluster } = useCluster();
  const { path } = useRouter();
  const name = cluster.data?.cluster ?? 'slipway';
  return (
    <header class="bar">
      <Link to="/" class="bar-title" aria-label={`${name}, to the map`}>
        <svg class="bar-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" fill="#3550d4" />
          <path d="M6 20 L26 12 L26 16 L6 24 Z" fill="#fff" />
          <path d="M10 8 h12 l-3 5 h-6 Z" fill="#fff" opacity=".8" />
        </svg>
        <span title={name}>{name}</span>
      </Link>
      <nav class="bar-nav" aria-label="Views">
        <ul>
          {Object.values(GO_KEYS).map((view) => (
            <li key={view.path}>
              <Link to={view.path} aria-current={isWithin(path, view.path) ? 'page' : undefined}>
                {view.name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div class="bar-status">
        <RunChip />
        <Totals />
        <Reader />
        <button
          type="button"
          class="button button-quiet button-icon bar-help"
          aria-label="Keys and help"
          title="Keys and help (?)"
          onClick={onHelp}
        >
          <span aria-hidden="true">?</span>
        </button>
      </div>
    </header>
  );
}

function isWithin(path: string, view: string): boolean {
  return path === view || (view !== '/' && path.startsWith(`${view}/`));
}

function Totals(): JSX.Element | null {
  const { report } = useCluster();
  if (report.data === null) return null;
  return (
    <ul class="totals" aria-label="Instances by state">
      {totalsOf(report.data).map(({ condition, count }) => (
        <li key={condition}>
          <Link to={`/?state=${condition}`} class="state state-pill" data-state={condition}>
            <span class="state-shape" aria-hidden="true" />
            {count} {condition}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Who may only read sees all that there is to do, and here why they cannot do it. */
function Reader(): JSX.Element | null {
  const isReader = useIsReader();
  return isReader ? (
    <span id={READER_NOTE} class="reader-chip">
      {READER_WORDS}
    </span>
  ) : null;
}

function RunChip(): JSX.Element | null {
  const { cluster, run } = useCluster();
  const id = cluster.data?.run ?? null;
  if (id === null) return null;
  const instances = run?.instances ?? [];
  const done = instances.filter(({ outcome }) => outcome !== 'untouched').length;
  const failed = instances.filter(({ outcome }) => outcome === 'failed').length;
  const what = run?.operation ?? 'Run';
  return (
    <Link to={`/runs/${id}`} class="run-chip" title={`Run ${id}`}>
      <span class="state" data-state="working">
        <span class="state-shape" aria-hidden="true" />
      </span>
      {instances.length === 0 ? (
        `${what}: preparing`
      ) : (
        <>
          {what}: {done} of {instances.length}
          {failed === 0 ? null : <StateBadge state="failed" label={`${failed} failed`} />}
          <span class="progress" aria-hidden="true">
            <span style={{ width: `${(done / instances.length) * 100}%` }} />
          </span>
        </>
      )}
    </Link>
  );
}
