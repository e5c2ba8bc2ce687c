import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asApiError, type ApiError } from '../../api/api-error.ts';
import { useApi } from '../../api/api-context.ts';
import { OperateButton } from '../../cluster/operate.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { RunModel } from './model.ts';

/** Ends a run before its end: first what runs is finished, then at once, if that takes too long. */
export function CancelRun({ model }: { readonly model: RunModel }): JSX.Element | null {
  const [isAsking, setIsAsking] = useState(false);
  const canCancel = model.phase !== null;
  // It may end while somebody ponders.
  useEffect(() => {
    if (!canCancel) setIsAsking(false);
  }, [canCancel]);
  if (!canCancel) return null;
  const isNow = model.stopping !== null;
  return (
    <>
      <OperateButton
        type="button"
        class="button"
        disabled={model.stopping === 'now'}
        onClick={() => setIsAsking(true)}
      >
        {isNow ? 'End it now…' : 'End the run…'}
      </OperateButton>
      {isAsking ? <CancelDialog model={model} isNow={isNow} onClose={() => setIsAsking(false)} /> : null}
    </>
  );
}

function CancelDialog({
  model: { run, counts },
  isNow,
  onClose,
}: {
  readonly model: RunModel;
  readonly isNow: boolean;
  readonly onClose: () => void;
}): JSX.Element {
  const api = useApi();
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const send = (): void => {
    setIsSending(true);
    api
      .post(`/runs/${encodeURIComponent(run)}/cancel`, { mode: isNow ? 'now' : 'graceful' })
      .then(onClose)
      .catch((problem: unknown) => {
        setError(asApiError(problem));
        setIsSending(false);
      });
  };
  return (
    <Dialog
      title={isNow ? 'End the run now?' : 'End the run?'}
      onClose={onClose}
      onSubmit={send}
      actions={
        <>
          <button type="button" class="button" autofocus onClick={onClose}>
            Let it go on
          </button>
          <button type="submit" class="button button-danger" disabled={isSending}>
            {isNow ? 'End it now' : 'End after what runs'}
          </button>
        </>
      }
    >
      {error === null ? null : <Problem error={error} />}
      {isNow ? (
        <p>
          What is being worked on is left where it is; what was started on a host goes on to its end there.
          That is safe: the next apply looks first, and goes on from there.
        </p>
      ) : (
        <p>
          {counts.running === 0 ? 'What runs' : `The ${counts.running} that run`} will be finished, and
          nothing new begins.
          {counts.waiting === 0 ? '' : ` ${counts.waiting} that wait stay as they are.`} The next apply does
          the rest.
        </p>
      )}
    </Dialog>
  );
}
