import type { JSX } from 'preact';
import { useCluster } from './cluster/cluster-context.tsx';
import { OperateLink } from './cluster/operate.tsx';
import { counted } from './parts/amounts.ts';
import { TimeAgo } from './parts/time-ago.tsx';
import { Link } from './router.tsx';

/** What everybody should know, whatever they look at. */
export function Banners(): JSX.Element {
  return (
    <>
      <Lost />
      <Interrupted />
    </>
  );
}

function Lost(): JSX.Element | null {
  const { cluster } = useCluster();
  if (cluster.error === null) return null;
  return (
    <div class="banner banner-lost" role="alert">
      <span class="state" data-state="failed">
        <span class="state-shape" aria-hidden="true" />
        <strong>{cluster.error.summary}</strong>
      </span>
      <span>
        {cluster.error.isSilence ? 'Trying again every few seconds.' : cluster.error.detail}
        {cluster.atMs === null ? null : (
          <>
            {' '}
            What you see is from <TimeAgo ms={cluster.atMs} />.
          </>
        )}
      </span>
      <button type="button" class="button" onClick={cluster.refresh}>
        Try now
      </button>
    </div>
  );
}

function Interrupted(): JSX.Element | null {
  const { cluster } = useCluster();
  const interrupted = cluster.data?.interrupted ?? null;
  if (interrupted === null || cluster.data?.run !== null) return null;
  const { run, unfinished } = interrupted;
  return (
    <div class="banner" role="status">
      <span class="state" data-state="interrupted">
        <span class="state-shape" aria-hidden="true" />
        <strong>A run was killed in the middle</strong>
      </span>
      <span>
        <Link to={`/runs/${run}`}>{run}</Link>{' '}
        {unfinished.length === 0
          ? 'left nothing half done.'
          : unfinished.length <= 3
            ? `left ${unfinished.join(', ')} half done.`
            : `left ${counted(unfinished.length, 'instance')} half done.`}{' '}
        An apply takes it up again.
      </span>
      <OperateLink to="/plan?now" class="button">
        Plan to resume
      </OperateLink>
    </div>
  );
}
