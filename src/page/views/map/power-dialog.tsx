import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApi } from '../../api/api-context.ts';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import type { Cluster, RunStarted } from '../../api/types.ts';
import { useCluster } from '../../cluster/cluster-context.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useNotify } from '../../parts/notices.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Words } from '../../parts/words.tsx';
import { Link } from '../../router.tsx';
import { consequencesOf, questionOf, selectorOf, type PowerOrder } from './power.ts';

export interface PowerDialogProps {
  readonly order: PowerOrder;
  readonly cluster: Cluster;
  readonly onClose: () => void;
}

/** Says what a start, stop or restart will do, and does it. */
export function PowerDialog({ order, cluster, onClose }: PowerDialogProps): JSX.Element {
  const api = useApi();
  const known = useCluster();
  const notify = useNotify();
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const word = { start: 'Start', stop: 'Stop', restart: 'Restart' }[order.does];
  const begin = async (): Promise<void> => {
    setIsSending(true);
    setError(null);
    try {
      const { run } = await api.post<RunStarted>('/runs', {
        does: order.does,
        selectors: [selectorOf(order)],
      });
      notify(
        <>
          {word} of {selectorOf(order)} has begun: <Link to={`/runs/${run}`}>watch the run</Link>
        </>,
      );
      known.cluster.refresh();
      onClose();
    } catch (problem) {
      setError(asApiError(problem));
      setIsSending(false);
    }
  };
  return (
    <Dialog
      title={questionOf(order, cluster)}
      onClose={onClose}
      onSubmit={() => {
        if (!isSending) void begin();
      }}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            class={order.does === 'start' ? 'button button-main' : 'button button-danger'}
            aria-disabled={isSending}
            autofocus
          >
            {isSending ? 'Beginning…' : word}
          </button>
        </>
      }
    >
      {consequencesOf(order, cluster).map((sentence) => (
        <p key={sentence}>
          <Words text={sentence} />
        </p>
      ))}
      {error === null ? null : <Problem error={error} />}
    </Dialog>
  );
}
